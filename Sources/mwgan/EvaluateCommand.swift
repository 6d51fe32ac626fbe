// mwgan evaluate: a model's gain on pairs of degraded and pristine clips.
import Batch
import Enhancement
import Glibc
import Terminal

/// Which pairs are measured.
enum EvaluationSet: String, CaseIterable { case select, validate, web, literature, train }

enum EvaluateCommand {
    static let data = Operand(
        "DATA", help: "Folder with pairs.jsonl, as 'mwgan degrade' writes it.",
        completion: .folder)
    static let set = Option.choice(
        "set", default: EvaluationSet.select,
        help: "Which pairs: those for choosing, or those only ever measured with, as in the list.",
        group: "Evaluation")
    static let frames = Option.integer(
        "frames", in: 1...1_000_000, help: "At most so many frames of each clip.",
        group: "Evaluation")
    static let delivered = Option.flag(
        "delivered", help: "Measure the written file too, at default options.", group: "Evaluation")
    static let group = Option.string(
        "only", placeholder: "CODEC", help: "Pairs of this codec and rate alone: 'x265 qp 37'.",
        group: "Evaluation")
    static let oracleSubbands = Option.flag(
        "oracle-subbands",
        help: "Replace subbands by the pristine frame's, and measure what each gives back.",
        group: "Evaluation")
    static let recallSamples = Option.path(
        "recall-samples", placeholder: "DIR",
        help: "Write what is recalled in each pair and what it is worth: weights are fitted to it.",
        group: "Evaluation", completion: .folder)
    static let perceptual = Option.flag(
        "perceptual",
        help: "Measure butteraugli, deep features, detail, harm, SSIM and flicker too.",
        group: "Evaluation")
    static let peers = Option.flag(
        "peers",
        help:
            "Measure ffmpeg's filters on the same pairs, at their best settings on training pairs.",
        group: "Evaluation")
    static let features = Option.path(
        "features", placeholder: "FILE.safetensors",
        help: "Weights of a COCO-trained YOLOX-Nano, whose features are compared.",
        group: "Evaluation")
    static let page = Option.path(
        "page", placeholder: "DIR",
        help: "Write a page with a picture of each clip: compressed, restored, original.",
        group: "Output", completion: .folder)
    static let format = Option.choice(
        "format", default: FigureFormat.table, help: "How figures are printed.", group: "Output")

