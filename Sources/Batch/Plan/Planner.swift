// From inputs to a plan: each is read through once, probed, and parted where it is long.
import Enhancement
import FileNames
import Glibc
import Media
import Synchronization
import Terminal

/// Makes the plan of a batch.
///
/// What was found out about an input is kept in its job's folder, so that the next plan reads only what has changed.
public struct Planner: Sendable {
    /// What is done with every input.
    public var options: BatchOptions
    /// The folder of outputs.
    public var folder: OutputFolder
    /// When a video is worked in parts.
    public var partLength = PartLength.automatic
    /// Inputs that are probed at a time.
    public var threads = 1
    /// Asked before each input: true ends the planning.
    public var shouldStop: @Sendable () -> Bool = { false }
    /// Told of each input that is probed.
    public var observe: @Sendable (_ done: Int) -> Void = { _ in }
    private let model: (any RestorationModel)?

    /// A planner for outputs in `folder`.
    ///
    /// - Parameter model: What inputs are enhanced with; nil where samples are copied, or nothing is enhanced.
    public init(
        _ options: BatchOptions, folder: OutputFolder, model: (any RestorationModel)?
    ) {
        (self.options, self.folder, self.model) = (options, folder, model)
    }

    /// The plan for inputs; nil where it was stopped. An input that cannot be worked on is a job that has failed.
    public func plan(_ inputs: [BatchInput]) throws -> Manifest? {
        let jobs = Mutex<[BatchJob?]>(Array(repeating: nil, count: inputs.count))
        let next = Atomic(0), done = Atomic(0)
        let workers = (0..<max(1, min(threads, inputs.count))).map { number in
            WorkerThread("plan \(number)") {
                while !shouldStop() {
                    let index = next.add(1, ordering: .relaxed).oldValue
                    guard index < inputs.count else { return }
                    let job = job(for: inputs[index])
                    jobs.withLock { $0[index] = job }
                    observe(done.add(1, ordering: .relaxed).newValue)
                }
            }
        }
        for worker in workers { _ = worker.join() }
        let found = jobs.withLock { $0 }.compactMap { $0 }
        guard found.count == inputs.count else { return nil }
        return Manifest(output: folder.path, options: options, jobs: distinct(found))
    }

    /// Jobs whose outputs do not get into each other's way: of two that would, the second is one that has failed.
    private func distinct(_ jobs: [BatchJob]) -> [BatchJob] {
        var seen: [String: String] = [:]
        return jobs.map { job in
            guard job.failure == nil, let output = job.output else { return job }
            guard let other = seen[output] else {
                seen[output] = job.input.name
                return job
            }
            var failed = job
            failed.failure = JobFailure(
                "\(job.input.name): would become \(output), as \(other) does; give it another name",
                exitCode: ExitCode.cannotCreate.rawValue)
            (failed.output, failed.segments) = (nil, [])
            return failed
        }
    }

    /// The job of an input.
    private func job(for input: BatchInput) -> BatchJob {
        var job = BatchJob(
            input: input, seal: FileSeal(bytes: 0, sha256: ""),
            stamp: FileStamp(bytes: 0, inode: 0, written: 0, changed: 0))
        job.output = options.enhance.map { name(ofOutputFor: input, $0.container) }
        do {
            job.stamp = try FileStamp(of: input.path)
            let state = folder.folder(of: input.name)
            let known = state.read(state.plan)
            if let known, known["stamp"]?.integers == job.stamp.numbers,
                let seal = known["digest"].flatMap(FileSeal.init)
            {
                job.seal = seal
            } else {
                job.seal = try FileSeal(of: input.path)
            }
            // What the plan depends on beside the file itself.
            let question = JSONValue.object([
                ("digest", job.seal.json), ("parts", .string("\(partLength)")),
                ("enhance", options.enhance.map { .string($0.digest) } ?? .null),
                ("pixels", options.maximumPixels.map(JSONValue.int) ?? .null),
            ])
            if let known, known["question"] == question,
                let facts = known["facts"].flatMap(InputFacts.init),
                let parts = known["parts"]?.elements
            {
                job.facts = facts
                job.output = known["output"]?.text
                job.segments = parts.compactMap(Segment.init)
                if job.segments.count == parts.count, known["stamp"]?.integers == job.stamp.numbers
                {
                    return job
                }
            }
            try probe(&job)
            try state.write(
                .object([
                    ("stamp", .integers(job.stamp.numbers)), ("digest", job.seal.json),
                    ("question", question), ("facts", job.facts!.json),
                    ("output", job.output.map(JSONValue.string) ?? .null),
                    ("parts", .array(job.segments.map(\.json))),
                ]), to: state.plan, isDurable: false)
        } catch {
            job.failure = JobFailure(error)
        }
        return job
    }

