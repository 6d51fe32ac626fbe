// A fully connected layer with its own weights and bias.
import Graphs
import Tensors

/// A fully connected layer of features `[..., inputs]` to `[..., outputs]`.
public struct LinearLayer: Module {
    /// Where its parameters live: `path.weight` and `path.bias`.
    public let path: ParameterPath
    /// Features before and after.
    public let inputs: Int, outputs: Int
    /// Whether a number per feature is added.
    public let hasBias: Bool
    /// What follows.
    public let activation: Activation
    /// How weights and bias start.
    public let weightInitialiser: Initialiser, biasInitialiser: Initialiser

    /// A layer.
    ///
    /// - Parameter initialiser: Of the weights, with a bias of zero; nil is PyTorch's default for
    ///   both, U(±1/√inputs).
    public init(
        _ path: ParameterPath, _ inputs: Int, _ outputs: Int, hasBias: Bool = true,
        activation: Activation = .identity, initialiser: Initialiser? = nil
    ) {
        self.path = path
        self.inputs = inputs
        self.outputs = outputs
        self.hasBias = hasBias
        self.activation = activation
        weightInitialiser = initialiser ?? .uniform(fanIn: inputs)
        biasInitialiser = initialiser == nil ? .uniform(fanIn: inputs) : .zeros
    }

    /// Weights `[outputs, inputs]`, then the bias.
    public var declarations: [Declaration] {
        let weight = Declaration("\(path / "weight")", [outputs, inputs], weightInitialiser)
        guard hasBias else { return [weight] }
        return [weight, Declaration("\(path / "bias")", [outputs], biasInitialiser)]
    }

    /// The activated product with x.
    public func callAsFunction(_ x: Value) -> Value {
        let weights = x.builder.parameter("\(path / "weight")")
        let bias = hasBias ? x.builder.parameter("\(path / "bias")") : nil
        return activation(x.linear(weights: weights, bias: bias))
    }
}
