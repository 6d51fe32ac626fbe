// What an evaluation prints: a table, JSON or CSV.
import Enhancement
import Glibc
import Quality
import Terminal

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

    /// Gain by how coarsely frames were quantised: two rows an octave of mean luma steps.
    var stepTable: [String] {
        let all = results.flatMap(\.gain.steps)
        guard !all.isEmpty else { return [] }
        var table = Table([
            ("luma step", .right), ("frames", .right), ("gain Y", .right), ("worst 5 %", .right),
            ("worst", .right),
        ])
        let bins = Dictionary(grouping: all) { (2 * log2(max($0.step, 1))).rounded() }
        for (bin, frames) in bins.sorted(by: { $0.key < $1.key }) {
            let gains = frames.map(\.gain).sorted()
            let few = gains.prefix(max(1, gains.count / 20))
            table.append([
                fixed(Double(exp2(bin / 2)), decimals: 1), "\(gains.count)",
                cell(gains.reduce(0, +) / Double(gains.count)),
                cell(few.reduce(0, +) / Double(few.count)), cell(gains[0]),
            ])
        }
        return table.lines()
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

    /// Whether what people see was measured.
    var hasSeen: Bool { results.contains { $0.gain.seen != nil } }

    /// What people see, and what became of detail: a row a group each.
    var seenTable: [String] {
        let external = ExternalMeasure.allCases.filter { measure in
            measure == .butteraugli
                || results.contains { $0.gain.seen?.before.external[measure] != nil }
        }
        var seen = Table(
            [("seen", .left)] + external.map { ($0.rawValue, .right) } + [
                ("deep features", .right), ("blocks harmed", .right), ("SSIM", .right),
                ("MS-SSIM", .right), ("flicker", .right),
            ] + (hasVMAF ? [("VMAF", .right)] : []))
        var detail = Table(
            [("detail", .left)]
                + (1...3).flatMap { level in
                    [
                        ("level \(level) before", .right), ("after", .right),
                        ("correlation", .right), ("unsharp", .right),
                    ] as [(String, Table.Alignment)]
                })
        for (name, gains) in groups.map({ ("mean \($0.name)", $0.gains) })
            + [("mean of all", results.map(\.gain))]
        {
            seen.append(seenRow(name, gains, external))
            detail.append(detailRow(name, gains))
        }
        return seen.lines() + detail.lines()
    }

    private var hasVMAF: Bool {
        results.contains { $0.gain.seen?.structureBefore.vmaf != nil }
    }

    private func seenRow(
        _ name: String, _ gains: [PairGain], _ external: [ExternalMeasure]
    ) -> [String] {
        func step(_ value: (StructureFigures) -> Double?, decimals: Int = 4) -> String {
            guard let before = mean(gains, { $0.seen.flatMap { value($0.structureBefore) } }),
                let after = mean(gains, { $0.seen.flatMap { value($0.structureAfter) } })
            else { return "not measured" }
            return (after >= before ? "+" : "") + fixed(after - before, decimals: decimals)
        }
        let programs = external.map { measure in
            measure.growsWithQuality
                ? difference(gains) { $0.external[measure] }
                : change(gains) { $0.external[measure] }
        }
        let harmed = mean(gains) { $0.seen?.harm.share }
        return [name] + programs + [
            change(gains, \.deepFeatures),
            harmed.map { fixed(100 * $0, decimals: 2) + " %" } ?? "",
            step(\.ssim), step(\.multiScale),
            percent(
                mean(gains) { $0.seen?.structureBefore.flicker },
                mean(gains) { $0.seen?.structureAfter.flicker }),
        ] + (hasVMAF ? [step(\.vmaf, decimals: 2)] : [])
    }

    private func detailRow(_ name: String, _ gains: [PairGain]) -> [String] {
        [name]
            + (0..<3).flatMap { level in
                [
                    \DetailFigures.Level.ratioBefore, \.ratioAfter, \.correlation,
                    \.unsharpCorrelation,
                ].map { figure in
                    mean(gains) { $0.seen?.detail.levels[level][keyPath: figure] }
                        .map { fixed($0, decimals: 3) } ?? ""
                }
            }
    }

    private func difference(
        _ gains: [PairGain], _ value: (PerceptualFigures) -> Double?
    ) -> String {
        guard let before = mean(gains, { $0.seen.flatMap { value($0.before) } }),
            let after = mean(gains, { $0.seen.flatMap { value($0.after) } })
        else { return "not measured" }
        return (after >= before ? "+" : "") + fixed(after - before, decimals: 2)
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
        return .object(
            [
                ("frames", .int(seen.frames))
            ]
                + ExternalMeasure.allCases.map { measure in
                    (measure.rawValue, pair { $0.external[measure] })
                } + [
                    ("deepFeatures", pair(\.deepFeatures)),
                    (
                        "detail",
                        .array(
                            seen.detail.levels.map { level in
                                .object([
                                    ("ratioBefore", .number(level.ratioBefore)),
                                    ("ratioAfter", .number(level.ratioAfter)),
                                    ("correlation", .number(level.correlation)),
                                    ("unsharpCorrelation", .number(level.unsharpCorrelation)),
                                ])
                            })
                    ),
                    ("blocksHarmed", .number(seen.harm.share)),
                    ("ssim", structure(\.ssim)), ("msSSIM", structure(\.multiScale)),
                    ("flicker", structure(\.flicker)), ("vmaf", structure(\.vmaf)),
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
