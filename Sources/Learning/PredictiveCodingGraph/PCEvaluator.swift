// Computes one graph again and again: compiled, in Float, or by the references, in any scalar.
import Compute
import Graphs
import Tensors

/// A graph whose weights and inputs are kept until they change.
struct PCEvaluator<Scalar: TensorScalar> {
    /// Sets Θ.
    let setWeights: (Tensor<Scalar>) -> Void
    /// The outputs by name; inputs that are not given keep their values.
    let evaluate: ([String: Tensor<Scalar>]) throws -> [String: Tensor<Scalar>]

    /// By the references: slow, exact.
    static func reference(_ graph: Graph) -> PCEvaluator {
        let memory = PCMemory<Scalar>()
        return PCEvaluator(
            setWeights: { memory.values[PCEnergy.weightsPath] = $0 },
            evaluate: {
                memory.values.merge($0) { $1 }
                return try graph.evaluate(memory.values)
            })
    }
}

/// Values that stay until others come: what a plan has in its own memory.
private final class PCMemory<Scalar: TensorScalar> {
    var values: [String: Tensor<Scalar>] = [:]
}

extension PCEvaluator where Scalar == Float {
    /// By a plan for `rows` rows of an energy's vertices.
    ///
    /// - Throws: What `Plan` throws.
    static func compiled(
        _ graph: Graph, of energy: PCEnergy, rows: Int, threads: Int
    ) throws -> PCEvaluator {
        let width = energy.topology.vertexCount
        var shapes: [String: Shape] = [PCEnergy.weightsPath: [width, width]]
        for name in graph.inputs.keys {
            shapes[name] = name == "rate" ? [rows, 1] : [rows, width]
        }
        let plan = try Plan(graph, shapes: shapes, options: PlanOptions(threads: threads))
        return PCEvaluator(
            setWeights: { plan.setParameters([PCEnergy.weightsPath: $0]) },
            evaluate: { try plan.run($0) })
    }
}
