// All of a plan on this machine: some workers, one queue, and a word on everything that ends.
import Enhancement
import Media
import Synchronization
import Terminal

/// What a run has come to.
public struct RunSummary: Sendable {
    /// Jobs that are done now, those of them that were done before, and those that failed with the reason.
    public var done = 0, before = 0, failed: [(name: String, failure: JobFailure)] = []
    /// Jobs of the plan.
    public var jobs = 0
    /// Units that were worked on, networks that were compiled for them, and seconds of that.
    public var units = 0, compilations = 0, compiling = 0.0
    /// The full disk, or whatever else makes all further work useless.
    public var fatal: JobFailure?

    /// Nothing done.
    public init() {}

    /// Takes in what a later run of the same batch has come to.
    public mutating func add(_ later: RunSummary) {
        (done, fatal) = (later.done, later.fatal)
        units += later.units
        (compilations, compiling) = (later.compilations, later.compiling)
        failed = (failed + later.failed).sorted { $0.name < $1.name }
    }
}

/// How much a plan is, and how much of it is done, in units and in pixels of all frames.
public struct BatchAmount: Sendable {
    /// All of it, and what was done before.
    public var units: Int, cost: Double, doneUnits: Int, doneCost: Double
}

/// Does what is missing of a plan.
public final class LocalRunner: Sendable {
    private let state: BatchState
    private let models: BatchModels
    private let workers: Int, threads: Int
    private let only: Set<Int>?
    private let makeProgress: @Sendable (BatchAmount) -> BatchProgress
    private let log: Log
    private let shouldStop: @Sendable () -> Bool

    private struct Queue {
        /// Units that nobody works on yet, largest first.
        var units: [BatchUnit]
        /// For each job, how many of its units are missing.
        var missing: [Int]
        /// Jobs whose units are there and which are to be completed.
        var complete: [Int] = []
        var isFailed: [Bool]
        var summary = RunSummary()
    }
    private let queue: Mutex<Queue>
    private let locks: JobLocks

    /// A runner of `workers` jobs at a time, each with `threads` threads.
    ///
    /// - Parameter only: Numbers of the jobs that are worked on; nil: all.
    public init(
        _ state: BatchState, _ models: BatchModels, workers: Int, threads: Int,
        only: Set<Int>? = nil, log: Log, shouldStop: @escaping @Sendable () -> Bool = { false },
        progress: @escaping @Sendable (BatchAmount) -> BatchProgress
    ) {
        (self.state, self.models, self.workers, self.threads) = (state, models, workers, threads)
        (makeProgress, self.log, self.shouldStop) = (progress, log, shouldStop)
        self.only = only
        queue = Mutex(Queue(units: [], missing: [], isFailed: []))
        locks = JobLocks(count: state.manifest.jobs.count)
    }

    /// Does all that is missing. A job that fails does not stop the others.
    public func run() -> RunSummary {
        let jobs = state.manifest.jobs
        var first = Queue(
            units: [], missing: jobs.map { _ in 0 }, isFailed: jobs.map { $0.failure != nil })
        first.summary.jobs = jobs.count
        for (index, job) in jobs.enumerated() {
            let isWanted = only?.contains(index) ?? true
            if let failure = job.failure {
                guard isWanted else { continue }
                first.summary.failed.append((job.input.name, failure))
                log.error(failure.description)
                continue
            }
            guard !state.isDone(job) else {
                first.summary.before += 1
                first.summary.done += 1
                continue
            }
            guard isWanted else { continue }
            let units = state.manifest.units(of: index).filter { !state.isDone($0) }
            first.units += units
            first.missing[index] = units.count
            if units.isEmpty { first.complete.append(index) }
        }
        // The longest work first: then all workers come to their end at about the same time.
        first.units.sort {
            let (a, b) = (jobs[$0.job].cost(ofPart: $0.part), jobs[$1.job].cost(ofPart: $1.part))
            return a != b ? a > b : $0.index < $1.index
        }
        let all = jobs.reduce(0) { $0 + $1.cost }
        let missing = first.units.reduce(0) { $0 + jobs[$1.job].cost(ofPart: $1.part) }
        let progress = makeProgress(
            BatchAmount(
                units: state.manifest.unitCount, cost: all,
                doneUnits: state.manifest.unitCount - first.units.count,
                doneCost: max(0, all - missing)))
        let begun = first
        queue.withLock { $0 = begun }
        let threads = (0..<max(1, workers)).map { number in
            WorkerThread("worker \(number)") { self.work(progress) }
        }
        for thread in threads { _ = thread.join() }
        progress.finish()
        let compiled = models.pool.compilations
        return queue.withLock { queue in
            (queue.summary.compilations, queue.summary.compiling) = compiled
            queue.summary.failed.sort { $0.name < $1.name }
            return queue.summary
        }
    }

