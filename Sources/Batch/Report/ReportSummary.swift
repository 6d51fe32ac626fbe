// What a report says before its first job, gathered in one pass over all of them.

/// Sums over the jobs of a report, and the reasons of those that failed.
///
/// A pass over the jobs counts them, a second one writes them: so neither needs all of them in memory.
public struct ReportSummary: Sendable {
    /// Most failures that are listed with their reason.
    public static let listedFailures = 100
    /// Most figures, and most steps, that become columns of `report.csv`.
    public static let columns = 64

    /// A job that failed.
    struct Failure: Sendable {
        /// Which job of the report it is, from 0.
        let index: Int
        let name: String
        let reason: String
    }

    /// What the page is called.
    public var title: String
    /// Jobs counted.
    public private(set) var jobs = 0
    /// Jobs whose output is there.
    public private(set) var done = 0
    /// Jobs that failed.
    public private(set) var failed = 0
    /// Jobs that wait for their turn.
    public private(set) var missing = 0
    /// Frames written.
    public private(set) var frames = 0
    /// Seconds of work.
    public private(set) var seconds = 0.0
    /// Bytes of the inputs of jobs that are done.
    public private(set) var bytesIn: Int64 = 0
    /// Bytes of their outputs.
    public private(set) var bytesOut: Int64 = 0
    /// Interactions found.
    public private(set) var interactions = 0
    /// Names of all figures of quality, in the order in which they were first seen.
    public private(set) var figureNames: [String] = []
    /// Names of all steps, in the order in which they were first seen.
    public private(set) var timingNames: [String] = []
    private(set) var failures: [Failure] = []

    /// A summary of no jobs.
    public init(title: String = "Batch report") { self.title = title }

    /// Counts a job; jobs are counted in the order in which they are written.
    public mutating func count(_ job: ReportJob) {
        switch job.state {
        case .done:
            done += 1
            bytesIn += job.bytesIn ?? 0
            bytesOut += job.bytesOut ?? 0
        case .failed(let reason):
            failed += 1
            if failures.count < Self.listedFailures {
                failures.append(Failure(index: jobs, name: job.name, reason: reason))
            }
        case .missing: missing += 1
        }
        jobs += 1
        frames += job.frames ?? 0
        seconds += job.seconds ?? 0
        interactions += job.interactions.count
        Self.note(job.figures.lazy.map(\.name), in: &figureNames)
        Self.note(job.timings.lazy.map(\.name), in: &timingNames)
    }

    private static func note(_ names: some Sequence<String>, in known: inout [String]) {
        for name in names where known.count < columns && !known.contains(name) {
            known.append(name)
        }
    }
}
