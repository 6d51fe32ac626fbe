// What tests of single operations share.
import Graphs
import Tensors
import TestSupport

/// The result of an operation, after its shape rule was asked, as in any evaluation.
func apply(_ operation: some Operation, _ inputs: Tensor<Double>...) throws -> Tensor<Double> {
    let shape = try operation.shape(of: inputs.map(\.shape))
    let result = operation.forward(inputs)
    precondition(result.shape == shape, "\(operation.kind): \(result.shape) instead of \(shape)")
    return result
}

/// Whole numbers without order: element i is 37 i mod 23.
func pattern(_ shape: Shape) -> Tensor<Double> {
    Tensor((0..<shape.count).map { Double($0 * 37 % 23) }, shape: shape)
}

/// Random values.
func random(_ shape: Shape, seed: UInt64 = 3) -> Tensor<Double> {
    var source = RandomSource(seed: seed)
    return .uniform(shape, using: &source)
}

/// Whether all elements are no farther apart than a tolerance.
func isClose(_ a: Tensor<Double>, _ b: [Double], _ tolerance: Double = 1e-12) -> Bool {
    a.count == b.count && zip(a.elements, b).allSatisfy { abs($0 - $1) <= tolerance }
}

/// The single output of a graph.
func evaluate(
    _ values: [String: Tensor<Double>], _ body: ([String: Value]) -> Value
) throws -> Tensor<Double> {
    let graph = Graph.build { builder in
        let inputs = values.keys.map { ($0, builder.input($0)) }
        builder.output(body(Dictionary(uniqueKeysWithValues: inputs)), "y")
    }
    return try graph.evaluate(values)["y"]!
}
