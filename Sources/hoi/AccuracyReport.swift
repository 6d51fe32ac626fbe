// HICO-DET's figures as tables, JSON and CSV.
import Interaction
import Terminal

/// What was measured of a predicate head, or of findings.
struct AccuracyReport: Figures {
    let accuracy: PredicateAccuracy
    var probe: ObjectProbe?
    /// The head; nil for findings.
    var model: PredicateModel?
    /// What the figures are, for the table.
    let title: String

    private static let settings: [(name: String, setting: InteractionAccuracy.Setting)] = [
        ("default", .default), ("known object", .knownObject),
    ]

    /// Names and figures of a setting's means, in percent.
    private func means(
        _ setting: InteractionAccuracy.Setting
    ) -> [(name: String, value: Double?)] {
        let means = accuracy.means(setting)
        let figures: [(String, Double?)] = [
            ("full", means.full), ("rare", means.rare), ("non-rare", means.nonRare),
            ("unseen", means.unseen), ("seen", means.seen), ("harmonic mean", means.harmonic),
            ("mPD", accuracy.degradation(setting)),
        ]
        // Of findings nobody said what is rare or unseen, unless somebody did.
        let names =
            (accuracy.rare.isEmpty ? ["rare", "non-rare"] : [])
            + (accuracy.unseen.isEmpty ? ["unseen", "seen", "harmonic mean"] : [])
        return figures.filter { model != nil || !names.contains($0.0) }.map {
            ($0.0, $0.1.map { 100 * $0 })
        }
    }

    private static func text(_ value: Double?) -> String {
        value.map { fixed($0, decimals: 2) } ?? "n/a"
    }

    /// The means, one setting beside the other; and what the probe tells.
    var table: [String] {
        var table = Table(
            [(title, .left)]
                + Self.settings.map { ($0.name, Table.Alignment.right) })
        let columns = Self.settings.map { means($0.setting) }
        for (row, mean) in columns[0].enumerated() {
            table.append([mean.name] + columns.map { Self.text($0[row].value) })
        }
        guard let probe else { return table.lines() }
        var told = Table([
            ("object told by", .left), ("right, %", .right), ("most frequent, %", .right),
        ])
        told.append([
            "features", Self.text(100 * probe.features), Self.text(100 * probe.chance),
        ])
        told.append([
            "features and verb", Self.text(100 * probe.featuresGivenVerb),
            Self.text(100 * probe.chanceGivenVerb),
        ])
        return table.lines() + [""] + told.lines()
    }

    /// Each verb.
    var verbTable: [String] {
        var table = Table([
            ("verb", .left), ("objects", .right), ("mAP, %", .right), ("best, %", .right),
            ("degradation, %", .right),
        ])
        for verb in accuracy.byVerb() {
            table.append([
                verb.verb, "\(verb.objects)", Self.text(100 * verb.mean),
                Self.text(100 * verb.best), Self.text(100 * verb.degradation),
            ])
        }
        return table.lines()
    }

    /// Each combination, a line each.
    var csv: [String] {
        ["verb,object,rare,unseen,default,known_object"]
            + accuracy.triplets.enumerated().map { index, triplet in
                let figures = Self.settings.map { setting in
                    accuracy.accuracy(setting.setting).precisions[index].map {
                        "\(Float(100 * $0))"
                    } ?? ""
                }
                return
                    ([
                        triplet.verb, triplet.object, accuracy.rare.contains(index) ? "1" : "0",
                        accuracy.unseen.contains(index) ? "1" : "0",
                    ] + figures).joined(separator: ",")
            }
    }

    /// Everything.
    var json: JSONValue {
        func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
        var members: [(String, JSONValue)] = []
        if let model {
            let entries = model.metadata.sorted { $0.key < $1.key }.filter {
                $0.key != "percept.verbs" && $0.key != "percept.unseen"
            }
            members.append(("model", .object(entries.map { ($0.key, .string($0.value)) })))
        }
        members.append(
            (
                "means",
                .object(
                    Self.settings.map { setting in
                        (
                            setting.name,
                            .object(
                                means(setting.setting).map { ($0.name, number($0.value)) })
                        )
                    })
            ))
        if let probe {
            members.append(
                (
                    "probe",
                    .object([
                        ("features", .number(100 * probe.features)),
                        ("chance", .number(100 * probe.chance)),
                        ("features given verb", .number(100 * probe.featuresGivenVerb)),
                        ("chance given verb", .number(100 * probe.chanceGivenVerb)),
                    ])
                ))
        }
        members.append(
            (
                "verbs",
                .array(
                    accuracy.byVerb().map { verb in
                        .object([
                            ("verb", .string(verb.verb)), ("objects", .int(verb.objects)),
                            ("mean", .number(100 * verb.mean)),
                            ("best", .number(100 * verb.best)),
                        ])
                    })
            ))
        return .object(members)
    }
}
