// Does units of a plan, one after the other: everything that a worker does is done here.
import Enhancement
import FileNames
import Glibc
import Media
import Terminal

/// Works on units of a plan. Belongs to one thread.
///
/// What it does for a unit depends on nothing but the plan, and a unit may be done by several workers at once: each
/// output appears whole, and all of them are the same.
public final class UnitWorker {
    let state: BatchState
    let models: BatchModels
    let threads: Int
    let shouldStop: () -> Bool
    private let locks: JobLocks?
    /// The job that was worked on last, open for its next part.
    private var opened: (job: Int, work: SegmentedJob)?
    var eyes: SearchEyes?

    var manifest: Manifest { state.manifest }
    var folder: OutputFolder { state.folder }

    /// A worker for units of a plan.
    ///
    /// - Parameters:
    ///   - threads: Threads to compute with; they change nothing in what comes out.
    ///   - locks: Shared with other workers of this process, which then do not do the same trial at the same time.
    public init(
        _ state: BatchState, _ models: BatchModels, threads: Int, locks: JobLocks? = nil,
        shouldStop: @escaping () -> Bool = { false }
    ) {
        (self.state, self.models, self.threads) = (state, models, threads)
        (self.locks, self.shouldStop) = (locks, shouldStop)
    }

    /// Does a unit: a part of a long video, or all stages of an input that is in one piece.
    ///
    /// - Parameter observe: Told how many frames are done.
    /// - Returns: False where it was asked to stop before the end.
    /// - Throws: What the stages throw; ``InputChanged``.
    public func run(
        _ unit: BatchUnit, observe: @escaping (Int) -> Void = { _ in }
    ) throws -> Bool {
        let job = manifest.jobs[unit.job]
        if let failure = job.failure { throw failure }
        try requireUnchanged(job)
        guard job.segments.isEmpty else {
            if state.enhanced(job) != nil || state.finished(unit) != nil { return true }
            return try enhance(unit, job, observe)
        }
        if job.output != nil, state.enhanced(job) == nil {
            guard try enhanceWhole(job, observe) else { return false }
        }
        return try search(job, observe)
    }

    /// Joins the parts of a job, and does what is left to do with the whole.
    ///
    /// - Returns: False where it was asked to stop before the end, or parts are missing.
    /// - Throws: What the stages throw; ``DamagedPart``.
    public func complete(_ index: Int, observe: @escaping (Int) -> Void = { _ in }) throws -> Bool {
        let job = manifest.jobs[index]
        if let failure = job.failure { throw failure }
        if !job.segments.isEmpty, state.enhanced(job) == nil {
            try requireUnchanged(job)
            guard try join(index, job) else { return false }
        }
        return try search(job, observe)
    }

    /// Checks that the input is what was planned with.
    private func requireUnchanged(_ job: BatchJob) throws {
        let path = job.input.path
        if try FileStamp(of: path) == job.stamp { return }
        // Copied to another machine, or touched: what counts is what it holds.
        guard try FileSeal(of: path) == job.seal else { throw InputChanged(path: path) }
    }

    // MARK: - Enhancing

    private func request(_ job: BatchJob) -> VideoJobRequest {
        manifest.options.request(for: job, in: folder, threads: threads, pool: models.pool)
    }

    private func pipeline(
        _ meter: @escaping (Frame, Frame) -> Void, _ observe: @escaping (Int) -> Void
    ) -> FramePipeline {
        var pipeline = FramePipeline()
        pipeline.shouldStop = shouldStop
        pipeline.observe = { index, original, enhanced in
            meter(original, enhanced)
            observe(index + 1)
        }
        return pipeline
    }

    private func enhanceWhole(_ job: BatchJob, _ observe: @escaping (Int) -> Void) throws -> Bool {
        let own = folder.folder(of: job.input.name)
        let output = folder.output(of: job)!
        try Folder.make(folderPart(of: output)!)
        try requireOwn(output, own)
        let video = try VideoJob(request(job))
        try video.requireSpace()
        var meter = ChangeMeter()
        let threads = threads
        let result = try video.run(
            models.model(for: job, video),
            pipeline: pipeline(
                { meter.add(original: $0, enhanced: $1, threads: threads) }, observe))
        if result.outcome.wasStopped { return false }
        let shown = try meter.write(own.shown, origin: video.firstTime)
        let record = EnhanceRecord(
            of: job, options: manifest.enhanceDigest(of: job)!,
            output: try FileSeal(of: output), result, figures: meter.figures, shown: shown)
        try own.write(record.json, to: own.enhanced)
        own.forgetFailure()
        return true
    }

    /// Refuses to replace a file that no batch has made.
    private func requireOwn(_ output: String, _ own: JobFolder) throws {
        let begun = own.path + "/begun"
        if access(output.fileName, F_OK) == 0, access(begun.fileName, F_OK) != 0 {
            throw MediaError.cannotCreate(
                path: output,
                reason: "exists, and no batch has made it; remove it, or choose another -o")
        }
        try Folder.make(own.path)
        if access(begun.fileName, F_OK) != 0 { try writeFile([], to: begun, isDurable: false) }
    }

