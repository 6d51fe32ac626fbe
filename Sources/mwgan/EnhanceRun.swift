// What `mwgan enhance` does with its options: one job after the other, what is said about each.
import Batch
import Compute
import Enhancement
import Media
import Policy
import Terminal

struct EnhanceRun {
    typealias Options = EnhanceCommand

    let arguments: Arguments
    let log: Log
    let list: JobList
    let loaded: LoadedModel?
    /// What shots are planned with; nil: all are treated alike.
    let planning: EnhancePlanning?
    let precision: Precision

    init(_ arguments: Arguments) throws {
        self.arguments = arguments
        log = try CommonOptions.log(arguments)
        try EnhanceRun.check(arguments)
        list = try JobList(
            arguments[Options.inputs], output: arguments[Options.output],
            word: arguments[Options.preview] ? "preview" : "enhanced")
        guard
            list.items.count == 1
                || !(arguments.isGiven(Options.compare) || arguments.isGiven(Options.reference))
        else { throw UsageError.nonsense("--compare and --reference want a single input") }
        planning = try EnhancePlanning(arguments, inputs: list.items.count)
        // At strength 0 the decoder's own samples are written: no model is needed.
        let isPlain = planning == nil && arguments[Options.strength] > 0
        loaded = isPlain ? try CommonOptions.model(arguments) : nil
        precision = try CommonOptions.precision(arguments, for: loaded)
    }

    private static func check(_ arguments: Arguments) throws {
        if let start = arguments[Options.start], let end = arguments[Options.end], end <= start {
            throw UsageError.nonsense("--end is not after --start")
        }
    }

    func run() throws -> ExitCode {
        var reports: [JSONValue] = []
        var failures = 0
        for item in list.items {
            if Signals.isStopRequested { break }
            do {
                reports.append(try EnhanceJob(self, item).run())
            } catch let error where list.items.count > 1 && !(error is ExitCode) {
                failures += 1
                log.error("\(error)")
                reports.append(
                    .object([("input", .string(item.input)), ("error", .string("\(error)"))]))
            }
        }
        if let path = arguments[CommonOptions.report] {
            let single = list.items.count == 1 ? reports.first : nil
            try CommonOptions.write((single ?? .array(reports)).pretty, to: path)
        }
        if let code = Signals.exitCode { return code }
        if failures > 0 { log.error("\(failures) of \(list.items.count) failed") }
        return failures == 0 ? .success : .someFailed
    }
}

/// One input of a run.
final class EnhanceJob {
    typealias Options = EnhanceCommand

    private let whole: EnhanceRun
    private let item: JobItem
    /// What is done with each shot; nil: all are treated alike.
    private var plan: JobPlan?
    private var arguments: Arguments { whole.arguments }
    private var log: Log { whole.log }
    private var hasAnnounced = false

    private var model: (any RestorationModel)? { plan?.model ?? whole.loaded?.model }

    init(_ run: EnhanceRun, _ item: JobItem) {
        self.whole = run
        self.item = item
    }

    /// Enhances the input and says what came of it.
    ///
    /// - Returns: the report.
    /// - Throws: `ExitCode` where a signal came; any error of the job.
    func run() throws -> JSONValue {
        let job = try VideoJob(request())
        plan = try whole.planning?.plan(of: job, item: item, kept: try keptPlan(of: job), log)
        for warning in job.streams?.warnings ?? [] { log.warning(warning) }
        let parts = try parts(of: job)
        if arguments[Options.keepPartial] { return try keep(parts, job) }
        try job.requireSpace()
        let isRehearsal = arguments[Options.dryRun]
        let meter =
            try isRehearsal
            ? nil
            : arguments[Options.reference].map {
                try GainMeter(
                    reference: $0, start: job.request.start, end: job.request.end,
                    threads: CommonOptions.threads(arguments))
            }
        let wantsPicture = arguments.isGiven(Options.compare)
        var change = LargestChange()
        let progress = CommonOptions.progress(item.input, total: job.frameCount, arguments)
        // The pace counts from the first frame: what comes before does not grow with the clip.
        var start: Double?
        let begun = parts?.finishedFrames ?? 0
        func pipeline(_ finished: Int = 0) -> FramePipeline {
            var pipeline = FramePipeline()
            pipeline.shouldStop = {
                Signals.isStopRequested || (isRehearsal && self.hasAnnounced)
            }
            pipeline.observe = { index, original, enhanced in
                try meter?.add(original: original, enhanced: enhanced)
                try self.plan?.observe(original)
                if wantsPicture { change.add(original: original, enhanced: enhanced) }
                progress.update(done: finished + index)
                let now = monotonicSeconds()
                self.announce(
                    job, done: finished + index, since: begun, seconds: now - (start ?? now))
                start = start ?? now
            }
            return pipeline
        }
        let result: VideoJobResult
        do {
            if let parts {
                result = try run(parts, job, pipeline)
            } else {
                result = try job.run(
                    model, pipeline: pipeline(), isRehearsal: isRehearsal)
            }
        } catch {
            progress.finish()
            if let parts { tellHowToGoOn(parts) }
            throw error
        }
        progress.update(done: result.outcome.framesOut)
        progress.finish()
        if isRehearsal, !Signals.isStopRequested {
            let rate = Double(result.outcome.framesOut) / result.outcome.elapsed
            if !hasAnnounced { log.info(forecast(job, done: 0, rate: rate)) }
            return .object([("input", .string(item.input)), ("output", .string(item.output))])
        }
        if result.outcome.wasStopped { throw Signals.exitCode ?? .interrupted }
        parts?.folder.remove()
        for warning in result.warnings { log.warning(warning) }
        // Where it is known what was lost, a warning has said it.
        if result.concealed > 0, result.losses.isEmpty {
            log.warning(
                "\(item.input): \(result.concealed) damaged frames were concealed by the decoder")
        }
        if let path = arguments[Options.compare] { try change.write(to: path) }
        if item.output != "-" {
            try meter?.measureDelivered(item.output, turning: result.turning)
            CommonOptions.output(item.output)
        }
        let report = EnhanceReport(
            item: item, arguments: arguments, precision: whole.precision, job: job, result: result,
            meter: meter, plan: plan)
        if item.output != "-" {
            for line in report.table { CommonOptions.output(line) }
        }
        if meter == nil { log.info(report.summary) }
        return try report.json(model: whole.loaded)
    }