    private enum Task {
        case unit(BatchUnit)
        case complete(Int)
    }

    private func next() -> Task? {
        queue.withLock { queue in
            guard queue.summary.fatal == nil else { return nil }
            if let job = queue.complete.popLast() { return .complete(job) }
            return queue.units.isEmpty ? nil : .unit(queue.units.removeFirst())
        }
    }

    private func work(_ progress: BatchProgress) {
        let worker = UnitWorker(
            state, models, threads: threads, locks: locks,
            shouldStop: {
                self.shouldStop() || self.queue.withLock { $0.summary.fatal != nil }
            })
        while !shouldStop(), let task = next() {
            switch task {
            case .unit(let unit): work(on: unit, worker, progress)
            case .complete(let job): complete(job, worker)
            }
        }
    }

    private func work(
        on unit: BatchUnit, _ worker: UnitWorker, _ progress: BatchProgress
    ) {
        let job = state.manifest.jobs[unit.job]
        let isParted = !job.segments.isEmpty
        let frames = isParted ? job.segments[unit.part].times.count : job.facts?.frames
        let label =
            isParted
            ? "\(job.input.name), part \(unit.part + 1) of \(job.segments.count)" : job.input.name
        let id = progress.begin(
            job: label, cost: job.cost(ofPart: unit.part), total: frames)
        var isDone = false
        defer { progress.finish(job: id, isComplete: isDone) }
        do {
            isDone = try worker.run(unit, observe: { progress.update(job: id, done: $0) })
            guard isDone else { return }
            let isComplete = queue.withLock { queue in
                queue.summary.units += 1
                queue.missing[unit.job] -= 1
                return queue.missing[unit.job] == 0 && !queue.isFailed[unit.job]
            }
            guard isComplete else { return }
            if isParted { complete(unit.job, worker) } else { tell(unit.job) }
        } catch {
            fail(unit.job, error)
        }
    }

    private func complete(_ index: Int, _ worker: UnitWorker) {
        do {
            if try worker.complete(index) { tell(index) }
        } catch {
            fail(index, error)
        }
    }

    private func tell(_ index: Int) {
        let job = state.manifest.jobs[index]
        queue.withLock { $0.summary.done += 1 }
        log.info("\(job.input.name): \(state.story(of: job))")
    }

    private func fail(_ index: Int, _ error: any Error) {
        let job = state.manifest.jobs[index]
        let failure = JobFailure(error)
        let isNew = queue.withLock { queue in
            // Whatever comes next would fail for the same reason.
            if failure.exitCode == ExitCode.inputOutput.rawValue, Self.isDiskFull(error) {
                guard queue.summary.fatal == nil else { return false }
                queue.summary.fatal = failure
                return true
            }
            guard !queue.isFailed[index] else { return false }
            queue.isFailed[index] = true
            queue.summary.failed.append((job.input.name, failure))
            queue.units.removeAll { $0.job == index }
            return true
        }
        guard isNew else { return }
        log.error(failure.description)
        state.folder.folder(of: job.input.name).note(failure)
    }

    private static func isDiskFull(_ error: any Error) -> Bool {
        switch error {
        case MediaError.diskFull, OutputError.diskFull, OutputError.tooLittleSpace: true
        default: false
        }
    }
}

extension BatchState {
    /// What a job came to, in a few words.
    func story(of job: BatchJob) -> String {
        var words: [String] = []
        if let record = enhanced(job) {
            let rate = Double(record.frames) / max(record.seconds, 1e-9)
            words.append(
                job.facts?.isPicture == true
                    ? "enhanced" : "\(record.frames) frames at \(fixed(rate, decimals: 1)) frames/s"
            )
            words.append("\(humanBytes(job.seal.bytes)) became \(humanBytes(record.output.bytes))")
            if record.truncation != nil { words.append("truncated: what could be read was kept") }
        }
        if let record = searched(job) {
            words.append(
                "\(record.found) interaction\(record.found == 1 ? "" : "s") in \(record.pictures) "
                    + "picture\(record.pictures == 1 ? "" : "s")")
        }
        return words.joined(separator: "; ")
    }
}
