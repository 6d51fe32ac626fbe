// How long models and encoders take on this machine.
import Compute
import Enhancement
import Media
import Synchronization
import Terminal

/// What tells how fast a machine is.
public struct MachineClock: Sendable {
    let busy: @Sendable () -> Double, contention: @Sendable (_ threads: Int) -> Double

    /// A clock.
    ///
    /// - Parameters:
    ///   - busy: Seconds of processors that this program has had.
    ///   - contention: How much longer so many threads take than if there were no other programs.
    public init(
        busy: @escaping @Sendable () -> Double,
        contention: @escaping @Sendable (_ threads: Int) -> Double
    ) {
        (self.busy, self.contention) = (busy, contention)
    }

    /// That of this machine and this program.
    public static let system = MachineClock(busy: processorSeconds, contention: tried)

    /// Seconds that threads are kept busy for, to see how much of a processor each gets.
    private static let trial = 0.3

    /// Keeps threads busy for a moment.
    private static func tried(_ threads: Int) -> Double {
        let busy = Mutex(0.0)
        try? inParallel(threads, threads: threads) { _ in
            let (start, had) = (monotonicSeconds(), threadSeconds())
            while monotonicSeconds() - start < trial {}
            let seconds = threadSeconds() - had
            busy.withLock { $0 += seconds }
        }
        return min(max(Double(threads) * trial / max(busy.withLock { $0 }, 1e-3), 1), 10)
    }
}

/// Seconds that a luma pixel takes here, were there no other programs.
public struct MachineSpeed: Sendable {
    /// Of each model at balance 0, by name.
    public var models: [String: Double]
    /// Of decoding and encoding together.
    public var coding: Double
    /// How much longer all takes by the clock, because other programs have processors too.
    public var contention: Double

    /// Speeds that are known.
    public init(models: [String: Double], coding: Double, contention: Double = 1) {
        (self.models, self.coding, self.contention) = (models, coding, contention)
    }

    /// Frames that are timed, of which the fastest counts, after one that is not; and their size.
    static let frames = 3, width = 480, height = 272

    /// Times each model on a few frames of noise.
    ///
    /// - Parameters:
    ///   - survey: Whose frames are encoded, and whose decoding was timed.
    ///   - precision: Of all networks; nil: what suits each best.
    ///   - encode: Encodes frames as the output's will be; returns the seconds of the clock that it took.
    /// - Throws: `PlanError` where a network cannot be compiled, and what `encode` throws.
    public init(
        _ models: [String: any RestorationModel], on survey: ShotSurvey,
        options: EnhancementOptions, precision: Precision? = nil, clock: MachineClock = .system,
        encode: ([Frame]) throws -> Double
    ) throws {
        try self.init(timing: models, options: options, precision: precision, clock: clock)
        let pixels = Double(survey.width * survey.height)
        let encoding = try encode(survey.first) / Double(max(1, survey.first.count))
        let decoding = survey.decoding / Double(max(1, survey.frames))
        coding = (encoding + decoding) / pixels / contention
    }

    /// Times each model on a few frames of noise; nothing is known of coding.
    ///
    /// - Parameter busyThreads: How many threads will be at work; nil: as many as the options say.
    /// - Throws: `PlanError` where a network cannot be compiled.
    public init(
        timing models: [String: any RestorationModel], options: EnhancementOptions,
        precision: Precision? = nil, busyThreads: Int? = nil, clock: MachineClock = .system
    ) throws {
        self.models = try models.mapValues { try Self.seconds(of: $0, options, precision, clock) }
        coding = 0
        contention = clock.contention(busyThreads ?? max(1, options.threads))
    }

    private static func seconds(
        of model: any RestorationModel, _ options: EnhancementOptions, _ precision: Precision?,
        _ clock: MachineClock
    ) throws -> Double {
        var options = options
        (options.balance, options.strength, options.memory) = (.fixed(0), 1, nil)
        options.gate = DamageGate(zeroStep: 0, fullStep: 0)
        options.precision = precision ?? model.automaticPrecision(at: .fixed(0))
        options.tile = nil
        // One thread waits for no other: beside other programs the models still compare as they do alone.
        let threads = Double(max(1, options.threads))
        options.threads = 1
        let stage = try model.stage(width: width, height: height, options: options)
        // Frames that wait for their neighbours are not done yet; the first that is done is not timed.
        var done = 0, last: Double?, fastest = Double.infinity
        for index in 0..<4 * (frames + Surroundings.largestRadius) where done <= frames {
            guard try stage.push(noise(index)).count == 1 else { continue }
            let now = clock.busy()
            if let last { fastest = min(fastest, now - last) }
            last = now
            done += 1
        }
        return fastest.isFinite ? fastest / threads / Double(width * height) : 0
    }

    /// A picture of which no sample says anything about the next.
    private static func noise(_ index: Int) -> Frame {
        var frame = Frame(width: width, height: height, format: FrameFormat(.yuv420))
        var state = UInt32(truncatingIfNeeded: 2_463_534_242 &+ index &* 7919)
        for plane in frame.planes {
            for y in 0..<plane.height {
                for x in 0..<plane.width {
                    state ^= state << 13
                    state ^= state >> 17
                    state ^= state << 5
                    plane.store(Int(96 + state % 64), x, y)
                }
            }
        }
        frame.timestamp = Int64(index)
        frame.isKey = index == 0
        return frame
    }
}
