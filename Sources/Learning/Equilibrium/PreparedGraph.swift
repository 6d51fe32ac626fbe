// What computes a graph again and again: the references in any scalar, or plans in Float.
import Compute
import Graphs
import Tensors

/// A graph made ready to be computed many times with the same parameters.
public protocol PreparedGraph<Scalar>: AnyObject {
    /// The type of its numbers.
    associatedtype Scalar: TensorScalar

    /// Sets parameters by path, for all computations to come.
    func setParameters(_ values: [String: Tensor<Scalar>])

    /// The outputs by name; inputs that the graph does not have are ignored.
    func outputs(_ inputs: [String: Tensor<Scalar>]) throws -> [String: Tensor<Scalar>]
}

/// Makes graphs ready: `ReferenceGraph.init`, or `{ CompiledGraph($0) }`.
public typealias GraphPreparation<Scalar: TensorScalar> = (Graph) -> any PreparedGraph<Scalar>

/// A graph computed by the references: slow and exact, in Double for proofs.
public final class ReferenceGraph<Scalar: TensorScalar>: PreparedGraph {
    private let graph: Graph
    private var parameters: [String: Tensor<Scalar>] = [:]

    /// Makes a graph ready.
    public init(_ graph: Graph) { self.graph = graph }

    public func setParameters(_ values: [String: Tensor<Scalar>]) {
        parameters.merge(values) { $1 }
    }

    public func outputs(_ inputs: [String: Tensor<Scalar>]) throws -> [String: Tensor<Scalar>] {
        try graph.evaluate(parameters.merging(inputs) { $1 })
    }
}

/// A graph computed by plans, one for each size of the batch.
public final class CompiledGraph: PreparedGraph {
    private let graph: Graph, options: PlanOptions
    private var cache: PlanCache?

    /// Makes a graph ready; it is compiled when a batch size first comes.
    public init(_ graph: Graph, options: PlanOptions = PlanOptions()) {
        self.graph = graph
        self.options = options
    }

    public func setParameters(_ values: [String: Tensor<Float>]) {
        if let cache {
            cache.setParameters(values)
        } else {
            cache = PlanCache(graph, parameters: values, options: options)
        }
    }

    public func outputs(_ inputs: [String: Tensor<Float>]) throws -> [String: Tensor<Float>] {
        let known = inputs.filter { graph.inputs[$0.key] != nil }
        let cache = cache ?? PlanCache(graph, parameters: [:], options: options)
        self.cache = cache
        return try cache.plan(for: known.mapValues(\.shape)).run(known)
    }
}
