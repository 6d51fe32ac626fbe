// Rounds of a batch that must be done in time: what comes later is planned by how long the earlier took.
import Terminal

/// Parts what is to be done into rounds, and plans those that are still to come anew after each.
///
/// The plan of a job is settled before its first frame, so whoever works on it makes the same file.
public struct DeadlineRounds {
    /// The plan of the batch as it stands.
    public private(set) var plan: Manifest
    /// Whether anything is still to be done.
    public var isOpen: Bool { !open.isEmpty }
    private let allotment: ShotAllotment
    private let deadline: Double
    private let clock: () -> Double
    private var time: ShotAllotment.Time
    /// Jobs that are still to be done, and those of the round.
    private var open: Set<Int>, round: Set<Int> = []
    /// Seconds of all workers together that went by, and those that were foreseen for what was done.
    private var elapsed = 0.0, foreseen = 0.0

    /// What of the work one round takes, of what is left.
    private static let firstShare = 0.05, share = 1.0 / 3
    /// The part of the time that is left for what nobody foresees.
    private static let reserve = 0.02

    /// Rounds of a plan.
    ///
    /// - Parameters:
    ///   - deadline: When all must be done, by `monotonicSeconds`.
    ///   - threads: Of each worker.
    /// - Throws: `DeadlineTooShort` where decoding and encoding alone take longer; what trying the machine throws.
    public init(
        _ plan: Manifest, _ allotment: ShotAllotment, deadline: Double, workers: Int, threads: Int
    ) throws {
        try self.init(
            plan, allotment, deadline: deadline,
            time: try allotment.time(plan, left: 0, workers: workers, threads: threads),
            clock: monotonicSeconds)
    }

    /// Rounds on a machine that is known, by a clock.
    init(
        _ plan: Manifest, _ allotment: ShotAllotment, deadline: Double, time: ShotAllotment.Time,
        clock: @escaping () -> Double
    ) throws {
        (self.plan, self.allotment, self.deadline) = (plan, allotment, deadline)
        (self.time, self.clock) = (time, clock)
        let state = BatchState(plan)
        open = Set(
            plan.jobs.indices.filter { index in
                plan.jobs[index].failure == nil && !state.isDone(plan.jobs[index])
            })
        try allot()
    }

    private mutating func allot() throws {
        time.left = (deadline - clock()) * (1 - Self.reserve)
        try allotment.allot(&plan, time, open: open)
    }

    /// Seconds of the clock that all that is open is foreseen to take.
    public var seconds: Double {
        open.reduce(0) { $0 + allotment.seconds(plan.jobs[$1], $1, time) } * time.lateness
            / Double(time.workers)
    }

    /// The jobs of the next round; nil where nothing is open.
    ///
    /// The first round is short, and tells how long work really takes. In the others the longest work comes first, so that
    /// workers come to their end at about the same time.
    public mutating func next() -> Set<Int>? {
        guard !open.isEmpty else { return nil }
        let costs = open.map { (job: $0, seconds: allotment.seconds(plan.jobs[$0], $0, time)) }
            .sorted { ($0.seconds, $1.job) > ($1.seconds, $0.job) }
        let all = costs.reduce(0) { $0 + $1.seconds }
        let share = time.isUnderWay ? Self.share : Self.firstShare
        var sum = 0.0
        round = []
        for (job, seconds) in time.isUnderWay ? costs : costs.reversed() {
            // Rounds that leave workers idle save no time.
            if sum >= share * all, round.count >= time.workers,
                costs.count - round.count >= time.workers
            {
                break
            }
            round.insert(job)
            sum += seconds
        }
        return round
    }

    /// Takes in that the round is done, and plans anew what is open.
    ///
    /// - Parameter seconds: Of the clock, that the round took.
    /// - Throws: What planning throws.
    public mutating func finish(after seconds: Double) throws {
        elapsed += seconds * Double(time.workers)
        foreseen += round.reduce(0) { $0 + allotment.seconds(plan.jobs[$1], $1, time) }
        open.subtract(round)
        round = []
        time.isUnderWay = true
        guard foreseen > 0, !open.isEmpty else { return }
        time.lateness = min(max(elapsed / foreseen, 0.1), 10)
        try allot()
    }
}
