// Z-IL as the papers write it: all nodes, all steps, state and errors apart; slow, and independent of reverse differentiation.
import Graphs
import Tensors

/// Walks through Z-IL on a levelled graph step by step, in any scalar.
///
/// At each step every node's prediction, error and move follow from all activities of the step before. It shares
/// with backpropagation the operations' products alone: that both agree checks order, fan-out, sharing and levelling.
///
/// - SeeAlso: Salvatori et al. (arXiv:2103.04689), algorithm 1.
public struct ZeroDivergenceWalk: Sendable {
    /// When weights learn.
    public enum Trigger: Sendable, Hashable {
        /// At the step that is their level.
        case level
        /// At the first step at which an error next to them is not zero: no clock is needed.
        case arrival
        /// At one given step, all of them.
        case step(Int)
    }

    /// How far activities move in a step; Z-IL asks for 1.
    public var rate = 1.0
    /// When weights learn; Z-IL asks for their level, or the arrival of errors.
    public var trigger = Trigger.level
    /// Standard deviation of noise on the activities at the beginning; Z-IL asks for 0.
    public var noise = 0.0
    /// Whether the graph is levelled; Z-IL asks for it.
    public var isLevelled = true
    /// A node's products with an error, changed on the way; for trials.
    var distort: @Sendable (any Operation, Int) -> Double = { _, _ in 1 }

    /// Z-IL.
    public init() {}

    /// The gradients of a loss by path.
    ///
    /// - Parameters:
    ///   - output: The output at which errors begin: the loss itself, or what it is computed from.
    ///   - error: The error there, which is minus the derivative of the loss; nil for a loss itself: -1.
    ///   - paths: What is learned; nil for all parameters.
    ///   - values: Inputs and parameters by name.
    /// - Throws: `ShapeError`.
    public func gradients<Scalar: TensorScalar>(
        of graph: Graph, from output: String, error: Tensor<Scalar>? = nil,
        learning paths: [String]? = nil, _ values: [String: Tensor<Scalar>], seed: UInt64 = 1
    ) throws -> [String: Tensor<Scalar>] {
        let levelled = LevelledGraph(graph, loss: output, learning: paths, isLevelled: isLevelled)
        let nodes = levelled.graph.nodes
        // Nodes with activities: all that depend on something learned, the learned themselves apart.
        let sources = Set(levelled.learned.values)
        let active = nodes.indices.filter { levelled.levels[$0] != nil && !sources.contains($0) }
        let products = try Products(levelled, active, distort)
        var x = try levelled.graph.evaluateAll(values)
        var random = RandomSource(seed: seed)
        if noise > 0 {
            for index in active where index != levelled.loss {
                let shift = Tensor<Scalar>.normal(x[index].shape, deviation: noise, using: &random)
                x[index] = x[index] + shift
            }
        }
        let atOutput = error ?? Tensor(repeating: -1, shape: x[levelled.loss].shape)

        var gradients: [String: Tensor<Scalar>] = [:]
        var last = max(levelled.levels.compactMap { $0 }.max() ?? 0, 1)
        if case .step(let chosen) = trigger { last = chosen + 1 }
        // What is predicted of each node, and by how much its activity is off; what stands still is not computed anew.
        var predictions: [Int: Tensor<Scalar>] = [:]
        var errors: [Int: Tensor<Scalar>] = [:]
        var found: [Int: [(input: Int, product: Tensor<Scalar>)]] = [:]
        var hasMoved = [Bool](repeating: true, count: nodes.count)
        for step in 0..<last {
            var pulls: [Int: Tensor<Scalar>] = [:]
            for index in active {
                let node = nodes[index]
                let isNew = node.inputs.contains { hasMoved[$0] }
                if isNew {
                    predictions[index] = node.operation.reference(node.inputs.map { x[$0] })
                }
                if index == levelled.loss {
                    errors[index] = atOutput
                } else if isNew || hasMoved[index] {
                    errors[index] = x[index] - predictions[index]!
                }
                guard errors[index]!.isAnywhereNonzero else { continue }
                if isNew || hasMoved[index] || found[index] == nil {
                    found[index] = try products.of(
                        index, inputs: node.inputs.map { x[$0] },
                        prediction: predictions[index]!, error: errors[index]!)
                }
                for (input, product) in found[index]! {
                    pulls[input] = pulls[input].map { $0 + product } ?? product
                }
            }
            for (path, node) in levelled.learned where gradients[path] == nil {
                let isTime =
                    switch trigger {
                    case .level: levelled.levels[node] == step + 1
                    case .arrival: pulls[node] != nil
                    case .step(let chosen): step == chosen
                    }
                // An error that pulls up means that the loss falls.
                if isTime, let pull = pulls[node] { gradients[path] = pull.map { -$0 } }
            }
            hasMoved = [Bool](repeating: false, count: nodes.count)
            for index in active where index != levelled.loss {
                let pull = pulls[index].map { $0 - errors[index]! } ?? errors[index]!.map { -$0 }
                guard pull.isAnywhereNonzero else { continue }
                x[index] = x[index] + pull.map { Scalar(rate) * $0 }
                hasMoved[index] = true
            }
        }
        return gradients
    }
}