    /// `sub/clip.mp4` becomes `sub/clip.enhanced.mp4`, or `.mkv` as somebody wants it.
    private func name(ofOutputFor input: BatchInput, _ container: String?) -> String {
        let folder = folderPart(of: input.name).map { $0 + "/" } ?? ""
        let isPicture = input.isPicture
        let name = folder + defaultOutput(for: lastPart(of: input.name), isStill: isPicture)
        guard let container, !isPicture, let dot = name.lastIndex(of: ".") else { return name }
        return String(name[...dot]) + container
    }

    private func probe(_ job: inout BatchJob) throws {
        let isPicture = job.input.isPicture
        guard options.enhance != nil else {
            let source = try openSource(path: job.input.path, options: options.reading)
            let reader = source as? VideoReader
            let scan = try reader.map { _ in
                try PacketScan(path: job.input.path, options: options.reading)
            }
            job.facts = InputFacts(
                width: source.width, height: source.height, frames: source.estimatedFrameCount,
                rate: source.frameRate.value, isPicture: isPicture, truncation: scan?.truncation,
                expectedBytes: nil, warnings: [])
            return
        }
        var work = try VideoJob(options.request(for: job, in: folder))
        do {
            try work.requireFit()
        } catch OutputError.videoDoesNotFit where options.enhance!.container == nil {
            job.output = name(ofOutputFor: job.input, "mkv")
            work = try VideoJob(options.request(for: job, in: folder))
            try work.requireFit()
        }
        job.facts = InputFacts(
            width: work.source.width, height: work.source.height, frames: work.frameCount,
            rate: work.source.frameRate.value, isPicture: isPicture, truncation: work.truncation,
            expectedBytes: work.expectedBytes, warnings: work.streams?.warnings ?? [])
        // Two threads, whatever this machine has: parts are the same whoever plans.
        let count = partLength.frames(of: work, model, threads: 2, isBegun: false)
        guard let count else { return }
        let segments = try work.segments(ofAtLeast: count)
        if segments.count > 1 { job.segments = segments }
    }
}

extension FileStamp {
    var numbers: [Int64] { [bytes, inode, written, changed] }
}

extension BatchOptions {
    /// How inputs are read: what can be read of a truncated one is kept.
    var reading: ReadOptions {
        var reading = ReadOptions()
        if let maximumPixels {
            reading.maximumPixels = maximumPixels
            reading.maximumStillPixels = maximumPixels
        }
        reading.isLenient = true
        return reading
    }

    /// What is asked for of a job that is enhanced.
    ///
    /// - Parameter threads: Threads to compute with.
    func request(
        for job: BatchJob, in folder: OutputFolder, threads: Int = 1, pool: NetworkPool? = nil
    ) -> VideoJobRequest {
        let choice = enhance!
        var request = VideoJobRequest(
            input: job.input.path, output: folder.output(of: job)!)
        request.enhancement = EnhancementOptions(
            strength: Float(choice.strength), precision: choice.precision, threads: threads,
            depth: choice.depth)
        request.enhancement.balance = choice.balance
        request.recallsKeyFrames = choice.recallsKeyFrames
        request.enhancement.pool = pool
        request.reading = reading
        request.encoding = choice.encoding
        request.encoding.variesQuality = job.shots?.plan.variesQuality ?? false
        request.isLenient = true
        request.overwrite = .replace
        return request
    }
}
