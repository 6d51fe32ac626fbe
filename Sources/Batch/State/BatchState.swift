// What is done of a plan, and what is missing: read from files each time.
import Enhancement
import FileNames
import Glibc
import Media
import Terminal

/// What there is of a plan on disk.
public struct BatchState: Sendable {
    /// The plan.
    public let manifest: Manifest
    let folder: OutputFolder
    private let enhance: String?, interactions: String?
    /// What tells each job's parts from those of another plan; empty where it has none.
    private let works: [String]

    /// The state of a plan.
    public init(_ manifest: Manifest) {
        self.manifest = manifest
        folder = OutputFolder(manifest.output)
        enhance = manifest.options.enhance?.digest
        interactions = manifest.options.interactions?.digest
        let enhance = enhance
        works = manifest.jobs.map { job in
            guard !job.segments.isEmpty else { return "" }
            return Segment.digest(
                job.segments,
                of: .object([
                    ("input", .string(job.seal.sha256)),
                    ("options", .string(enhance.map { Manifest.digest($0, job) } ?? "")),
                ]))
        }
    }

    /// The record of a job's enhancement, if the output is there as it was made; nil where it is missing.
    ///
    /// - Parameter isStrict: Whether the output is read through and compared, not only its length.
    func enhanced(_ job: BatchJob, isStrict: Bool = false) -> EnhanceRecord? {
        let state = folder.folder(of: job.input.name)
        guard let output = folder.output(of: job),
            let record = state.read(state.enhanced).flatMap(EnhanceRecord.init),
            record.input == job.seal,
            record.options == enhance.map({ Manifest.digest($0, job) }),
            Self.holds(output, record.output, isStrict)
        else { return nil }
        return record
    }

    /// The record of the search in what `job` made, or in its input where nothing is enhanced; nil where it is missing.
    func searched(_ job: BatchJob, isStrict: Bool = false) -> SearchRecord? {
        let state = folder.folder(of: job.input.name)
        let wanted = job.output == nil ? job.seal : enhanced(job)?.output
        guard let record = state.read(state.searched).flatMap(SearchRecord.init),
            record.input == wanted, record.options == interactions,
            Self.holds(state.interactions, record.output, isStrict)
        else { return nil }
        return record
    }

    /// The record of a part that is finished.
    func finished(_ unit: BatchUnit) -> SegmentRecord? {
        let name = manifest.jobs[unit.job].input.name
        return folder.folder(of: name).parts.finished(unit.part, of: works[unit.job])
    }

    /// What tells the parts of a job from those of another plan.
    func work(ofJob index: Int) -> String { works[index] }

    /// Whether nothing of a job is missing.
    public func isDone(_ job: BatchJob) -> Bool {
        (job.output == nil || enhanced(job) != nil) && (interactions == nil || searched(job) != nil)
    }

    /// Whether a unit need not be done: its part is there, or the whole.
    public func isDone(_ unit: BatchUnit) -> Bool {
        let job = manifest.jobs[unit.job]
        guard !job.segments.isEmpty else { return isDone(job) }
        return enhanced(job) != nil || finished(unit) != nil
    }

    /// Whether anything of a job's enhanced file is there.
    func isBegun(_ index: Int) -> Bool {
        enhanced(manifest.jobs[index]) != nil
            || !manifest.jobs[index].segments.isEmpty
                && manifest.units(of: index).contains { finished($0) != nil }
    }

    /// The units that are missing.
    public var missingUnits: [BatchUnit] { manifest.units.filter { !isDone($0) } }

    /// Why the last try at a job failed; nil where it did not, or it is done since.
    public func failure(of job: BatchJob) -> JobFailure? {
        if let failure = job.failure { return failure }
        let state = folder.folder(of: job.input.name)
        return isDone(job) ? nil : state.read(state.failure).flatMap(JobFailure.init)
    }

    /// Whether a job's enhanced file is there.
    public func isEnhanced(_ job: BatchJob) -> Bool { enhanced(job) != nil }

    /// Notes why a unit could not be done, for ``failure(of:)``.
    public func note(_ error: any Error, of unit: BatchUnit) {
        folder.folder(of: manifest.jobs[unit.job].input.name).note(JobFailure(error))
    }

    /// Reads all outputs through; what is not as it was made counts as missing from now on.
    ///
    /// - Returns: The names of those jobs.
    public func forgetDamaged() -> [String] {
        manifest.jobs.compactMap { job in
            let own = folder.folder(of: job.input.name)
            var isDamaged = false
            if enhanced(job) != nil, enhanced(job, isStrict: true) == nil {
                unlink(own.enhanced.fileName)
                isDamaged = true
            }
            if searched(job) != nil, searched(job, isStrict: true) == nil {
                unlink(own.searched.fileName)
                isDamaged = true
            }
            return isDamaged ? job.input.name : nil
        }
    }

    private static func holds(_ path: String, _ seal: FileSeal, _ isStrict: Bool) -> Bool {
        guard let stamp = try? FileStamp(of: path), stamp.bytes == seal.bytes else { return false }
        return !isStrict || (try? FileSeal(of: path)) == seal
    }
}

extension Segment {
    /// What tells parts of one work from those of another.
    static func digest(_ segments: [Segment], of work: JSONValue) -> String {
        FileSeal.digest(
            of: JSONValue.object([("work", work), ("parts", .array(segments.map(\.json)))]).compact)
    }
}