    // MARK: - Parts

    /// The job as one that is worked in parts; nil where it stays in one piece.
    private func parts(of job: VideoJob) throws -> ResumableJob? {
        // What is measured or shown of all frames wants all of them in one run.
        let wantsAll =
            arguments[Options.dryRun] || arguments.isGiven(Options.compare)
            || arguments.isGiven(Options.reference)
        let isBegun = item.output != "-" && Folder.exists(WorkFolder.path(for: item.output))
        guard !wantsAll, isBegun || !arguments[Options.keepPartial],
            let count = arguments[Options.segment].frames(
                of: job, model, threads: CommonOptions.threads(arguments), isOrdered: true,
                isBegun: isBegun)
        else { return nil }
        let parts = try ResumableJob(
            job, model, options: try identity(), plan: plan?.kept, framesOfPart: count,
            shouldStop: { Signals.isStopRequested })
        guard let parts else { return nil }
        if parts.beganAnew {
            log.warning(
                "\(parts.folder.path): was begun with other options or another input; begins anew")
        }
        if parts.finishedCount > 0 {
            log.info(
                "\(item.input): goes on; \(parts.finishedCount) of \(parts.segments.count) parts "
                    + "are there")
            if let start = parts.segments.dropFirst(parts.leadingCount).first?.start {
                try plan?.begin(at: Double(start) * job.source.timeBase.value - job.startTime)
            }
        }
        // The parts and what they are joined into are there at the same time.
        do {
            if let expected = job.expectedBytes {
                try DiskSpace.require(2 * expected - parts.bytes, for: item.output)
            }
        } catch {
            if parts.finishedCount == 0 { parts.folder.remove() }
            throw error
        }
        return parts
    }

    /// What an earlier run kept of its plan, where this one goes on with its parts.
    private func keptPlan(of job: VideoJob) throws -> JSONValue? {
        guard whole.planning != nil, item.output != "-",
            Folder.exists(WorkFolder.path(for: item.output))
        else { return nil }
        return try ResumableJob.keptPlan(of: job.request, options: try identity())
    }

    /// Everything that changes what is made of an input.
    private func identity() throws -> JSONValue {
        func text(_ value: String?) -> JSONValue { value.map(JSONValue.string) ?? .null }
        return .object([
            ("versions", EnhanceReport.versions),
            ("model", try whole.loaded?.json()["sha256"] ?? .null),
            ("options", EnhanceReport.options(arguments, whole.precision)),
            // How many threads work on a frame changes nothing; how many an encoder was told to use does.
            ("threads", arguments[CommonOptions.threads].map(JSONValue.int) ?? .null),
            ("encoder", text(arguments[Options.encoder])),
            ("preset", text(arguments[Options.preset])), ("tune", text(arguments[Options.tune])),
            (
                "encoderOptions",
                .object(arguments[Options.encoderOptions].map { ($0.key, .string($0.value)) })
            ),
            ("container", text(item.output.split(separator: ".").last.map(String.init))),
            ("tile", arguments[Options.tile].map(JSONValue.int) ?? .null),
            ("fields", .string("\(arguments[Options.fieldOrder])")),
            ("conceal", .string(arguments[Options.conceal].rawValue)),
            ("plan", try whole.planning?.identity() ?? .null),
        ])
    }

