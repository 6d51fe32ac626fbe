// What stays as it is while a phase repeats itself is computed once.
import Graphs

/// The graph of a phase cut in two: what no run changes, and what each computes from that.
struct PhaseCut {
    /// Computes what stays; its outputs are inputs of `repeated`.
    let opening: Graph
    /// Yields what the phase yields.
    let repeated: Graph

    /// Cuts a graph; nil where nothing would be saved.
    ///
    /// What follows from parameters alone stays with the runs: plans compute it when parameters change.
    ///
    /// - Parameter carried: Inputs that change from run to run.
    init?(_ graph: Graph, carried: Set<String>) {
        var moves = [Bool](repeating: false, count: graph.nodes.count)
        var isGiven = moves
        for (index, node) in graph.nodes.enumerated() {
            if let input = node.operation as? Input {
                moves[index] = carried.contains(input.name)
                isGiven[index] = !moves[index]
            }
            for input in node.inputs {
                if moves[input] { moves[index] = true }
                if isGiven[input] { isGiven[index] = true }
            }
        }
        func stays(_ index: Int) -> Bool {
            isGiven[index] && !moves[index] && !graph.nodes[index].inputs.isEmpty
        }
        var isRead = [Bool](repeating: false, count: graph.nodes.count)
        for (index, node) in graph.nodes.enumerated() where moves[index] {
            for input in node.inputs where stays(input) { isRead[input] = true }
        }
        for output in graph.outputs where stays(output.node) { isRead[output.node] = true }
        let border = graph.nodes.indices.filter { isRead[$0] }
        guard !border.isEmpty else { return nil }
        func name(_ index: Int) -> String { "still.\(index)" }
        opening = Graph.build { builder in
            let values = builder.append(graph)
            for index in border { builder.output(values[index], name(index)) }
        }
        repeated = Graph.build { builder in
            var values: [Value] = []
            for (index, node) in graph.nodes.enumerated() {
                if isRead[index] {
                    values.append(builder.input(name(index)))
                    continue
                }
                switch node.operation {
                case let source as Input: values.append(builder.input(source.name))
                case let source as Parameter: values.append(builder.parameter(source.name))
                default:
                    values.append(
                        builder.apply(node.operation, to: node.inputs.map { values[$0] }))
                }
            }
            for (name, node) in graph.outputs { builder.output(values[node], name) }
        }
    }
}
