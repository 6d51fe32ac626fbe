// mwgan evaluate: a model's gain on pairs of degraded and pristine clips.
import Enhancement
import Glibc
import Terminal

/// Which pairs are measured.
enum EvaluationSet: String, CaseIterable { case select, validate, train }

enum EvaluateCommand {
    static let data = Operand(
        "DATA", help: "Folder with pairs.jsonl, as Scripts/make-pairs.py writes it.",
        completion: .folder)
    static let set = Option.choice(
        "set", default: EvaluationSet.select,
        help: "Which pairs: those for choosing, or those only ever measured with.",
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
        help: "Measure butteraugli, deep features, detail and harm too, on every 12th frame.",
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
            format, set, group, frames, delivered, perceptual, oracleSubbands, features,
            CommonOptions.model,
            CommonOptions.precision,
            CommonOptions.threads, CommonOptions.progress, CommonOptions.logFile,
            CommonOptions.verbose, CommonOptions.quiet,
        ],
        examples: [
            Example(
                "mwgan evaluate pairs/ --set select", "Gain in PSNR for each clip and setting."),
            Example(
                "mwgan evaluate pairs/ --oracle-subbands --features yolox_nano.safetensors",
                "Where quality was lost: subband by subband."),
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        let log = try CommonOptions.log(arguments)
        let folder = arguments[data][0]
        let pairs = try PairList(folder: folder).pairs.filter {
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
        var results: [(group: String, gain: PairGain)] = []
        var failures = 0
        for (index, listed) in pairs.enumerated() where !Signals.isStopRequested {
            do {
                results.append((listed.group, try evaluation(listed.pair)))
            } catch {
                failures += 1
                log.error("\(listed.pair.name): \(error)")
            }
            display.update(done: index + 1)
        }
        display.finish()
        let report = EvaluationReport(results: results)
        switch arguments[format] {
        case .table:
            for line in report.table { CommonOptions.output(line) }
            if arguments[perceptual] { for line in report.seenTable { CommonOptions.output(line) } }
        case .json: CommonOptions.output(report.json.pretty)
        case .csv: for line in report.csv { CommonOptions.output(line) }
        }
        if let code = Signals.exitCode { return code }
        return failures == 0 ? .success : .someFailed
    }
}

/// Figures of all clips, and means of groups of equal codec and rate.
struct EvaluationReport {
    let results: [(group: String, gain: PairGain)]

    private var groups: [(name: String, gains: [PairGain])] {
        Dictionary(grouping: results, by: \.group).sorted { $0.key < $1.key }
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
            cell(plane(0)), cell(plane(1)), cell(plane(2)),
            cell(mean(gains) { $0.delivered?.first }),
            mean(gains) { $0.bitsRatio }.map { fixed($0, decimals: 2) } ?? "",
        ]
    }

    /// A row a clip, a row a group, and what was harmed.
    var table: [String] {
        var table = Table([
            ("clip", .left), ("before Y", .right), ("gain Y", .right), ("U", .right),
            ("V", .right), ("delivered Y", .right), ("bits x", .right),
        ])
        for result in results { table.append(row(result.gain.name, [result.gain])) }
        for group in groups {
            table.append(row("mean \(group.name) (\(group.gains.count))", group.gains))
        }
        table.append(row("mean of all (\(results.count))", results.map(\.gain)))
        return table.lines() + [harm]
    }

    /// What people see: a row a group.
    var seenTable: [String] {
        var table = Table([
            ("seen", .left), ("butteraugli", .right), ("deep features", .right),
            ("detail before", .right), ("after", .right), ("correlation", .right),
            ("blocks harmed", .right),
        ])
        for group in groups { table.append(seenRow("mean \(group.name)", group.gains)) }
        table.append(seenRow("mean of all", results.map(\.gain)))
        return table.lines()
    }

    private func seenRow(_ name: String, _ gains: [PairGain]) -> [String] {
        func change(_ value: (PerceptualFigures) -> Double?) -> String {
            guard let before = mean(gains, { $0.seen.flatMap { value($0.before) } }),
                let after = mean(gains, { $0.seen.flatMap { value($0.after) } }), before > 0
            else { return "not measured" }
            let change = 100 * (after / before - 1)
            return (change > 0 ? "+" : "") + fixed(change, decimals: 1) + " %"
        }
        func figure(_ value: @escaping (SeenGain) -> Double, percent: Bool = false) -> String {
            mean(gains) { $0.seen.map(value) }.map {
                percent ? fixed(100 * $0, decimals: 2) + " %" : fixed($0, decimals: 3)
            } ?? ""
        }
        return [
            name, change(\.butteraugli), change(\.deepFeatures), figure(\.detail.ratioBefore),
            figure(\.detail.ratioAfter), figure(\.detail.correlation),
            figure(\.harm.share, percent: true),
        ]
    }

    private func seenJSON(_ seen: SeenGain?) -> JSONValue {
        guard let seen else { return .null }
        func number(_ value: Double?) -> JSONValue { value.map(JSONValue.number) ?? .null }
        func pair(_ value: (PerceptualFigures) -> Double?) -> JSONValue {
            .array([number(value(seen.before)), number(value(seen.after))])
        }
        return .object([
            ("frames", .int(seen.frames)), ("butteraugli", pair(\.butteraugli)),
            ("deepFeatures", pair(\.deepFeatures)),
            (
                "detailRatio",
                .array([.number(seen.detail.ratioBefore), .number(seen.detail.ratioAfter)])
            ), ("detailCorrelation", .number(seen.detail.correlation)),
            ("blocksHarmed", .number(seen.harm.share)),
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

    var json: JSONValue {
        .array(
            results.map { result in
                let gain = result.gain
                return .object([
                    ("clip", .string(gain.name)), ("group", .string(result.group)),
                    ("frames", .int(gain.frames)),
                    ("before", .array(gain.before.map(JSONValue.number))),
                    ("gain", .array(gain.gain.map(JSONValue.number))),
                    ("delivered", gain.delivered.map { .array($0.map(JSONValue.number)) } ?? .null),
                    ("bitsRatio", gain.bitsRatio.map(JSONValue.number) ?? .null),
                    ("seen", seenJSON(gain.seen)),
                ])
            })
    }

    var csv: [String] {
        ["clip,group,frames,before_y,gain_y,gain_u,gain_v,delivered_y,bits_ratio"]
            + results.map { result in
                let gain = result.gain
                func value(_ index: Int) -> String {
                    index < gain.gain.count ? "\(gain.gain[index])" : ""
                }
                let texts = [
                    gain.name, result.group, "\(gain.frames)",
                    gain.before.first.map { "\($0)" } ?? "", value(0), value(1), value(2),
                    gain.delivered?.first.map { "\($0)" } ?? "",
                    gain.bitsRatio.map { "\($0)" } ?? "",
                ]
                return texts.joined(separator: ",")
            }
    }
}
