// The figures of 'hoi evaluate' on photographs as a table, JSON and CSV.
import Interaction
import Terminal

/// What was measured of a predicate head on photographs.
struct PhotographReport: Figures {
    let accuracy: PhotographAccuracy
    let probe: ObjectProbe?

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
                Self.percent(row.amongAlike), Self.percent(row.amongAll),
            ])
        }
        for mean in means {
            table.append(["mean", mean.name, "", Self.percent(mean.alike), Self.percent(mean.all)])
        }
        guard let probe else { return table.lines() }
        return table.lines() + [
            "",
            "object told by features: \(Self.percent(probe.features)) %, most frequent "
                + "\(Self.percent(probe.chance)) %; by features and verb: "
                + "\(Self.percent(probe.featuresGivenVerb)) %, most frequent "
                + "\(Self.percent(probe.chanceGivenVerb)) %",
        ]
    }

    /// Each combination, a line each.
    var csv: [String] {
        ["verb,object,pairs,unseen,same_thing,all"]
            + accuracy.rows.map { row in
                ([
                    row.triplet.verb, row.triplet.object, "\(row.count)", row.isUnseen ? "1" : "0",
                ] + [row.amongAlike, row.amongAll].map(Self.cell))
                .joined(separator: ",")
            }
    }

    /// Everything.
    var json: JSONValue {
        var members: [(String, JSONValue)] = means.map { mean in
            (
                mean.name,
                .object([("same thing", Self.number(mean.alike)), ("all", Self.number(mean.all))])
            )
        }
        if let probe {
            members.append(
                (
                    "probe",
                    .object([
                        ("features", Self.number(probe.features)),
                        ("chance", Self.number(probe.chance)),
                        ("features given verb", Self.number(probe.featuresGivenVerb)),
                        ("chance given verb", Self.number(probe.chanceGivenVerb)),
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
                            ("same thing", Self.number(row.amongAlike)),
                            ("all", Self.number(row.amongAll)),
                        ])
                    })
            ))
        return .object(members)
    }
}
