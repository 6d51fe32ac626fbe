// Plans of one graph for several input sizes, made when a size first comes.
import Graphs
import Tensors

/// Plans of one graph, one for each set of input shapes, the least recently used given up first.
///
/// Video comes in few sizes, tiles and last batches in some more: each is compiled once. Like a
/// plan, a cache belongs to the thread that uses it.
public final class PlanCache {
    /// The graph that is compiled, and how.
    public let graph: Graph, options: PlanOptions
    /// The largest number of plans kept.
    public let limit: Int
    private var parameters: [String: Tensor<Float>]
    /// Most recently used last.
    private var plans: [(shapes: [String: Shape], plan: Plan)] = []

    /// An empty cache.
    public init(
        _ graph: Graph, parameters: [String: Tensor<Float>], options: PlanOptions = PlanOptions(),
        limit: Int = 4
    ) {
        precondition(limit > 0, "a cache of \(limit) plans")
        self.graph = graph
        self.parameters = parameters
        self.options = options
        self.limit = limit
    }

    /// Number of plans kept.
    public var count: Int { plans.count }

    /// The plan for inputs of the given shapes, compiled when it is not there.
    ///
    /// - Throws: What `Plan` throws.
    public func plan(for inputs: [String: Shape]) throws -> Plan {
        if let index = plans.firstIndex(where: { $0.shapes == inputs }) {
            plans.append(plans.remove(at: index))
            return plans[plans.count - 1].plan
        }
        // Before the new one is made: two large plans need not stand side by side.
        if plans.count == limit { plans.removeFirst() }
        let shapes = parameters.mapValues(\.shape).merging(inputs) { $1 }
        let plan = try Plan(graph, shapes: shapes, options: options)
        plan.setParameters(parameters)
        plans.append((inputs, plan))
        return plan
    }

    /// Sets parameters by path, in plans that exist and in those to come.
    public func setParameters(_ values: [String: Tensor<Float>]) {
        parameters.merge(values) { $1 }
        for entry in plans { entry.plan.setParameters(values) }
    }
}
