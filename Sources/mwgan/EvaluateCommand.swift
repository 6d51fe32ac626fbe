// mwgan evaluate: a model's gain on pairs of degraded and pristine clips.
import Enhancement
import Glibc
import Quality
import Terminal

/// Which pairs are measured.
enum EvaluationSet: String, CaseIterable { case select, validate, web, literature, train }

enum EvaluateCommand {
    static let data = Operand(
        "DATA", help: "Folder with pairs.jsonl, as Scripts/make-pairs.py writes it.",
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
    static let format = Option.choice(
        "format", default: FigureFormat.table, help: "How figures are printed.", group: "Output")

    static let command = Command(
        "evaluate", summary: "Measure a model's gain over compressed clips.", operands: [data],
        options: [
            format, set, group, frames, delivered, perceptual, peers, oracleSubbands, features,
            CommonOptions.model,
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
        var evaluation = PairEvaluation(
            try CommonOptions.model(arguments).model,
            options: EnhancementOptions(
                precision: CommonOptions.precision(arguments),
                threads: CommonOptions.threads(arguments)))
        evaluation.frameLimit = arguments[frames]
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
        switch arguments[format] {
        case .table:
            for line in report.table { CommonOptions.output(line) }
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
}

/// A pair of the list and what was measured of it.
struct MeasuredPair {
    let listed: ListedPair, gain: PairGain
}

/// What a filter gained, at the best of the settings that were tried.
struct PeerResult {
    let filter: FilterPeer, tuned: Double, tried: [String], report: EvaluationReport
}

/// Figures of all clips, and means of groups of equal codec and rate.
struct EvaluationReport {
    let results: [MeasuredPair]
    /// The same of ffmpeg's filters.
    var peers: [PeerResult] = []

    init(results: [MeasuredPair]) { self.results = results }

    /// The model and each filter: mean gain of luma a group, and over all; what people see.
    var peerTable: [String] {
        var table = Table(
            [("beside", .left)] + groups.map { ($0.name, .right) }
                + [("all", .right), ("butteraugli", .right), ("deep features", .right)])
        func row(_ name: String, _ report: EvaluationReport) -> [String] {
            let found = report.groups
            let cells = groups.map { group in
                cell(found.first { $0.name == group.name }.flatMap { mean($0.gains, \.lumaGain) })
            }
            let gains = report.results.map(\.gain)
            return [name] + cells + [
                cell(mean(gains, \.lumaGain)), change(gains, \.butteraugli),
                change(gains, \.deepFeatures),
            ]
        }
        table.append(row("the model", self))
        for peer in peers { table.append(row(peer.filter.setting, peer.report)) }
        let tried = peers.map { peer in
            "\(peer.filter.name): \(fixed(peer.tuned, decimals: 3)) dB on training pairs, best of "
                + peer.tried.joined(separator: ", ")
        }
        return table.lines() + tried
    }

    private var groups: [(name: String, gains: [PairGain])] {
        Dictionary(grouping: results, by: \.listed.group).sorted { $0.key < $1.key }
            .map { ($0.key, $0.value.map(\.gain)) }
    }

    private func mean(_ gains: [PairGain], _ value: (PairGain) -> Double?) -> Double? {
        let values = gains.compactMap(value)
        return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }

    private func cell(_ value: Double?) -> String {
        value.map { ($0 >= 0 ? "+" : "") + fixed($0, decimals: 3) } ?? ""
    }

    private func row(_ name: String, _ gains: [PairGain]) -> [String] {
        func plane(_ index: Int) -> Double? {
            mean(gains) { index < $0.gain.count ? $0.gain[index] : nil }
        }
        return [
            name, mean(gains) { $0.before.first }.map { fixed($0, decimals: 2) } ?? "",
            cell(plane(0)), cell(plane(1)), cell(plane(2)), cell(mean(gains) { $0.worst }),
            cell(mean(gains) { $0.delivered?.first }),
            mean(gains) { $0.bitsRatio }.map { fixed($0, decimals: 2) } ?? "",
        ]
    }

    /// A row a clip, a row a group, and what was harmed.
    var table: [String] {
        var table = Table([
            ("clip", .left), ("before Y", .right), ("gain Y", .right), ("U", .right),
            ("V", .right), ("worst 1 %", .right), ("delivered Y", .right), ("bits x", .right),
        ])
        for result in results { table.append(row(result.gain.name, [result.gain])) }
        for group in groups {
            table.append(row("mean \(group.name) (\(group.gains.count))", group.gains))
        }
        table.append(row("mean of all (\(results.count))", results.map(\.gain)))
        return table.lines()
            + deltaRates.map {
                let change = 100 * $0.rate
                return "BD-rate of \($0.curve): \(change > 0 ? "+" : "")"
                    + "\(fixed(change, decimals: 2)) % (\($0.clips) clips)"
            } + [harm]
    }

    /// Bjøntegaard's delta rate of each codec at constant quantisers: its mean over clips that were
    /// measured at two quantisers at least.
    private var deltaRates: [(curve: String, rate: Double, clips: Int)] {
        let curves = Dictionary(grouping: results.filter { $0.listed.curve != nil }) {
            $0.listed.curve!
        }
        return curves.sorted { $0.key < $1.key }.compactMap { curve, pairs in
            let clips = Dictionary(grouping: pairs) { $0.listed.source ?? "" }.values
            let rates = clips.compactMap { clip -> Double? in
                func points(_ quality: (PairGain) -> Double?) -> [RatePoint] {
                    clip.compactMap { pair in
                        guard let rate = pair.listed.bitsPerPixel, let decibels = quality(pair.gain)
                        else { return nil }
                        return RatePoint(rate: rate, decibels: decibels)
                    }
                }
                return bjontegaardRate(
                    reference: points { $0.before.first },
                    test: points { gain in
                        gain.before.first.flatMap { before in gain.lumaGain.map { before + $0 } }
                    })
            }
            guard !rates.isEmpty else { return nil }
            return (curve, rates.reduce(0, +) / Double(rates.count), rates.count)
        }
    }

    /// What people see: a row a group.
    var seenTable: [String] {
        var table = Table([
            ("seen", .left), ("butteraugli", .right), ("deep features", .right),
            ("detail before", .right), ("after", .right), ("correlation", .right),
            ("blocks harmed", .right), ("SSIM", .right), ("MS-SSIM", .right), ("flicker", .right),
        ])
        for group in groups { table.append(seenRow("mean \(group.name)", group.gains)) }
        table.append(seenRow("mean of all", results.map(\.gain)))
        return table.lines()
    }

    private func seenRow(_ name: String, _ gains: [PairGain]) -> [String] {
        func step(_ value: (StructureFigures) -> Double?) -> String {
            guard let before = mean(gains, { $0.seen.flatMap { value($0.structureBefore) } }),
                let after = mean(gains, { $0.seen.flatMap { value($0.structureAfter) } })
            else { return "not measured" }
            return (after >= before ? "+" : "") + fixed(after - before, decimals: 4)
        }
        func figure(_ value: @escaping (SeenGain) -> Double, percent: Bool = false) -> String {
            mean(gains) { $0.seen.map(value) }.map {
                percent ? fixed(100 * $0, decimals: 2) + " %" : fixed($0, decimals: 3)
            } ?? ""
        }
        return [
            name, change(gains, \.butteraugli), change(gains, \.deepFeatures),
            figure(\.detail.ratioBefore), figure(\.detail.ratioAfter),
            figure(\.detail.correlation), figure(\.harm.share, percent: true),
            step(\.ssim), step(\.multiScale),
            percent(
                mean(gains) { $0.seen?.structureBefore.flicker },
                mean(gains) { $0.seen?.structureAfter.flicker }),
        ]
    }

    /// By how much a measure of which less is better changed.
    private func change(
        _ gains: [PairGain], _ value: (PerceptualFigures) -> Double?
    ) -> String {
        percent(
            mean(gains) { $0.seen.flatMap { value($0.before) } },
            mean(gains) { $0.seen.flatMap { value($0.after) } })
    }

    private func percent(_ before: Double?, _ after: Double?) -> String {
        guard let before, let after, before > 0 else { return "not measured" }
        let change = 100 * (after / before - 1)
        return (change > 0 ? "+" : "") + fixed(change, decimals: 1) + " %"
    }

    private func seenJSON(_ seen: SeenGain?) -> JSONValue {
        guard let seen else { return .null }
        func number(_ value: Double?) -> JSONValue { value.map(JSONValue.number) ?? .null }
        func pair(_ value: (PerceptualFigures) -> Double?) -> JSONValue {
            .array([number(value(seen.before)), number(value(seen.after))])
        }
        func structure(_ value: (StructureFigures) -> Double?) -> JSONValue {
            .array([number(value(seen.structureBefore)), number(value(seen.structureAfter))])
        }
        return .object([
            ("frames", .int(seen.frames)), ("butteraugli", pair(\.butteraugli)),
            ("deepFeatures", pair(\.deepFeatures)),
            (
                "detailRatio",
                .array([.number(seen.detail.ratioBefore), .number(seen.detail.ratioAfter)])
            ), ("detailCorrelation", .number(seen.detail.correlation)),
            ("blocksHarmed", .number(seen.harm.share)),
            ("ssim", structure(\.ssim)), ("msSSIM", structure(\.multiScale)),
            ("flicker", structure(\.flicker)),
        ])
    }

    /// Says which clips lost in any plane.
    private var harm: String {
        let harmed = results.map(\.gain).filter { gain in gain.gain.contains { $0 < -0.005 } }
        guard let worst = harmed.min(by: { $0.gain.min()! < $1.gain.min()! }) else {
            return "harm: none of \(results.count) clips lost in Y, U or V"
        }
        return "harm: \(harmed.count) of \(results.count) clips lost in some plane, the most "
            + "\(worst.name) with \(fixed(worst.gain.min()!, decimals: 3)) dB"
    }

    /// The clips, and with `--peers` each filter's clips beside them.
    var json: JSONValue {
        let peers: [JSONValue] = peers.map { peer in
            .object([
                ("filter", .string(peer.filter.setting)), ("tuned", .number(peer.tuned)),
                ("tried", .array(peer.tried.map(JSONValue.string))),
                ("clips", peer.report.clips),
            ])
        }
        return .object([
            ("clips", clips),
            ("bdRate", .object(deltaRates.map { ($0.curve, .number($0.rate)) })),
            ("peers", .array(peers)),
        ])
    }

    private var clips: JSONValue {
        .array(
            results.map { result in
                let gain = result.gain
                return .object([
                    ("clip", .string(gain.name)), ("group", .string(result.listed.group)),
                    ("frames", .int(gain.frames)),
                    ("before", .array(gain.before.map(JSONValue.number))),
                    ("gain", .array(gain.gain.map(JSONValue.number))),
                    ("delivered", gain.delivered.map { .array($0.map(JSONValue.number)) } ?? .null),
                    ("bitsRatio", gain.bitsRatio.map(JSONValue.number) ?? .null),
                    ("worst", .number(gain.worst)),
                    ("seen", seenJSON(gain.seen)),
                ])
            })
    }

    var csv: [String] {
        ["clip,group,frames,before_y,gain_y,gain_u,gain_v,worst,delivered_y,bits_ratio"]
            + results.map { result in
                let gain = result.gain
                func value(_ index: Int) -> String {
                    index < gain.gain.count ? "\(gain.gain[index])" : ""
                }
                let texts = [
                    gain.name, result.listed.group, "\(gain.frames)",
                    gain.before.first.map { "\($0)" } ?? "", value(0), value(1), value(2),
                    "\(gain.worst)",
                    gain.delivered?.first.map { "\($0)" } ?? "",
                    gain.bitsRatio.map { "\($0)" } ?? "",
                ]
                return texts.joined(separator: ",")
            }
    }
}
