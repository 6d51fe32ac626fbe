// What a second look of the detector is worth, by who says where to look.
import Interaction

/// Parts of the held things that are found, by who said where to look again; a number a seed.
struct PCContextRecalls {
    /// Everything held that was asked about, how much of it was missed at first, and what was found in all.
    private var counts: [Int] = [], missed: [Int] = []
    private var found: [String: [Int]] = [:]
    /// Things told of by the second look that are not the pair's.
    private var others: [String: [Int]] = [:]

    /// The squares around the true place, by how many times as wide they are: more cannot be found.
    private static let truths = [2.0, 3, 5].map {
        (name: "the true place, \($0.fixed(0)) times as wide", times: $0)
    }
    private static var order: [String] { PCContext.lookedAgain + truths.map(\.name) }

    /// What looking again gives where answers say.
    ///
    /// - Throws: `MediaError`, `PlanError`.
    mutating func append(_ answers: PCContextAnswers, seenBy sight: PCContextSight) throws {
        let held = answers.asked.indices.filter {
            PCContextSight.held.contains(answers.asked[$0].category)
        }
        let atOnce = held.filter { sight.findsAtOnce(answers.asked[$0]) }
        let later = held.filter { !sight.findsAtOnce(answers.asked[$0]) }
        counts.append(held.count)
        missed.append(later.count)
        for name in Self.order {
            var (finds, told) = (atOnce.count, 0)
            for index in later {
                let pair = answers.asked[index]
                let truth = Self.truths.first { $0.name == name }
                let look = try sight.lookAgain(
                    at: pair, around: truth != nil ? pair.object : answers.boxes[name]![index],
                    times: truth?.times ?? 2)
                finds += look.finds ? 1 : 0
                told += look.told - (look.finds ? 1 : 0)
            }
            found[name, default: []].append(finds)
            others[name, default: []].append(told)
        }
    }

    private func recalls(_ found: [Int]) -> [Double] {
        zip(found, counts).map { $1 > 0 ? Double($0) / Double($1) : .nan }
    }

    /// Tells the parts, and whether the graph's are worth shipping.
    func report(to result: inout ExperimentResult) {
        var table = ResultTable(
            "Held things found, on photographs held out",
            columns: ["looked again at", "found", "of those missed at first", "others told of"])
        let first = zip(counts, missed).map { $0 - $1 }
        table.append(.text("nothing"), Spread(recalls(first)).cell, .number(0), .number(0))
        for name in Self.order {
            let later = zip(zip(found[name]!, first), missed).map {
                $1 > 0 ? Double($0.0 - $0.1) / Double($1) : .nan
            }
            table.append(
                .text(name), Spread(recalls(found[name]!)).cell, Spread(later).cell,
                Spread(others[name]!.map(Double.init)).cell)
        }
        result.tables.insert(table, at: 1)
        func best(_ who: String) -> Double {
            Self.order.filter { $0.hasPrefix(who) }.map { Spread(recalls(found[$0]!)).mean }.max()!
        }
        let graph = best("graph")
        for (what, other) in [
            ("no second look", Spread(recalls(first)).mean), ("the upper body", best("upper body")),
            ("a network trained by backpropagation", best("network")),
        ] {
            result.findings.append(
                ResultFinding(
                    "looking where the graph says finds 5 points more of what is held than \(what)",
                    found: "\((100 * graph).fixed(1)) beside \((100 * other).fixed(1)) %",
                    holds: graph >= other + 0.05))
        }
        result.notes.append(
            "\(counts.map { "\($0)" }.joined(separator: ", ")) held things asked about, by seed; found is a detection of"
                + " \(PCContextSight.score) or more of the right kind whose overlap with the box is"
                + " \(PCContextSight.overlap) or more, in the whole photograph or in a square twice as wide as"
                + " the place that is said")
    }
}
