// Reverse differentiation as a learning rule: one graph that yields loss and gradients.
import Graphs

/// Backpropagation: the exact gradient of the loss, in one graph that runs forward and back.
public struct Backpropagation: DirectRule {
    /// The rule.
    public init() {}

    public func appendingGradients(
        to graph: Graph, of loss: String, learning paths: [String]? = nil
    ) -> Graph {
        Graph.build { builder in
            let values = builder.append(graph)
            guard let lossNode = graph.output(loss) else {
                preconditionFailure("the graph has no output '\(loss)'")
            }
            for (name, node) in graph.outputs { builder.output(values[node], name) }
            let learned = (paths ?? graph.parameters.keys.sorted()).filter {
                graph.parameters[$0] != nil
            }
            let gradients = builder.gradients(
                of: values[lossNode],
                withRespectTo: learned.map { values[graph.parameters[$0]!] })
            for (path, gradient) in zip(learned, gradients) {
                if let gradient { builder.output(gradient, "gradient.\(path)") }
            }
        }
    }
}

extension GraphBuilder {
    /// Appends all nodes of a finished graph; inputs and parameters of equal names become one.
    ///
    /// - Returns: The values of its nodes, by their positions there.
    public func append(_ graph: Graph) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(graph.nodes.count)
        for node in graph.nodes {
            switch node.operation {
            case let source as Input: values.append(input(source.name))
            case let source as Parameter: values.append(parameter(source.name))
            default: values.append(apply(node.operation, to: node.inputs.map { values[$0] }))
            }
        }
        return values
    }
}
