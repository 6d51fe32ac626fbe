// Plain evaluation of a graph with every operation's reference: slow, exact, in any scalar.
import Tensors

extension Graph {
    /// The value of every node, computed with the references.
    ///
    /// - Parameter values: Tensors of the inputs and parameters, by name.
    /// - Throws: `ShapeError` where shapes do not fit or a value is missing.
    public func evaluateAll<Scalar: TensorScalar>(
        _ values: [String: Tensor<Scalar>]
    ) throws -> [Tensor<Scalar>] {
        _ = try shapes { values[$0]?.shape }
        var results: [Tensor<Scalar>] = []
        results.reserveCapacity(nodes.count)
        for node in nodes {
            if let source = node.operation as? any SourceOperation, source.fixedShape == nil {
                results.append(values[source.name]!)
            } else {
                results.append(node.operation.reference(node.inputs.map { results[$0] }))
            }
        }
        return results
    }

    /// The outputs by name, computed with the references.
    public func evaluate<Scalar: TensorScalar>(
        _ values: [String: Tensor<Scalar>]
    ) throws -> [String: Tensor<Scalar>] {
        let all = try evaluateAll(values)
        return Dictionary(uniqueKeysWithValues: outputs.map { ($0.name, all[$0.node]) })
    }
}

extension Operation {
    /// The output, computed by the version for the scalar where there is one.
    public func reference<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        if let floats = inputs as? [Tensor<Float>], Scalar.self == Float.self {
            return forward(floats) as! Tensor<Scalar>
        }
        if let doubles = inputs as? [Tensor<Double>], Scalar.self == Double.self {
            return forward(doubles) as! Tensor<Scalar>
        }
        return forward(inputs)
    }
}
