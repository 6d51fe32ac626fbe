// A graph in which all paths from a node to the loss are equally long.
import Graphs

/// A loss's graph with identities put in, so that every node that depends on something learned is exactly as many steps
/// from the loss as the longest path says.
///
/// Errors that run back from the loss one level a step then arrive at a node all at once, however many paths there are.
/// Parameters are levelled too: one that is used at several depths is as deep as the deepest asks.
///
/// - SeeAlso: Salvatori et al. (arXiv:2103.04689), section 4.
public struct LevelledGraph: Sendable {
    /// The same computation.
    public let graph: Graph
    /// Steps from the loss by node; nil for what depends on nothing learned, or does not matter to the loss.
    public let levels: [Int?]
    /// The loss's position.
    public let loss: Int
    /// Positions of what is learned, by path.
    public let learned: [String: Int]
    /// Identities that were put in.
    public let identityCount: Int

    /// Positions of the nodes at each level, the loss's first.
    public var nodesByLevel: [[Int]] {
        var nodes = [[Int]](repeating: [], count: (levels.compactMap { $0 }.max() ?? 0) + 1)
        for (index, level) in levels.enumerated() {
            if let level { nodes[level].append(index) }
        }
        return nodes
    }

    /// Levels a graph.
    ///
    /// - Parameters:
    ///   - paths: What is learned; nil for all parameters.
    ///   - isLevelled: Whether identities are put in; without them a network of unequal paths shows what they are for.
    public init(
        _ original: Graph, loss name: String, learning paths: [String]? = nil,
        isLevelled: Bool = true
    ) {
        let nodes = ValueNodes(
            original, loss: name, learning: Set(paths ?? Array(original.parameters.keys)),
            .operations, keepsLast: true)
        var depth = [Int?](repeating: nil, count: original.nodes.count)
        depth[nodes.loss] = 0
        for index in original.nodes.indices.reversed() {
            guard let own = depth[index] else { continue }
            for input in original.nodes[index].inputs where nodes.isLearned[input] {
                depth[input] = max(depth[input] ?? 0, own + 1)
            }
        }
        let builder = GraphBuilder()
        var levels: [Int?] = []
        var values: [Value] = []
        // Chains of identities that several readers of one value share.
        var chains: [[Value]] = Array(repeating: [], count: original.nodes.count)
        var count = 0
        func note(_ value: Value, _ level: Int?) {
            while levels.count <= value.index { levels.append(nil) }
            levels[value.index] = level
        }
        /// The value of a node as one reads it who is a given number of steps from the loss.
        func read(_ index: Int, by reader: Int?) -> Value {
            guard isLevelled, let own = depth[index], let reader else { return values[index] }
            var last = values[index]
            for step in 0..<(own - reader - 1) {
                if chains[index].count == step {
                    let link = last.applying(Identity())
                    note(link, own - step - 1)
                    chains[index].append(link)
                    count += 1
                }
                last = chains[index][step]
            }
            return last
        }
        for (index, node) in original.nodes.enumerated() {
            let value: Value
            switch node.operation {
            case let source as Input: value = builder.input(source.name)
            case let source as Parameter: value = builder.parameter(source.name)
            default:
                value = builder.apply(
                    node.operation, to: node.inputs.map { read($0, by: depth[index]) })
            }
            values.append(value)
            note(value, depth[index])
        }
        for output in original.outputs { builder.output(values[output.node], output.name) }
        graph = builder.graph
        while levels.count < graph.nodes.count { levels.append(nil) }
        self.levels = levels
        loss = values[nodes.loss].index
        identityCount = count
        learned = original.parameters.filter { depth[$0.value] != nil }
            .mapValues { values[$0].index }
    }
}
