// A layer as one operation, so that steps of a rule are layers.
import Graphs
import Tensors

/// W σ(x) + b, or W x + b where x is no activity but data.
///
/// Inputs: x `[N, I]`, weights `[O, I]`, bias `[O]`.
struct SigmoidLayer: Operation {
    static let kind = "SigmoidLayer"
    /// Whether the input goes through the sigmoid first.
    let squashesInput: Bool

    private func graph(_ builder: GraphBuilder, _ x: Value, _ weights: Value, _ bias: Value)
        -> Value
    {
        (squashesInput ? x.sigmoid : x).linear(weights: weights, bias: bias)
    }

    func shape(of inputs: [Shape]) throws -> Shape { try Linear().shape(of: inputs) }

    func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let x = squashesInput ? Sigmoid().reference([inputs[0]]) : inputs[0]
        return Linear().reference([x, inputs[1], inputs[2]])
    }

    func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        let builder = cotangent.builder
        let output = graph(builder, node.inputs[0], node.inputs[1], node.inputs[2])
        return builder.gradients(
            from: [(output, cotangent)], withRespectTo: node.inputs, asIndependent: true)
    }
}
