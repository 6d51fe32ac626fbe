// The computation of one network: nodes, each an operation on earlier nodes. It holds no sizes.
import Tensors

/// The computation of one network as a list of nodes in an order in which they can be computed.
public struct Graph: Sendable {
    /// An operation applied to earlier nodes.
    public struct Node: Sendable {
        /// What is computed.
        public let operation: any Operation
        /// Positions of the inputs in `nodes`, all smaller than this node's own.
        public let inputs: [Int]
    }

    /// All nodes; inputs come before the nodes that use them.
    public internal(set) var nodes: [Node] = []
    /// Positions of the inputs that a caller supplies, by name.
    public internal(set) var inputs: [String: Int] = [:]
    /// Positions of the parameters, by path ("trunk.0.weight").
    public internal(set) var parameters: [String: Int] = [:]
    /// What the graph yields: names and positions, in the order they were declared.
    public internal(set) var outputs: [(name: String, node: Int)] = []

    /// Builds a graph: `body` applies layers and operations to values and declares outputs.
    public static func build(_ body: (GraphBuilder) throws -> Void) rethrows -> Graph {
        let builder = GraphBuilder()
        try body(builder)
        return builder.graph.pruned()
    }

    /// The position of the output called `name`, or nil.
    public func output(_ name: String) -> Int? { outputs.first { $0.name == name }?.node }

    /// The shape of every node, given the shapes of inputs and parameters by name.
    ///
    /// - Throws: `ShapeError`, also for an input or parameter without a shape.
    public func shapes(of known: (String) -> Shape?) throws -> [Shape] {
        var shapes: [Shape] = []
        shapes.reserveCapacity(nodes.count)
        for node in nodes {
            if let source = node.operation as? any SourceOperation {
                guard let shape = source.fixedShape ?? known(source.name) else {
                    throw ShapeError(
                        operation: source.kind, expected: "a shape for '\(source.name)'",
                        found: "none")
                }
                shapes.append(shape)
            } else {
                shapes.append(try node.operation.shape(of: node.inputs.map { shapes[$0] }))
            }
        }
        return shapes
    }

    /// The computation of some of the outputs.
    public func keepingOutputs(_ isKept: (String) -> Bool) -> Graph {
        var other = self
        other.outputs = outputs.filter { isKept($0.name) }
        return other.pruned()
    }

    /// The same computation without the nodes that no output needs.
    public func pruned() -> Graph {
        var needed = [Bool](repeating: false, count: nodes.count)
        for output in outputs { needed[output.node] = true }
        for index in nodes.indices.reversed() where needed[index] {
            for input in nodes[index].inputs { needed[input] = true }
        }
        var position = [Int](repeating: -1, count: nodes.count)
        var result = Graph()
        for (index, node) in nodes.enumerated() where needed[index] {
            position[index] = result.nodes.count
            result.nodes.append(
                Node(operation: node.operation, inputs: node.inputs.map { position[$0] }))
        }
        result.inputs = inputs.filter { needed[$0.value] }.mapValues { position[$0] }
        result.parameters = parameters.filter { needed[$0.value] }.mapValues { position[$0] }
        result.outputs = outputs.map { ($0.name, position[$0.node]) }
        return result
    }
}

/// Grows a graph while layers and operations are applied to values.
public final class GraphBuilder {
    /// What was built so far.
    public private(set) var graph = Graph()

    /// An empty graph.
    public init() {}

    /// Goes on from an existing graph: its values keep their positions.
    public init(extending graph: Graph) { self.graph = graph }

    /// Appends a node.
    public func apply(_ operation: any Operation, to inputs: [Value]) -> Value {
        for input in inputs {
            precondition(input.builder === self, "\(operation.kind): a value of another graph")
        }
        graph.nodes.append(Graph.Node(operation: operation, inputs: inputs.map(\.index)))
        return Value(builder: self, index: graph.nodes.count - 1)
    }

    /// The input called `name`; the same node each time.
    public func input(_ name: String) -> Value {
        if let index = graph.inputs[name] { return Value(builder: self, index: index) }
        let value = apply(Input(name: name), to: [])
        graph.inputs[name] = value.index
        return value
    }

    /// The parameter at `path`; the same node each time, so that layers can share it.
    public func parameter(_ path: String) -> Value {
        if let index = graph.parameters[path] { return Value(builder: self, index: index) }
        let value = apply(Parameter(name: path), to: [])
        graph.parameters[path] = value.index
        return value
    }

    /// A constant number.
    public func constant(_ value: Double) -> Value { apply(Constant(value), to: []) }

    /// The value at a position of the graph.
    public func value(at index: Int) -> Value {
        precondition(graph.nodes.indices.contains(index))
        return Value(builder: self, index: index)
    }

    /// Declares `value` as an output.
    public func output(_ value: Value, _ name: String) {
        precondition(graph.output(name) == nil, "two outputs are called '\(name)'")
        graph.outputs.append((name, value.index))
    }
}

/// One value of a graph under construction; operators and layers append to the graph.
public struct Value: Hashable {
    /// The graph this value belongs to.
    public let builder: GraphBuilder
    /// Its position there.
    public let index: Int

    /// Same graph and position.
    public static func == (a: Value, b: Value) -> Bool {
        a.builder === b.builder && a.index == b.index
    }

    /// Hashes graph and position.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(builder))
        hasher.combine(index)
    }

    /// Applies an operation with this value as the first input.
    public func applying(_ operation: any Operation, _ others: Value...) -> Value {
        builder.apply(operation, to: [self] + others)
    }
}
