// mwgan evaluate --oracle-subbands: what each subband of the pristine frames would give back.
import Batch
import Enhancement
import Networks
import Quality
import Terminal

extension EvaluateCommand {
    /// Measures all pairs and prints a row for each choice of subbands.
    static func oracle(_ pairs: [ListedPair], _ arguments: Arguments, _ log: Log) throws -> ExitCode
    {
        var oracle = SubbandOracle()
        oracle.shouldStop = { Signals.isStopRequested }
        if let limit = arguments[frames] { oracle.framesPerClip = limit }
        oracle.measures = try perceptualMeasures(arguments, log)
        oracle.measures.external.removeAll { $0 != .butteraugli }
        let display = CommonOptions.progress("evaluate", total: pairs.count, arguments)
        var results: [SubbandOracle.Result] = []
        var failures = 0
        for (index, listed) in pairs.enumerated() where !Signals.isStopRequested {
            do {
                results.append(try oracle(listed.pair))
            } catch {
                failures += 1
                log.error("\(listed.pair.name): \(error)")
            }
            display.update(done: index + 1)
        }
        display.finish()
        guard !results.isEmpty else { return Signals.exitCode ?? .someFailed }
        let report = OracleReport(results: results)
        switch arguments[format] {
        case .table: for line in report.table { CommonOptions.output(line) }
        case .json: CommonOptions.output(report.json.pretty)
        case .csv: for line in report.csv { CommonOptions.output(line) }
        }
        if let code = Signals.exitCode { return code }
        return failures == 0 ? .success : .someFailed
    }

    /// What can be measured beside PSNR, with a word about what cannot.
    static func perceptualMeasures(
        _ arguments: Arguments, _ log: Log
    ) throws -> PerceptualMeasures {
        var measures = PerceptualMeasures()
        measures.threads = CommonOptions.threads(arguments)
        measures.external = ExternalMeasure.allCases.filter(\.isAvailable)
        if !measures.external.contains(.butteraugli) {
            log.warning("butteraugli is not measured: install libjxl-devtools")
        }
        measures.vmaf = VMAF().isAvailable ? VMAF() : nil
        measures.featureWeights = try featureWeights(arguments, log)
        return measures
    }

    /// The backbone's weights that `--features` names, or nil with a word about it.
    static func featureWeights(_ arguments: Arguments, _ log: Log) throws -> Parameters? {
        guard let path = arguments[features] else {
            log.warning("deep features are not measured: name a backbone's weights with --features")
            return nil
        }
        return try DeepFeatures.weights(contentsOf: path)
    }
}

/// Means over all frames, a row for each choice.
struct OracleReport {
    private struct Row {
        let level: String, bands: String
        let frames: [OracleMeasures]
    }

    private let before: [OracleMeasures]
    private let rows: [Row]

    init(results: [SubbandOracle.Result]) {
        before = results.flatMap(\.before)
        rows =
            SubbandChoice.all.map { choice in
                Row(
                    level: "\(choice.level)", bands: choice.bands.rawValue,
                    frames: results.flatMap { $0.replaced[choice] ?? [] })
            } + [Row(level: "all", bands: "luma", frames: results.flatMap(\.whole))]
    }

    private func mean(_ frames: [OracleMeasures], _ value: (OracleMeasures) -> Double?) -> Double? {
        let values = frames.compactMap(value)
        guard values.count == frames.count, !values.isEmpty else { return nil }
        return values.reduce(0, +) / Double(values.count)
    }

    /// Gain in decibels, and what is left of the two distances, as a change in parts of 1.
    private func figures(_ row: Row) -> (psnr: Double, butteraugli: Double?, deep: Double?) {
        func change(_ value: (OracleMeasures) -> Double?) -> Double? {
            guard let old = mean(before, value), let new = mean(row.frames, value), old > 0 else {
                return nil
            }
            return new / old - 1
        }
        let gains = zip(row.frames, before).map { $0.psnr - $1.psnr }
        return (
            gains.reduce(0, +) / Double(gains.count), change(\.seen.butteraugli),
            change(\.seen.deepFeatures)
        )
    }

    var table: [String] {
        var table = Table([
            ("level", .left), ("pristine", .left), ("Y-PSNR", .right), ("butteraugli", .right),
            ("deep features", .right),
        ])
        func percent(_ value: Double?) -> String {
            value.map { ($0 > 0 ? "+" : "") + fixed(100 * $0, decimals: 1) + " %" }
                ?? "not measured"
        }
        for row in rows {
            let figures = figures(row)
            let isInfinite = !figures.psnr.isFinite
            table.append([
                row.level, row.bands,
                isInfinite
                    ? "inf"
                    : (figures.psnr >= 0 ? "+" : "") + fixed(figures.psnr, decimals: 3)
                        + " dB",
                percent(figures.butteraugli), percent(figures.deep),
            ])
        }
        let psnr = mean(before) { $0.psnr }!
        func value(_ value: Double?) -> String {
            value.map { fixed($0, decimals: 4) } ?? "not measured"
        }
        return table.lines() + [
            "before: \(fixed(psnr, decimals: 2)) dB, butteraugli \(value(mean(before, \.seen.butteraugli))),"
                + " deep features \(value(mean(before, \.seen.deepFeatures))); \(before.count) frames"
        ]
    }

    var json: JSONValue {
        func number(_ value: Double?) -> JSONValue {
            value.flatMap { $0.isFinite ? .number($0) : nil } ?? .null
        }
        return .array(
            rows.map { row in
                let figures = figures(row)
                return .object([
                    ("level", .string(row.level)), ("pristine", .string(row.bands)),
                    ("psnrGain", number(figures.psnr)),
                    ("butteraugliChange", number(figures.butteraugli)),
                    ("deepFeatureChange", number(figures.deep)), ("frames", .int(row.frames.count)),
                ])
            })
    }

    var csv: [String] {
        ["level,pristine,psnr_gain,butteraugli_change,deep_feature_change"]
            + rows.map { row in
                let figures = figures(row)
                func text(_ value: Double?) -> String {
                    value.flatMap { $0.isFinite ? "\($0)" : nil } ?? ""
                }
                return [
                    row.level, row.bands, text(figures.psnr), text(figures.butteraugli),
                    text(figures.deep),
                ].joined(separator: ",")
            }
    }
}
