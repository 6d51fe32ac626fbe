import Graphs
import Networks
import Tensors

/// A module's output for an input, computed with the reference in Double.
func output(
    of module: some Module, _ parameters: Parameters, _ x: Tensor<Double>,
    _ call: (Value) -> Value
) throws -> Tensor<Double> {
    let graph = Graph.build { $0.output(call($0.input("x")), "y") }
    let values = parameters.values.mapValues { $0.converted(to: Double.self) }
    return try graph.evaluate(values.merging(["x": x]) { $1 })["y"]!
}

/// The largest difference of two tensors of equal shape.
func difference(_ a: Tensor<Double>, _ b: Tensor<Double>) -> Double {
    precondition(a.shape == b.shape)
    return zip(a.elements, b.elements).reduce(0) { max($0, abs($1.0 - $1.1)) }
}
