// What a split keeps and shows, as a table and as JSON.
import Interaction
import Terminal

/// Counts of a split and of its photographs, and what is wrong with them.
struct SplitFigures {
    let split: CompositionSplit
    let division: SplitDivision

    private var sides: [(name: String, side: SplitSide)] {
        [("training", SplitSide(division.training)), ("test", SplitSide(division.test))]
    }

    private static let rows: [(name: String, count: @Sendable (SplitSide) -> Int)] = [
        ("photographs", { $0.pictures }), ("pairs", { $0.pairs }),
        ("combinations", { $0.combinations }), ("verbs", { $0.verbs }),
        ("objects", { $0.objects }),
    ]

    /// How many of the names that the kept combinations have are known from others.
    private func known(_ name: (Triplet) -> String, without lacking: Set<Triplet>) -> String {
        let all = Set(split.unseen.map(name)), unknown = Set(lacking.map(name))
        return "\(all.count - unknown.count) of \(all.count)"
    }

    /// A line a fact; at the end a line for everything that is wrong.
    var table: [String] {
        let sides = sides
        var table = Table(
            [("", .left)] + sides.map { ($0.name, Table.Alignment.right) })
        for row in Self.rows {
            table.append([row.name] + sides.map { "\(row.count($0.side))" })
        }
        let lines = [
            "\(split.unseen.count) of \(split.unseen.count + split.seen.count) combinations are "
                + "kept for the test",
            "verbs of these that others have: "
                + known(\.verb, without: split.withUnknownVerb),
            "objects of these that others have: "
                + known(\.object, without: split.withUnknownObject),
            "compositional: \(split.isCompositional ? "yes" : "no")",
        ]
        let problems = division.problems.map { "wrong: " + printable("\($0)") }
        return table.lines() + [""] + lines + problems
    }

    /// Everything.
    var json: JSONValue {
        let sides = sides.map { name, side -> (String, JSONValue) in
            (name, .object(Self.rows.map { ($0.name, .int($0.count(side))) }))
        }
        return .object(
            [
                ("unseen", .int(split.unseen.count)), ("seen", .int(split.seen.count)),
                ("compositional", .bool(split.isCompositional)),
            ] + sides + [
                ("problems", .array(division.problems.map { .string("\($0)") }))
            ])
    }
}
