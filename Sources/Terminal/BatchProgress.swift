// How far many jobs have come that run side by side: a line for each, and one for all.
import Synchronization

/// Shows the running jobs and how much of all the work is done, in units of cost.
///
/// Cost is whatever grows with the time a job takes, such as frames times pixels. On a terminal the
/// lines are redrawn at most ten times a second; elsewhere JSON objects are written once a second
/// for each running job and, with the name `all`, for all of them. Safe to use from any thread.
public final class BatchProgress: Sendable {
    /// A job that has begun.
    public struct JobID: Hashable, Sendable {
        fileprivate let number: Int
    }

    private struct Job {
        let cost: Double
        var meter: JobMeter
    }

    private struct State {
        let total: Int
        var done: Int
        var totalCost: Double
        var doneCost: Double
        /// What earlier runs did, which says nothing about the rate of this one.
        var costBefore: Double
        var jobs: [Int: Job] = [:]
        var nextNumber = 0
        var pulse: Pulse
        var isFinished = false
    }

    private let mode: Progress.Mode
    private let console: Console
    private let clock: @Sendable () -> Double
    private let start: Double
    private let state: Mutex<State>

    /// Progress of a batch that starts now.
    ///
    /// - Parameters:
    ///   - total: how many jobs there are, those included that an earlier run finished.
    ///   - cost: what all of them cost together, at least 0 and finite.
    ///   - done: how many jobs an earlier run finished.
    ///   - doneCost: what those cost, at least 0 and finite.
    ///   - clock: seconds on any clock that never goes back.
    public init(
        total: Int, cost: Double, done: Int = 0, doneCost: Double = 0,
        mode: Progress.Mode = .auto, console: Console = .standardError,
        clock: @escaping @Sendable () -> Double = monotonicSeconds
    ) {
        precondition(cost >= 0 && cost.isFinite, "all jobs cost \(cost)")
        precondition(doneCost >= 0 && doneCost.isFinite, "finished jobs cost \(doneCost)")
        self.mode = mode.resolved(on: console)
        self.console = console
        self.clock = clock
        start = clock()
        state = Mutex(
            State(
                total: total, done: done, totalCost: cost, doneCost: doneCost,
                costBefore: doneCost, pulse: Pulse(start: start)))
    }

    /// Says that a job begins.
    ///
    /// - Parameters:
    ///   - label: what the job is, such as the file's name.
    ///   - cost: its part of the batch's cost, at least 0 and finite.
    ///   - total: how much it has to do; nil where nobody knows.
    ///   - done: how much of that an earlier run has done.
    ///   - unit: what is counted, as "frames".
    /// - Returns: what the other methods call the job.
    public func begin(
        job label: String, cost: Double, total: Int?, done: Int = 0, unit: String = "frames"
    ) -> JobID {
        precondition(cost >= 0 && cost.isFinite, "\(label) costs \(cost)")
        let now = clock()
        return state.withLock { state in
            let id = state.nextNumber
            state.nextNumber += 1
            let meter = JobMeter(label, unit: unit, done: done, total: total, now: now)
            state.jobs[id] = Job(cost: cost, meter: meter)
            state.costBefore += cost * meter.shareBefore
            showIfDue(&state, now)
            return JobID(number: id)
        }
    }

    /// Says how much of a job is done; draws if it is time to. Ignored once the job is finished.
    ///
    /// - Parameter total: a better knowledge of how much there is; nil leaves it as it is.
    public func update(job id: JobID, done: Int, total: Int? = nil) {
        let now = clock()
        state.withLock { state in
            guard !state.isFinished, var job = state.jobs[id.number] else { return }
            let shareBefore = job.meter.shareBefore
            job.meter.update(done: done, total: total, now: now)
            // With another total what the earlier run did is another part of the cost.
            state.costBefore += job.cost * (job.meter.shareBefore - shareBefore)
            let isDue = job.meter.pulse.isDue(
                every: mode.interval(on: console), atOnce: false, now: now)
            state.jobs[id.number] = job
            if mode == .json, isDue { console.print(job.meter.json(now: now, isEnd: false)) }
            showIfDue(&state, now)
        }
    }