    /// The job open for its parts, all of them encoded with one quality.
    private func open(_ index: Int, _ job: BatchJob) throws -> SegmentedJob {
        if let opened, opened.job == index { return opened.work }
        opened = nil
        return try locks?.withLock(of: index) { try openAnew(index, job) } ?? openAnew(index, job)
    }

    private func openAnew(_ index: Int, _ job: BatchJob) throws -> SegmentedJob {
        let own = folder.folder(of: job.input.name)
        try Folder.make(own.path)
        let output = folder.output(of: job)!
        try Folder.make(folderPart(of: output)!)
        let video = try VideoJob(request(job))
        let digest = state.work(ofJob: index)
        let known = own.read(own.fit)
        if known?["work"]?.text == digest {
            video.qualityFit = known?["fit"].flatMap(QualityFit.init)
        }
        let work = try video.beginSegments(
            job.segments, models.model(for: job, video), shouldStop: shouldStop)
        if known?["work"]?.text != digest {
            try own.write(
                .object([("work", .string(digest)), ("fit", video.qualityFit?.json ?? .null)]),
                to: own.fit)
        }
        opened = (index, work)
        return work
    }

    private func enhance(
        _ unit: BatchUnit, _ job: BatchJob, _ observe: @escaping (Int) -> Void
    ) throws -> Bool {
        let own = folder.folder(of: job.input.name)
        let work = try open(unit.job, job)
        if shouldStop() { return false }
        if let expected = work.job.expectedBytes {
            let share = Double(job.segments[unit.part].times.count)
            let all = Double(job.segments.reduce(0) { $0 + $1.times.count })
            let path = own.parts.file(unit.part)
            try DiskSpace.require(Int64(Double(expected) * share / max(1, all)), for: path)
        }
        var meter = ChangeMeter()
        let threads = threads
        let path = own.parts.file(unit.part)
        let result = try work.run(
            unit.part, into: path,
            pipeline: pipeline(
                { meter.add(original: $0, enhanced: $1, threads: threads) }, observe))
        if result.outcome.wasStopped { return false }
        guard !result.frames.isEmpty else { throw MediaError.noFrames(path: job.input.path) }
        let shown = try meter.write(own.shown(unit.part), origin: work.job.firstTime)
        let record = SegmentRecord(
            work: state.work(ofJob: unit.job), seal: try FileSeal(of: path), result: result,
            notes: .object([
                ("figures", meter.figures.json), ("shown", shown?.json ?? .null),
            ]))
        try own.write(record.json, to: own.parts.record(unit.part))
        own.forgetFailure()
        return true
    }

    private func join(_ index: Int, _ job: BatchJob) throws -> Bool {
        let own = folder.folder(of: job.input.name)
        var records: [SegmentRecord] = []
        for unit in manifest.units(of: index) {
            guard let record = state.finished(unit) else { return false }
            let path = own.parts.file(unit.part)
            guard try FileSeal(of: path) == record.seal else {
                unlink(own.parts.record(unit.part).fileName)
                throw DamagedPart(path: path)
            }
            records.append(record)
        }
        let output = folder.output(of: job)!
        try requireOwn(output, own)
        let work = try open(index, job)
        let result = try work.join(
            records.enumerated().map { (path: own.parts.file($0), result: $1.result) })
        opened = nil
        let shown = records.map { $0.notes["shown"].flatMap(ShownFrame.init) }
        var best: Int?
        for (part, frame) in shown.enumerated() {
            guard let frame, frame.change > best.flatMap({ shown[$0]?.change }) ?? -1 else {
                continue
            }
            best = part
        }
        if let best {
            for (from, to) in zip(own.shown(best).all, own.shown.all) {
                rename(from.fileName, to.fileName)
            }
        }
        let figures = records.compactMap { $0.notes["figures"].flatMap(ChangeFigures.init) }
        let record = EnhanceRecord(
            of: job, options: manifest.enhanceDigest(of: job)!,
            output: try FileSeal(of: output), result,
            figures: figures.reduce(ChangeFigures(), +), shown: best.flatMap { shown[$0] })
        try own.write(record.json, to: own.enhanced)
        own.forgetFailure()
        // Parts are of no use any more.
        own.parts.removeParts()
        unlink(own.fit.fileName)
        for part in records.indices {
            for path in own.shown(part).all { unlink(path.fileName) }
        }
        return true
    }
}

/// An input that is not what the plan was made for.
public struct InputChanged: ExitCodeProviding, Equatable {
    /// Its path.
    public let path: String

    /// 65.
    public var exitCode: Int32 { ExitCode.badData.rawValue }
    /// One line.
    public var description: String { "\(path): has changed since the plan was made; plan again" }
}

/// A finished part that holds something else than it did.
public struct DamagedPart: ExitCodeProviding, Equatable {
    /// Its path.
    public let path: String

    /// 75: its unit will be done again.
    public var exitCode: Int32 { ExitCode.tryLater.rawValue }
    /// One line.
    public var description: String {
        "\(path): is not as it was made; its unit has to be done again"
    }
}