    static let command = Command(
        "evaluate", summary: "Measure a model's gain over compressed clips.", operands: [data],
        options: [
            format, page, set, group, frames, delivered, perceptual, peers, oracleSubbands,
            features, recallSamples,
            CommonOptions.model, CommonOptions.balance, CommonOptions.memory, CommonOptions.gate,
            CommonOptions.precision,
            CommonOptions.threads, CommonOptions.progress, CommonOptions.logFile,
            CommonOptions.verbose, CommonOptions.quiet,
        ],
        examples: [
            Example(
                "mwgan evaluate pairs/ --set select", "Gain in PSNR for each clip and setting."),
            Example(
                "mwgan evaluate pairs/ --peers --frames 16", "The same beside ffmpeg's filters."),
            Example(
                "mwgan evaluate pairs/ --gate 0:0",
                "Correct even the best frames: from which luma step on does it pay?"),
            Example(
                "mwgan evaluate pairs/ --balance 1 --page out/", "A page to look at."),
            Example(
                "mwgan evaluate pairs/ --oracle-subbands --features yolox_nano.safetensors",
                "Where quality was lost: subband by subband."),
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        let log = try CommonOptions.log(arguments)
        let folder = arguments[data][0]
        let list = try PairList(folder: folder)
        let pairs = list.pairs.filter {
            $0.set == arguments[set].rawValue
                && $0.group.hasPrefix(arguments[group] ?? "")
        }
        guard !pairs.isEmpty else {
            throw PairListError(
                path: folder, problem: "no pairs of the set \(arguments[set].rawValue)",
                code: .badData)
        }
        if arguments[oracleSubbands] { return try oracle(pairs, arguments, log) }
        let display = CommonOptions.progress("evaluate", total: pairs.count, arguments)
        let loaded = try CommonOptions.model(arguments)
        var options = EnhancementOptions(
            precision: try CommonOptions.precision(arguments, for: loaded),
            threads: CommonOptions.threads(arguments))
        options.balance = arguments[CommonOptions.balance]
        options.gate = arguments[CommonOptions.gate]
        if let folder = arguments[recallSamples] {
            return try sample(pairs, to: folder, loaded.model, options, arguments, log)
        }
        var evaluation = PairEvaluation(loaded.model, options: options)
        evaluation.recallsKeyFrames = arguments[CommonOptions.memory] == .auto
        evaluation.frameLimit = arguments[frames]
        if let path = arguments[page] {
            try EvaluationPage.prepare(path)
            evaluation.pictureFolder = path
        }
        evaluation.measuresDelivered = arguments[delivered]
        if arguments[perceptual] { evaluation.measures = try perceptualMeasures(arguments, log) }
        var results: [MeasuredPair] = []
        var failures = 0
        for (index, listed) in pairs.enumerated() where !Signals.isStopRequested {
            do {
                results.append(MeasuredPair(listed: listed, gain: try evaluation(listed.pair)))
            } catch {
                failures += 1
                log.error("\(listed.pair.name): \(error)")
            }
            display.update(done: index + 1)
        }
        display.finish()
        var report = EvaluationReport(results: results)
        if arguments[peers], !Signals.isStopRequested {
            report.peers = try measurePeers(list, pairs, evaluation, arguments, log)
        }
        if let path = arguments[page] {
            let name = arguments[CommonOptions.model] ?? "live"
            try EvaluationPage(
                title: "\(name), balance \(arguments[CommonOptions.balance])", report: report
            ).write(to: path)
        }
        switch arguments[format] {
        case .table:
            for line in report.table + report.stepTable { CommonOptions.output(line) }
            if arguments[perceptual] { for line in report.seenTable { CommonOptions.output(line) } }
            if arguments[peers] { for line in report.peerTable { CommonOptions.output(line) } }
        case .json: CommonOptions.output(report.json.pretty)
        case .csv: for line in report.csv { CommonOptions.output(line) }
        }
        if let code = Signals.exitCode { return code }
        return failures == 0 ? .success : .someFailed
    }
}

extension EvaluateCommand {
    /// Tunes each filter on training pairs, then measures it on the same pairs as the model.
    private static func measurePeers(
        _ list: PairList, _ pairs: [ListedPair], _ evaluation: PairEvaluation,
        _ arguments: Arguments, _ log: Log
    ) throws -> [PeerResult] {
        guard FilterPeer.isAvailable else {
            log.warning("peers are not measured: ffmpeg is not on PATH")
            return []
        }
        // Camera pictures damaged as those are that are measured; any training pairs where there
        // are none of these.
        let groups = Set(pairs.map(\.group))
        let training = list.pairs.filter { $0.set == "train" && $0.content ?? "video" == "video" }
        let alike = training.filter { groups.contains($0.group) }
        let tuning = Array((alike.isEmpty ? training : alike).prefix(8))
        guard !tuning.isEmpty else {
            log.warning("peers are not measured: the list has no training pairs to tune them on")
            return []
        }
        let trials = FilterPeer.grids.reduce(0) { $0 + $1.settings.count }
        let display = CommonOptions.progress(
            "peers", total: trials + FilterPeer.grids.count * pairs.count, arguments)
        defer { display.finish() }
        var done = 0
        func advance() {
            done += 1
            display.update(done: done)
        }
        var results: [PeerResult] = []
        for grid in FilterPeer.grids where !Signals.isStopRequested {
            guard
                let best = FilterPeer.best(
                    grid.name, of: grid.settings, on: tuning.map(\.pair), frames: 8,
                    threads: CommonOptions.threads(arguments), observe: advance)
            else {
                log.warning("\(grid.name) is not measured: this ffmpeg does not have it")
                continue
            }
            var evaluation = evaluation
            evaluation.filter = best.filter
            evaluation.pictureFolder = nil
            evaluation.measuresDelivered = false
            var gains: [MeasuredPair] = []
            for listed in pairs where !Signals.isStopRequested {
                do {
                    gains.append(
                        MeasuredPair(listed: listed, gain: try evaluation(listed.pair)))
                } catch {
                    log.error("\(grid.name): \(listed.pair.name): \(error)")
                }
                advance()
            }
            results.append(
                PeerResult(
                    filter: best.filter, tuned: best.gain, tried: grid.settings,
                    report: EvaluationReport(results: gains)))
        }
        return results
    }

    /// Writes samples of what is recalled, a file for each pair.
    private static func sample(
        _ pairs: [ListedPair], to folder: String, _ model: any RestorationModel,
        _ options: EnhancementOptions, _ arguments: Arguments, _ log: Log
    ) throws -> ExitCode {
        guard let model = model as? EnhancementModel else {
            throw UsageError.nonsense("--recall-samples wants a model that recalls")
        }
        try EvaluationPage.prepare(folder)
        let sampling = RecallSampling(model, options: options)
        let display = CommonOptions.progress("evaluate", total: pairs.count, arguments)
        var failures = 0, frames = 0
        for (index, listed) in pairs.enumerated() where !Signals.isStopRequested {
            do {
                frames += try sampling(
                    listed.pair, to: "\(folder)/\(listed.pair.name).safetensors")
            } catch {
                failures += 1
                log.error("\(listed.pair.name): \(error)")
            }
            display.update(done: index + 1)
        }
        display.finish()
        CommonOptions.output("\(frames) frames of \(pairs.count) pairs in \(folder)")
        if let code = Signals.exitCode { return code }
        return failures == 0 ? .success : .someFailed
    }
}