/// The products of errors with the derivatives of each node, as small graphs made once.
private struct Products {
    private let graphs: [Int: (graph: Graph, inputs: [Int])]
    private let levelled: LevelledGraph
    private let distort: @Sendable (any Operation, Int) -> Double

    init(
        _ levelled: LevelledGraph, _ active: [Int],
        _ distort: @escaping @Sendable (any Operation, Int) -> Double
    ) throws {
        self.levelled = levelled
        self.distort = distort
        var graphs: [Int: (graph: Graph, inputs: [Int])] = [:]
        for index in active {
            let node = levelled.graph.nodes[index]
            var inputs: [Int] = []
            let graph = Graph.build { builder in
                let around = NodeValues(
                    inputs: node.inputs.indices.map { builder.input("input.\($0)") },
                    output: builder.input("prediction"))
                let found = node.operation.cotangents(of: around, given: builder.input("error"))
                for (position, product) in found.enumerated() {
                    guard let product, levelled.levels[node.inputs[position]] != nil else {
                        continue
                    }
                    builder.output(product, "\(position)")
                    inputs.append(position)
                }
            }
            graphs[index] = (graph, inputs)
        }
        self.graphs = graphs
    }

    /// What an error pulls at each of the node's inputs with.
    func of<Scalar: TensorScalar>(
        _ index: Int, inputs: [Tensor<Scalar>], prediction: Tensor<Scalar>, error: Tensor<Scalar>
    ) throws -> [(input: Int, product: Tensor<Scalar>)] {
        let (graph, positions) = graphs[index]!
        var known = ["prediction": prediction, "error": error]
        for (position, input) in inputs.enumerated() { known["input.\(position)"] = input }
        let results = try graph.evaluate(known)
        let node = levelled.graph.nodes[index]
        return positions.map { position in
            let factor = Scalar(distort(node.operation, position))
            let product = results["\(position)"]!
            return (node.inputs[position], factor == 1 ? product : product.map { factor * $0 })
        }
    }
}

extension Tensor {
    fileprivate static func + (a: Tensor, b: Tensor) -> Tensor { a.combined(with: b, +) }
    fileprivate static func - (a: Tensor, b: Tensor) -> Tensor { a.combined(with: b, -) }

    private func combined(with other: Tensor, _ body: (Scalar, Scalar) -> Scalar) -> Tensor {
        precondition(shape == other.shape, "\(shape) and \(other.shape)")
        return Tensor(shape: shape) { result in
            withUnsafeBufferPointer { a in
                other.withUnsafeBufferPointer { b in
                    for i in a.indices { result[i] = body(a[i], b[i]) }
                }
            }
        }
    }

    fileprivate var isAnywhereNonzero: Bool {
        withUnsafeBufferPointer { $0.contains { $0 != 0 } }
    }
}
