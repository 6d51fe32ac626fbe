// V-COCO's figures as tables, JSON and CSV.
import Interaction
import Terminal

/// Role and agent precision of findings.
struct RoleFigures: Figures {
    /// Official names; where only pairs are known the measure is another one and is called so.
    private let roles: [(name: String, accuracy: RoleAccuracy)]
    private let agents: AgentAccuracy?

    init(_ set: VCOCO, found: [[FoundAgent]]) {
        let truth = set.agents
        func accuracy(_ scenario: RoleAccuracy.Scenario) -> RoleAccuracy {
            RoleAccuracy(truth: truth, found: found, verbs: set.verbs, scenario: scenario)
        }
        guard !set.hasPairsOnly else {
            (roles, agents) = ([("role AP, pairs only", accuracy(.first))], nil)
            return
        }
        roles = [
            ("role AP, scenario 1", accuracy(.first)), ("role AP, scenario 2", accuracy(.second)),
        ]
        agents = AgentAccuracy(truth: truth, found: found, verbs: set.verbs)
    }

    /// Means, by name.
    private func means(_ accuracy: RoleAccuracy) -> [(name: String, value: Double?)] {
        let all = accuracy.precisions.count { $0 != nil }
        var means = [("mean of \(all) roles", accuracy.mean)]
        if accuracy.verbs.contains("point instr") {
            means.append(("mean without point instr", accuracy.meanWithoutPointing))
        }
        return means
    }

    var table: [String] {
        var table = Table([("%", .left)] + roles.map { ($0.name, Table.Alignment.right) })
        let columns = roles.map { means($0.accuracy) }
        for (row, mean) in columns[0].enumerated() {
            table.append([mean.name] + columns.map { Self.percent($0[row].value) })
        }
        guard let agents else { return table.lines() }
        var second = Table([("%", .left), ("agent AP", .right)])
        let count = agents.precisions.count { $0 != nil }
        second.append(["mean of \(count) actions", Self.percent(agents.mean)])
        return table.lines() + [""] + second.lines()
    }

    /// Each role, and each action.
    var verbTable: [String] {
        var table = Table(
            [("role", .left), ("people", .right)]
                + roles.map { ($0.name + ", %", Table.Alignment.right) })
        let first = roles[0].accuracy
        for (index, verb) in first.verbs.enumerated() {
            table.append(
                [verb, "\(first.counts[index])"]
                    + roles.map { Self.percent($0.accuracy.precisions[index]) })
        }
        guard let agents else { return table.lines() }
        var second = Table([("action", .left), ("people", .right), ("agent AP, %", .right)])
        for (index, action) in agents.actions.enumerated() {
            second.append([
                action, "\(agents.counts[index])", Self.percent(agents.precisions[index]),
            ])
        }
        return table.lines() + [""] + second.lines()
    }

    /// Precisions of all, by the measure's name.
    private var lists: [(name: String, names: [String], counts: [Int], precisions: [Double?])] {
        roles.map { ($0.name, $0.accuracy.verbs, $0.accuracy.counts, $0.accuracy.precisions) }
            + (agents.map { [("agent AP", $0.actions, $0.counts, $0.precisions)] } ?? [])
    }

    var csv: [String] {
        ["measure,verb,people,percent"]
            + lists.flatMap { list in
                list.names.indices.map { index in
                    "\"\(list.name)\",\(list.names[index]),\(list.counts[index]),"
                        + Self.cell(list.precisions[index])
                }
            }
    }

    var json: JSONValue {
        let means =
            roles.map { (name: $0.name, means: self.means($0.accuracy)) }
            + (agents.map { [(name: "agent AP", means: [(name: "mean", value: $0.mean)])] } ?? [])
        return .object(
            zip(means, lists).map { entry, list in
                let each = list.names.indices.map { index -> (String, JSONValue) in
                    (list.names[index], Self.number(list.precisions[index]))
                }
                return (
                    entry.name,
                    .object(
                        entry.means.map { ($0.name, Self.number($0.value)) }
                            + [("each", .object(each))])
                )
            })
    }
}