    /// Says that a job has ended; in JSON, prints how.
    ///
    /// - Parameter isComplete: false for a job that broke off. The rest of its cost is then no longer
    ///   part of the batch, for nobody will spend it.
    public func finish(job id: JobID, isComplete: Bool = true) {
        let now = clock()
        state.withLock { state in
            guard !state.isFinished, let job = state.jobs.removeValue(forKey: id.number) else {
                return
            }
            let spent = isComplete ? job.cost : job.cost * job.meter.share
            state.done += 1
            state.doneCost += spent
            state.totalCost -= job.cost - spent
            if mode == .json { console.print(job.meter.json(now: now, isEnd: true)) }
            showIfDue(&state, now)
        }
    }

    /// Removes all lines; in JSON, says how the batch ended. Whatever follows is ignored.
    public func finish() {
        let now = clock()
        state.withLock { state in
            guard !state.isFinished else { return }
            state.isFinished = true
            if mode == .json { console.print(json(state, now, isEnd: true)) }
            if mode == .bar { console.setStatus("") }
        }
    }

    // MARK: - Showing

    private func showIfDue(_ state: inout State, _ now: Double) {
        guard !state.isFinished, mode != .none else { return }
        let interval = mode.interval(on: console)
        let isSeen = mode == .bar && console.isInteractive
        guard state.pulse.isDue(every: interval, atOnce: isSeen, now: now) else { return }
        switch mode {
        case .json: console.print(json(state, now, isEnd: false))
        case .bar where console.isInteractive: console.setStatus(lines: lines(state, now))
        case .bar: console.print(summary(state, now))
        case .auto, .none: break
        }
    }

    /// A line for each running job, in the order in which they began, and one for all.
    private func lines(_ state: State, _ now: Double) -> [String] {
        let width = console.width
        let meters = state.jobs.keys.sorted().map { state.jobs[$0]!.meter }
        let nameWidth = meters.map { $0.nameWidth(in: width) }.max() ?? 0
        return meters.map { $0.bar(width: width, nameWidth: nameWidth) }
            + [summary(state, now)]
    }

    /// `3/12 done  41 %  2 running  about 5 min left`
    private func summary(_ state: State, _ now: Double) -> String {
        let (share, eta) = pace(state, now)
        var parts = [
            "\(state.done)/\(state.total) done", "\(Int(100 * share + 1e-9)) %",
            "\(state.jobs.count) running",
        ]
        if let eta, eta > 0 {
            // Seconds would only pretend to know.
            let shown = eta < 90 ? eta : (eta / 60).rounded() * 60
            parts.append("about \(humanDuration(shown)) left")
        }
        return parts.joined(separator: "  ")
    }

    private func json(_ state: State, _ now: Double, isEnd: Bool) -> String {
        let (share, eta) = pace(state, now)
        var members: [(String, JSONValue)] = [
            ("event", .string(isEnd ? "finished" : "progress")), ("job", .string("all")),
            ("done", .int(state.done)), ("total", .int(state.total)),
            ("share", .number((share * 10000).rounded() / 10000)),
            ("running", .int(state.jobs.count)),
        ]
        if !isEnd { members.append(("eta", eta.map { .number($0.rounded()) } ?? .null)) }
        members.append(("seconds", .number(((now - start) * 100).rounded() / 100)))
        return JSONValue.object(members).compact
    }

    /// The part of all cost that is spent, running jobs by their share, and how long the rest takes.
    private func pace(_ state: State, _ now: Double) -> (share: Double, eta: Double?) {
        let spent = state.jobs.values.reduce(state.doneCost) { $0 + $1.cost * $1.meter.share }
        let elapsed = now - start
        let rate = elapsed > 0 ? (spent - state.costBefore) / elapsed : 0
        let left = max(0, state.totalCost - spent)
        let counted = state.total > 0 ? Double(state.done) / Double(state.total) : 1
        let share = state.totalCost > 0 ? spent / state.totalCost : counted
        return (min(1, max(0, share)), rate > 0 ? left / rate : nil)
    }
}
