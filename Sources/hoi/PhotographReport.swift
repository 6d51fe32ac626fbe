// The figures of 'hoi evaluate' on photographs as a table, JSON and CSV.
import Interaction
import Terminal

/// What was measured of a predicate head on photographs.
struct PhotographReport {
    let accuracy: PhotographAccuracy
    let probe: ObjectProbe?

    private static func text(_ value: Double?) -> String {
        value.map { fixed(100 * $0, decimals: 2) } ?? "n/a"
    }

    private var means: [(name: String, alike: Double?, all: Double?)] {
        [("unseen", true), ("seen", false)].map { name, unseen in
            let means = accuracy.means(unseen: unseen)
            return (name, means.amongAlike, means.amongAll)
        }
    }

    /// Each combination, then the means.
    var table: [String] {
        var table = Table([
            ("average precision, %", .left), ("", .left), ("pairs", .right),
            ("same thing", .right), ("all", .right),
        ])
        for row in accuracy.rows {
            table.append([
                "\(row.triplet)", row.isUnseen ? "unseen" : "", "\(row.count)",
                Self.text(row.amongAlike), Self.text(row.amongAll),
            ])
        }
        for mean in means {
            table.append(["mean", mean.name, "", Self.text(mean.alike), Self.text(mean.all)])
        }
        guard let probe else { return table.lines() }
        return table.lines() + [
            "",
            "object told by features: \(Self.text(probe.features)) %, most frequent "
                + "\(Self.text(probe.chance)) %; by features and verb: "
                + "\(Self.text(probe.featuresGivenVerb)) %, most frequent "
                + "\(Self.text(probe.chanceGivenVerb)) %",
        ]
    }

    /// Each combination, a line each.
    var csv: [String] {
        ["verb,object,pairs,unseen,same_thing,all"]
            + accuracy.rows.map { row in
                ([
                    row.triplet.verb, row.triplet.object, "\(row.count)", row.isUnseen ? "1" : "0",
                ] + [row.amongAlike, row.amongAll].map { $0.map { "\(Float(100 * $0))" } ?? "" })
                .joined(separator: ",")
            }
    }

    /// Everything.
    var json: JSONValue {
        func number(_ value: Double?) -> JSONValue { value.map { .number(100 * $0) } ?? .null }
        var members: [(String, JSONValue)] = means.map { mean in
            (
                mean.name,
                .object([("same thing", number(mean.alike)), ("all", number(mean.all))])
            )
        }
        if let probe {
            members.append(
                (
                    "probe",
                    .object([
                        ("features", number(probe.features)), ("chance", number(probe.chance)),
                        ("features given verb", number(probe.featuresGivenVerb)),
                        ("chance given verb", number(probe.chanceGivenVerb)),
                    ])
                ))
        }
        members.append(
            (
                "combinations",
                .array(
                    accuracy.rows.map { row in
                        .object([
                            ("verb", .string(row.triplet.verb)),
                            ("object", .string(row.triplet.object)), ("pairs", .int(row.count)),
                            ("unseen", .bool(row.isUnseen)),
                            ("same thing", number(row.amongAlike)),
                            ("all", number(row.amongAll)),
                        ])
                    })
            ))
        return .object(members)
    }
}
