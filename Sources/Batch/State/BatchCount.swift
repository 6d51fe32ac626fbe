// A plan's state in numbers.
import Media
import Terminal

/// How much of a plan is done.
public struct BatchCount: Sendable {
    /// Jobs of the plan, and those that are done.
    public private(set) var jobs = 0, done = 0
    /// Units of the plan, and the numbers of those that are missing.
    public private(set) var units = 0, missingUnits: [Int] = []
    /// Jobs whose units are all done and that wait for `merge`.
    public private(set) var toMerge = 0
    /// Jobs that failed when they were last tried, with the reason.
    public private(set) var failed: [(name: String, failure: JobFailure)] = []
    private var hopeless = Set<Int>()

    /// Counts.
    public init(_ state: BatchState) {
        let plan = state.manifest
        (jobs, units) = (plan.jobs.count, plan.unitCount)
        for (index, job) in plan.jobs.enumerated() {
            if state.isDone(job) {
                done += 1
                continue
            }
            let missing = plan.units(of: index).filter { !state.isDone($0) }.map(\.index)
            missingUnits += missing
            if missing.isEmpty, job.failure == nil { toMerge += 1 }
            guard let failure = state.failure(of: job) else { continue }
            failed.append((job.input.name, failure))
            if failure.exitCode != ExitCode.tryLater.rawValue { hopeless.formUnion(missing) }
        }
    }

    /// Whether nothing is missing.
    public var isComplete: Bool { done == jobs }
    /// Whether every missing unit belongs to a job that failed for a reason that stays.
    public var areAllMissingHopeless: Bool { missingUnits.allSatisfy(hopeless.contains) }

    /// `7 of 12 jobs done; 5 of 40 units missing; 1 failed`
    public var line: String {
        var words = ["\(done) of \(jobs) jobs done"]
        if !missingUnits.isEmpty { words.append("\(missingUnits.count) of \(units) units missing") }
        if toMerge > 0 { words.append("\(toMerge) to be merged") }
        if !failed.isEmpty { words.append("\(failed.count) failed") }
        return words.joined(separator: "; ")
    }

    /// The same for programs, with the numbers of missing units.
    public var json: JSONValue {
        .object([
            ("jobs", .int(jobs)), ("done", .int(done)), ("units", .int(units)),
            ("toMerge", .int(toMerge)),
            ("missing", .array(missingUnits.map(JSONValue.int))),
            (
                "failed",
                .array(
                    failed.map {
                        .object([
                            ("job", .string($0.name)), ("error", .string($0.failure.description)),
                            ("exitCode", .int(Int($0.failure.exitCode))),
                        ])
                    })
            ),
        ])
    }
}
