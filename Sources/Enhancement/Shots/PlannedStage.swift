// Frames through one model after the other, as a plan says.
import Media
import Motion

/// Sends the frames of each shot through what the plan names for it.
///
/// Shots that follow one another and are treated alike are one run. Where runs meet, each sees the frames around it as any
/// frame sees its neighbours: those before it and after it only stand beside its own.
final class PlannedStage: FrameStage {
    private let model: PlannedModel
    private let width: Int, height: Int
    private let options: EnhancementOptions
    private var runs: [Run] = []
    /// The last frames, as many as differ from one another as an enhancer looks back.
    private var lead: [(frame: Frame, repeats: Bool)] = []
    private var finished = (times: EnhancementTimes(), repeated: 0, recalled: 0)

    init(_ model: PlannedModel, width: Int, height: Int, options: EnhancementOptions) {
        (self.model, self.width, self.height, self.options) = (model, width, height, options)
    }

    /// Frames that are treated alike, one after the other.
    private final class Run {
        let choice: ShotChoice
        let stage: (any FrameStage)?
        /// Of the frames inside the stage: whether they are the run's own.
        private var inside: [Bool] = []
        private(set) var ready: [Frame] = []
        /// Differing frames after its end that it has seen; nil while it goes on.
        var following: Int?

        /// Whether nothing that follows changes its frames.
        var isDone: Bool { following.map { $0 >= Surroundings.largestRadius } ?? false }

        init(_ choice: ShotChoice, _ stage: (any FrameStage)?) {
            (self.choice, self.stage) = (choice, stage)
        }

        func push(_ frame: Frame, isOwn: Bool) throws {
            guard let stage else {
                if isOwn { take(frame) }
                return
            }
            var frame = frame
            if !isOwn { frame.isContext = true }
            inside.append(isOwn)
            for result in try stage.push(frame) where inside.removeFirst() { take(result) }
        }

        func end() throws {
            for result in try stage?.flush() ?? [] where inside.removeFirst() { take(result) }
        }

        private func take(_ frame: Frame) {
            var frame = frame
            frame.coarser = choice.coarser
            ready.append(frame)
        }

        func hand() -> [Frame] {
            defer { ready = [] }
            return ready
        }
    }

    var times: EnhancementTimes {
        runs.reduce(finished.times) { $0 + ($1.stage?.times ?? EnhancementTimes()) }
    }
    var repeatedCount: Int {
        runs.reduce(finished.repeated) { $0 + ($1.stage?.repeatedCount ?? 0) }
    }
    var recalledCount: Int {
        runs.reduce(finished.recalled) { $0 + ($1.stage?.recalledCount ?? 0) }
    }

    func push(_ frame: Frame) throws -> [Frame] {
        let seconds = Double(frame.timestamp) * frame.timeBase.value - model.startTime
        let choice = model.current.plan.choice(at: seconds)
        let repeats = lead.last.map { isDuplicate(frame, of: $0.frame) } ?? false
        for run in runs where run.following != nil {
            try run.push(frame, isOwn: false)
            if !repeats { run.following! += 1 }
            // What repeats the last of them changes nothing.
            if run.isDone { try run.end() }
        }
        if let last = runs.last, last.following == nil, !last.choice.isTreated(like: choice) {
            last.following = 0
            try last.push(frame, isOwn: false)
            if !repeats { last.following = 1 }
        }
        if runs.last?.following != nil || runs.isEmpty {
            let run = Run(
                choice,
                try model.stage(for: choice, width: width, height: height, options: options))
            for earlier in lead { try run.push(earlier.frame, isOwn: false) }
            runs.append(run)
        }
        try runs.last!.push(frame, isOwn: true)
        remember(frame, repeats: repeats)
        return hand()
    }

    func flush() throws -> [Frame] {
        for run in runs {
            try run.end()
            run.following = .max
        }
        return hand()
    }

    private func remember(_ frame: Frame, repeats: Bool) {
        lead.append((frame, repeats))
        while lead.lazy.filter({ !$0.repeats }).count > Surroundings.largestRadius {
            lead.removeFirst()
        }
        // However long a picture stands still, one of it is enough.
        if repeats, lead.count > 1, lead[lead.count - 2].repeats { lead.remove(at: lead.count - 2) }
    }

    /// Frames that are ready, in order; runs that are done go.
    private func hand() -> [Frame] {
        var results: [Frame] = []
        while let run = runs.first {
            results += run.hand()
            guard run.isDone else { break }
            finished.times = finished.times + (run.stage?.times ?? EnhancementTimes())
            finished.repeated += run.stage?.repeatedCount ?? 0
            finished.recalled += run.stage?.recalledCount ?? 0
            runs.removeFirst()
        }
        return results
    }
}

extension ShotChoice {
    /// Whether frames of both may go through the same stage, and to the encoder alike.
    func isTreated(like other: ShotChoice) -> Bool {
        let isSkipped = (model == nil || strength == 0)
        let isOtherSkipped = (other.model == nil || other.strength == 0)
        if isSkipped || isOtherSkipped {
            return isSkipped == isOtherSkipped && coarser == other.coarser
        }
        return self == other
    }
}

extension EnhancementTimes {
    static func + (a: Self, b: Self) -> Self {
        var sum = a
        sum.motion += b.motion
        sum.packets += b.packets
        sum.network += b.network
        return sum
    }
}
