// UnRel's figures as tables, JSON and CSV.
import Interaction
import Terminal

/// How well relations are retrieved.
struct RetrievalFigures: Figures {
    let accuracy: RetrievalAccuracy

    /// Means over the queries.
    private var means: [(name: String, value: Double?)] {
        [
            ("mAP", accuracy.mean), ("mAP, interpolated", accuracy.interpolatedMean),
            ("recall", accuracy.recallMean),
        ]
    }

    var table: [String] {
        let count = accuracy.queries.count { $0.total > 0 }
        var table = Table([("retrieval, %", .left), ("\(count) queries", .right)])
        for mean in means { table.append([mean.name, Self.percent(mean.value)]) }
        return table.lines()
    }

    /// Each query.
    var verbTable: [String] {
        var table = Table([
            ("query", .left), ("pairs", .right), ("found", .right), ("AP, %", .right),
        ])
        for query in accuracy.queries {
            table.append([
                "\(query.relation)", "\(query.total)", "\(query.hits.count { $0 })",
                Self.percent(query.precision),
            ])
        }
        return table.lines()
    }

    var csv: [String] {
        ["subject,predicate,object,pairs,found,ap,ap_interpolated"]
            + accuracy.queries.map { query in
                [
                    query.relation.subject, query.relation.predicate, query.relation.object,
                    "\(query.total)", "\(query.hits.count { $0 })", Self.cell(query.precision),
                    Self.cell(query.interpolated),
                ].joined(separator: ",")
            }
    }

    var json: JSONValue {
        let queries = accuracy.queries.map { query -> JSONValue in
            .object([
                ("query", .string("\(query.relation)")), ("pairs", .int(query.total)),
                ("found", .int(query.hits.count { $0 })), ("AP", Self.number(query.precision)),
                ("AP, interpolated", Self.number(query.interpolated)),
            ])
        }
        return .object(
            means.map { ($0.name, Self.number($0.value)) } + [("queries", .array(queries))])
    }
}
