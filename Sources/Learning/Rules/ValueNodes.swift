// Which nodes of a graph have activities of their own, and the graph cut at them.
import Graphs

/// Which nodes of a network's graph have activities of their own while a rule infers.
public enum ValueNodeChoice: Sendable, Hashable {
    /// Products with learned weights: one for each layer, before its activation.
    case layers
    /// Every operation that depends on something learned.
    case operations
}

/// A loss's graph with the nodes that have activities of their own, and what they are called.
struct ValueNodes {
    /// The graph, the loss's position in it, and whether each node depends on something learned.
    let graph: Graph, loss: Int
    let isLearned: [Bool]
    /// Positions of value nodes, in order, and a name for each, unique: that of the layer, else of the operation.
    let nodes: [Int], names: [String]
    /// Whether what is predicted of a value node follows from no other's activities: inference leaves it as it is.
    let isFirst: [Bool]

    /// The value nodes of a graph.
    ///
    /// - Parameters:
    ///   - learned: Paths of what is learned.
    ///   - keepsLast: Whether nodes behind which there is no other are value nodes too; else what they predict goes
    ///     straight into the loss, as if they were clamped to what is right.
    init(
        _ graph: Graph, loss: String, learning learned: Set<String>, _ choice: ValueNodeChoice,
        keepsLast: Bool
    ) {
        guard let loss = graph.output(loss) else {
            preconditionFailure("the graph has no output '\(loss)'")
        }
        (self.graph, self.loss) = (graph, loss)
        var isLearned = [Bool](repeating: false, count: graph.nodes.count)
        var matters = isLearned
        matters[loss] = true
        for (index, node) in graph.nodes.enumerated() {
            isLearned[index] =
                (node.operation as? Parameter).map { learned.contains($0.name) }
                ?? node.inputs.contains { isLearned[$0] }
        }
        for index in graph.nodes.indices.reversed() where matters[index] {
            for input in graph.nodes[index].inputs { matters[input] = true }
        }
        self.isLearned = isLearned
        var chosen = graph.nodes.indices.filter { index in
            let node = graph.nodes[index]
            guard isLearned[index], matters[index], index != loss, !node.inputs.isEmpty else {
                return false
            }
            return choice == .operations || node.operation.isProduct
        }
        if !keepsLast {
            // From the loss back: those that reach it past no other value node.
            let all = Set(chosen)
            var isDirect = [Bool](repeating: false, count: graph.nodes.count)
            isDirect[loss] = true
            for index in graph.nodes.indices.reversed()
            where isDirect[index] && !all.contains(index) {
                for input in graph.nodes[index].inputs { isDirect[input] = true }
            }
            var feedsOthers = [Bool](repeating: false, count: graph.nodes.count)
            for index in graph.nodes.indices.reversed()
            where all.contains(index) || feedsOthers[index] {
                for input in graph.nodes[index].inputs { feedsOthers[input] = true }
            }
            chosen.removeAll { isDirect[$0] && !feedsOthers[$0] }
        }
        nodes = chosen
        let all = Set(chosen)
        var follows = [Bool](repeating: false, count: graph.nodes.count)
        for (index, node) in graph.nodes.enumerated() {
            follows[index] = node.inputs.contains { all.contains($0) || follows[$0] }
        }
        isFirst = chosen.map { !follows[$0] }
        var taken: [String: Int] = [:]
        names = chosen.map { index in
            let name = graph.layerName(of: index) ?? "\(graph.nodes[index].operation.kind) \(index)"
            taken[name, default: 0] += 1
            return taken[name]! == 1 ? name : "\(name)#\(taken[name]!)"
        }
    }

    /// Appends the graph with something else in the place of each value node.
    ///
    /// - Parameter substitute: What later nodes read instead of what is predicted, by the number of the value node.
    /// - Returns: What is predicted of each value node, and the values of all nodes as later ones read them.
    func append(
        to builder: GraphBuilder, _ substitute: (Int, Value) -> Value
    ) -> (predictions: [Value], values: [Value]) {
        var number = 0
        var predictions: [Value] = []
        var values: [Value] = []
        values.reserveCapacity(graph.nodes.count)
        for (index, node) in graph.nodes.enumerated() {
            let value: Value
            switch node.operation {
            case let source as Input: value = builder.input(source.name)
            case let source as Parameter: value = builder.parameter(source.name)
            default: value = builder.apply(node.operation, to: node.inputs.map { values[$0] })
            }
            if number < nodes.count, nodes[number] == index {
                predictions.append(value)
                values.append(substitute(number, value))
                number += 1
            } else {
                values.append(value)
            }
        }
        return (predictions, values)
    }
}

extension Operation {
    /// Whether it weighs and sums what comes in.
    fileprivate var isProduct: Bool {
        self is Linear || self is Convolution || self is MatrixProduct
    }
}

extension Graph {
    /// The path of the parameter that a node reads, without its last part: "trunk.0" of "trunk.0.weight".
    fileprivate func layerName(of index: Int) -> String? {
        for input in nodes[index].inputs {
            guard let path = (nodes[input].operation as? Parameter)?.name else { continue }
            return path.lastIndex(of: ".").map { String(path[..<$0]) } ?? path
        }
        return nil
    }
}
