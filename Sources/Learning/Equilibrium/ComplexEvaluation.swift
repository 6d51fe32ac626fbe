// Evaluation of a graph over complex numbers: linear operations part by part, products by the rule.
import Graphs
import Tensors

extension Graph {
    /// The outputs by name at complex inputs and parameters.
    ///
    /// The references compute the real parts and the imaginary parts: a linear operation acts on
    /// each alone, and a product of two values is four real ones.
    ///
    /// - Throws: `EquilibriumError.notAnalytic` for an operation that does not continue to complex
    ///   numbers, and `ShapeError`.
    func evaluate(complex values: [String: ComplexTensor]) throws -> [String: ComplexTensor] {
        _ = try shapes { values[$0]?.real.shape }
        var results: [ComplexTensor] = []
        results.reserveCapacity(nodes.count)
        for node in nodes {
            if let source = node.operation as? any SourceOperation, source.fixedShape == nil {
                results.append(values[source.name]!)
            } else {
                results.append(
                    try complexForward(node.operation, node.inputs.map { results[$0] }))
            }
        }
        return Dictionary(uniqueKeysWithValues: outputs.map { ($0.name, results[$0.node]) })
    }

    private func complexForward(
        _ operation: any Operation, _ inputs: [ComplexTensor]
    ) throws -> ComplexTensor {
        let shapeOnly = operation.shapeOnlyInputs
        let isReal = inputs.indices.allSatisfy {
            shapeOnly.contains($0) || inputs[$0].imaginary == nil
        }
        if isReal { return ComplexTensor(operation.forward(inputs.map(\.real))) }
        switch operation {
        case is Add, is Subtract, is Sum, is Mean, is SumLike, is BroadcastLike, is SumBackward,
            is Reshape, is ReshapeLike, is Transpose, is ChannelSum, is AveragePooling,
            is AveragePoolingBackward:
            return linear(operation, inputs)
        case let affine as Affine:
            return ComplexTensor(
                affine.forward([inputs[0].real]),
                Affine(scale: affine.scale).forward([inputs[0].imaginary!]))
        case is Multiply, is MatrixProduct, is Linear, is Convolution,
            is ConvolutionBackwardData, is ConvolutionBackwardWeights:
            return bilinear(operation, inputs)
        case is Divide:
            let inverse = inputs[1].map { Complex(1) / $0 }
            return bilinear(Multiply(), [inputs[0], inverse])
        case is Sigmoid: return inputs[0].map(\.sigmoid)
        case is Tanh: return inputs[0].map(\.tanh)
        case is Exponential: return inputs[0].map(\.exponential)
        default: throw EquilibriumError.notAnalytic(operation: operation.kind)
        }
    }

    /// An operation that is linear in all inputs of which more than the shape matters.
    private func linear(_ operation: any Operation, _ inputs: [ComplexTensor]) -> ComplexTensor {
        ComplexTensor(
            operation.forward(inputs.map(\.real)),
            operation.forward(
                inputs.map { $0.imaginary ?? Tensor(repeating: 0, shape: $0.real.shape) }))
    }

    /// An operation that is linear in each of its first two inputs; a third one is a bias, or only
    /// its shape matters.
    private func bilinear(_ operation: any Operation, _ inputs: [ComplexTensor]) -> ComplexTensor {
        let (a, b) = (inputs[0], inputs[1])
        let rest = Array(inputs[2...])
        // Without the bias, which is added once; what only gives a shape must stay.
        let plain = operation.shapeOnlyInputs.isEmpty ? [] : rest.map(\.real)
        func product(_ x: Tensor<Double>?, _ y: Tensor<Double>?) -> Tensor<Double>? {
            guard let x, let y else { return nil }
            return operation.forward([x, y] + plain)
        }
        func sum(_ x: Tensor<Double>?, _ y: Tensor<Double>?, scale: Double) -> Tensor<Double>? {
            guard let y else { return x }
            guard let x else { return y.map { scale * $0 } }
            return scale > 0 ? Add().forward([x, y]) : Subtract().forward([x, y])
        }
        let real = operation.forward([a.real, b.real] + rest.map(\.real))
        precondition(rest.allSatisfy { $0.imaginary == nil || !plain.isEmpty }, "a complex bias")
        return ComplexTensor(
            sum(real, product(a.imaginary, b.imaginary), scale: -1)!,
            sum(product(a.real, b.imaginary), product(a.imaginary, b.real), scale: 1))
    }
}