    private func run(
        _ parts: ResumableJob, _ job: VideoJob, _ pipeline: (Int) -> FramePipeline
    ) throws -> VideoJobResult {
        guard try parts.run(pipeline) else { throw Signals.exitCode ?? .interrupted }
        return try parts.join()!
    }

    private func tellHowToGoOn(_ parts: ResumableJob) {
        guard parts.finishedCount > 0 else { return parts.folder.remove() }
        let words = CommandLine.arguments.map(shellQuoted).joined(separator: " ")
        log.info(
            "\(parts.finishedCount) of \(parts.segments.count) parts are kept in "
                + "\(parts.folder.path)/; to go on:")
        log.info(words)
    }

    /// Joins what is finished, and leaves it there to go on from.
    private func keep(_ parts: ResumableJob?, _ job: VideoJob) throws -> JSONValue {
        guard let parts, let result = try parts.join() else {
            throw UsageError.nonsense(
                "--keep-partial: no part of \(item.output) is finished from its beginning on")
        }
        for warning in result.warnings { log.warning(warning) }
        CommonOptions.output(item.output)
        log.info(
            "\(parts.leadingCount) of \(parts.segments.count) parts, "
                + "\(result.outcome.framesOut) frames; the rest can still be made: the same command "
                + "with -y and without --keep-partial")
        return try EnhanceReport(
            item: item, arguments: arguments, precision: whole.precision, job: job, result: result,
            meter: nil, plan: plan
        ).json(model: whole.loaded)
    }

    private func request() -> VideoJobRequest {
        var request = VideoJobRequest(input: item.input, output: item.output)
        request.enhancement = EnhancementOptions(
            strength: Float(arguments[Options.strength]),
            precision: whole.precision,
            threads: CommonOptions.threads(arguments), depth: arguments[Options.depth])
        request.enhancement.tile = arguments[Options.tile]
        request.enhancement.balance = arguments[CommonOptions.balance]
        request.recallsKeyFrames = arguments[CommonOptions.memory] == .auto
        request.reading.isStrict = arguments[Options.strict]
        if let pixels = arguments[Options.maximumPixels] {
            request.reading.maximumPixels = Int(pixels)
            request.reading.maximumStillPixels = Int(pixels)
        }
        request.encoding = EncodingOptions.settings(
            arguments, threads: arguments[CommonOptions.threads])
        request.concealment = arguments[Options.conceal]
        request.encoding.variesQuality =
            whole.planning?.mayVaryQuality(request.encoding.size) ?? false
        request.start = arguments[Options.start]
        request.end = arguments[Options.end]
        request.overwrite = arguments[Options.yes] ? .replace : .refuse
        request.isLenient = arguments[Options.lenient]
        request.isPreview = arguments[Options.preview]
        request.frameRate = arguments[Options.framesPerSecond]
        switch arguments[Options.fieldOrder] {
        case .auto: request.fields = .detect
        case .progressive: request.fields = .given(.progressive)
        case .tff: request.fields = .given(.topFirst)
        case .bff: request.fields = .given(.bottomFirst)
        }
        request.isStrictAboutStreams = arguments[Options.strictStreams]
        return request
    }

    // MARK: - The line after three seconds

    /// Says once how long it will take and how large it will be; asks where that is long.
    private func announce(_ job: VideoJob, done: Int, since begun: Int, seconds: Double) {
        guard !hasAnnounced, seconds >= 3, done > begun else { return }
        hasAnnounced = true
        let rate = Double(done - begun) / seconds
        let line = forecast(job, done: done, rate: rate)
        log.info(line)
        let remaining = job.frameCount.map { Double(max(0, $0 - done)) / rate }
        guard !arguments[Options.dryRun], let remaining, remaining > 1800 else { return }
        let assumed: Bool? = arguments[Options.yes] ? true : arguments[Options.no] ? false : nil
        switch ask("That takes long. Go on?", default: true, assumed: assumed) {
        case .yes, .nobody: return
        case .no, .interrupted:
            Signals.requestStop()
        }
    }

    private func forecast(_ job: VideoJob, done: Int, rate: Double) -> String {
        var parts = [plan?.summary ?? model?.name ?? "no model (strength 0)"]
        let remaining = job.frameCount.map { Double(max(0, $0 - done)) / max(rate, 1e-9) }
        let time = remaining.map { "about \(humanDuration($0)) left" } ?? "length unknown"
        parts.append("\(fixed(rate, decimals: 1)) frames/s, \(time)")
        if let bytes = job.expectedBytes { parts.append("about \(humanBytes(bytes))") }
        if let free = DiskSpace.available(for: item.output) {
            parts.append("\(humanBytes(free)) free")
        }
        return parts.joined(separator: "; ")
    }
}
