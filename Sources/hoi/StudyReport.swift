// The figures of 'hoi study' as tables and JSON.
import Interaction
import Terminal

/// What was tried, what was chosen, and what came of it in the test.
struct StudyReport {
    private let study: PredicateStudy, record: StudyRecord
    private let results: [PredicateStudy.Tested]
    private let scores: [(variant: PredicateVariant, score: Double?)]

    init(_ study: PredicateStudy, _ ground: some StudyGround, _ record: StudyRecord) {
        (self.study, self.record) = (study, record)
        results = study.results(on: ground, record)
        scores = study.variants.map {
            ($0, study.score($0, for: "", on: ground, record))
        }
    }

    static func percent(_ value: Double?) -> String {
        value.map { fixed(100 * $0, decimals: 2) } ?? "n/a"
    }

    private static func text(_ interval: MeanInterval?) -> String {
        guard let interval else { return "n/a" }
        let half = interval.halfWidth.map { " ± \(percent($0))" } ?? ""
        return percent(interval.mean) + half
    }

    private static let figures: [(name: String, of: @Sendable (StudyOutcome) -> Double?)] = [
        ("unseen", { $0.unseen }), ("seen", { $0.seen }), ("harmonic mean", { $0.harmonic }),
        ("unseen, same thing", { $0.others["unseen, same thing"] }),
        ("seen, same thing", { $0.others["seen, same thing"] }),
        ("mPD", { $0.others["mPD"] }),
        ("object told by features", { $0.others["probe"] }),
        ("  most frequent", { $0.others["probe chance"] }),
        ("object told by features and verb", { $0.others["probe given verb"] }),
        ("  the verb's most frequent", { $0.others["probe chance given verb"] }),
    ]

    /// What was tried, best first; then the test, and what the chosen one gains.
    private var lines: [String] {
        var lines: [String] = []
        if scores.contains(where: { $0.score != nil }) {
            var table = Table([("tried", .left), ("kept back, harmonic mean, %", .right)])
            for (variant, score) in scores.sorted(by: { ($0.score ?? 0) > ($1.score ?? 0) }) {
                table.append(["\(variant)", Self.percent(score)])
            }
            lines += table.lines() + [""]
        }
        var table = Table(
            [("test, %, \(study.seedCount) seeds", .left)]
                + results.map { ($0.name, Table.Alignment.right) })
        for figure in Self.figures {
            let values = results.map { $0.values(figure.of).map { MeanInterval($0) } }
            guard values.contains(where: { $0 != nil }) else { continue }
            table.append([figure.name] + values.map(Self.text))
        }
        lines += table.lines() + [""]
        for result in results {
            let kinds = result.variants.reduce(into: [String]()) {
                if !$0.contains("\($1)") { $0.append("\($1)") }
            }
            lines.append("\(result.name): \(kinds.joined(separator: "; "))")
        }
        return lines + [""] + differences.map(\.line)
    }

    private func result(_ name: String) -> PredicateStudy.Tested? {
        results.first { $0.name == name }
    }

    private var differences: [(name: String, value: StudyDifference, line: String)] {
        guard let base = result("erm") else { return [] }
        return results.filter { $0.name != "erm" }.map { other in
            let difference = StudyDifference(other, base)
            let drawn = difference.combinations.map {
                "; combinations drawn anew \(Self.percent($0.lowerBound)) to "
                    + Self.percent($0.upperBound)
            }
            return (
                other.name, difference,
                "\(other.name) - erm on unseen: \(Self.text(difference.seeds)) (95 %, seeds)"
                    + (drawn ?? "")
            )
        }
    }

    private var json: JSONValue {
        func number(_ value: Double?) -> JSONValue { value.map { .number(100 * $0) } ?? .null }
        return .object([
            (
                "tried",
                .array(
                    scores.map {
                        .object([
                            ("variant", .string("\($0.variant)")), ("harmonic", number($0.score)),
                        ])
                    })
            ),
            (
                "test",
                .array(
                    results.map { result in
                        .object(
                            [
                                ("name", .string(result.name)),
                                (
                                    "variants",
                                    .array(result.variants.map { .string("\($0)") })
                                ),
                            ]
                                + Self.figures.compactMap { figure in
                                    result.values(figure.of).map { values in
                                        let interval = MeanInterval(values)
                                        return (
                                            figure.name.trimmed,
                                            .object([
                                                ("mean", number(interval.mean)),
                                                ("95 %", number(interval.halfWidth)),
                                            ])
                                        )
                                    }
                                })
                    })
            ),
            (
                "differences",
                .array(
                    differences.map { difference in
                        .object([
                            ("name", .string("\(difference.name) - erm")),
                            ("mean", number(difference.value.seeds.mean)),
                            ("95 %, seeds", number(difference.value.seeds.halfWidth)),
                            (
                                "95 %, combinations",
                                difference.value.combinations.map {
                                    .array([number($0.lowerBound), number($0.upperBound)])
                                } ?? .null
                            ),
                        ])
                    })
            ),
        ])
    }

    /// Prints, and writes what `--report` asks for.
    func say(_ arguments: Arguments) throws -> ExitCode {
        if let path = arguments[EvaluateCommand.report] {
            try CommonOptions.write(json.pretty, to: path)
        }
        for line in lines { CommonOptions.output(line) }
        return .success
    }
}

extension String {
    /// Without spaces in front.
    fileprivate var trimmed: String { String(drop(while: { $0 == " " })) }
}
