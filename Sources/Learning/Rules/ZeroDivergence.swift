// Z-IL as a learning rule: predictive coding whose weights learn exactly when errors arrive, which is backpropagation.
import Graphs

/// Zero-divergence inference learning: activities begin as predicted, move with γ = 1, and a weight learns at the very
/// step at which errors reach it.
///
/// A node l steps from the loss stays at its forward value until step l, and its first error is what backpropagation
/// computes for it; so only the nodes of one level do anything at each step. This rule does that and nothing else: it
/// costs what backpropagation costs. ``ZeroDivergenceWalk`` computes all nodes at all steps, as the papers write it.
///
/// Outputs "energy.LAYER" are what the errors of a layer cost when they arrive, half the sum of their squares.
///
/// - SeeAlso: Song et al. (2020); Salvatori et al. (arXiv:2103.03725, arXiv:2103.04689).
public struct ZeroDivergence: DirectRule {
    /// The rule.
    public init() {}

    public func appendingGradients(
        to graph: Graph, of loss: String, learning paths: [String]? = nil
    ) -> Graph {
        let levelled = LevelledGraph(graph, loss: loss, learning: paths)
        return Graph.build { builder in
            let values = builder.append(levelled.graph)
            for (name, node) in levelled.graph.outputs { builder.output(values[node], name) }
            let errors = errors(of: levelled, values, builder)
            for (path, node) in levelled.learned.sorted(by: { $0.key < $1.key }) {
                if let error = errors[node] { builder.output(error, "gradient.\(path)") }
            }
            report(errors, levelled, paths, loss, builder)
        }
    }

    /// Appends the energies of layers that have none of an earlier loss.
    private func report(
        _ errors: [Int: Value], _ levelled: LevelledGraph, _ paths: [String]?, _ loss: String,
        _ builder: GraphBuilder
    ) {
        let graph = levelled.graph
        let layers = ValueNodes(
            graph, loss: loss, learning: Set(paths ?? Array(graph.parameters.keys)), .layers,
            keepsLast: true)
        for (node, name) in zip(layers.nodes, layers.names) {
            let output = "energy.\(name)"
            guard let error = errors[node], graph.output(output) == nil else { continue }
            builder.output(0.5 * (error * error).sum(), output)
        }
    }

    /// The first error of each node, level by level.
    private func errors(
        of levelled: LevelledGraph, _ values: [Value], _ builder: GraphBuilder
    ) -> [Int: Value] {
        // The loss is one too high: what it would have to lose.
        var errors = [levelled.loss: values[levelled.loss].applying(OnesLike())]
        for (level, nodes) in levelled.nodesByLevel.enumerated() {
            for index in nodes {
                let node = levelled.graph.nodes[index]
                guard let error = errors[index], !node.inputs.isEmpty else { continue }
                let around = NodeValues(
                    inputs: node.inputs.map { values[$0] }, output: values[index])
                for (input, product) in zip(
                    node.inputs, node.operation.cotangents(of: around, given: error))
                where levelled.levels[input] == level + 1 {
                    guard let product else { continue }
                    errors[input] = errors[input].map { $0 + product } ?? product
                }
            }
        }
        return errors
    }
}
