// A convolution with its own weights and bias.
import Graphs
import Tensors

/// A convolution of pictures `[N, inputs, H, W]` to `[N, outputs, H', W']` with learned weights.
public struct ConvolutionLayer: Module {
    /// Where its parameters live: `path.weight` and `path.bias`.
    public let path: ParameterPath
    /// Channels before and after.
    public let inputs: Int, outputs: Int
    /// Height and width of the kernel.
    public let kernelHeight: Int, kernelWidth: Int
    /// Stride, dilation, padding and groups.
    public let geometry: ConvolutionGeometry
    /// Whether a number per channel is added.
    public let hasBias: Bool
    /// What follows.
    public let activation: Activation
    /// How weights and bias start.
    public let weightInitialiser: Initialiser, biasInitialiser: Initialiser

    /// A convolution with a square kernel.
    ///
    /// - Parameter padding: Zeros on each side; nil keeps the size at stride 1 (odd kernels).
    /// - Parameter initialiser: Of the weights, with a bias of zero; nil is PyTorch's default for
    ///   both, U(±1/√fan in).
    /// - Parameter biasInitialiser: Of the bias, where it starts as something else.
    public init(
        _ path: ParameterPath, _ inputs: Int, _ outputs: Int, kernel: Int = 3, stride: Int = 1,
        dilation: Int = 1, padding: Int? = nil, groups: Int = 1, hasBias: Bool = true,
        activation: Activation = .identity, initialiser: Initialiser? = nil,
        biasInitialiser: Initialiser? = nil
    ) {
        precondition(
            inputs % groups == 0 && outputs % groups == 0,
            "\(path): \(groups) groups do not divide \(inputs) and \(outputs) channels")
        precondition(padding != nil || kernel % 2 == 1, "\(path): an even kernel wants a padding")
        self.path = path
        self.inputs = inputs
        self.outputs = outputs
        (kernelHeight, kernelWidth) = (kernel, kernel)
        geometry = ConvolutionGeometry(
            stride: stride, dilation: dilation, padding: padding ?? dilation * (kernel - 1) / 2,
            groups: groups)
        self.hasBias = hasBias
        self.activation = activation
        let fanIn = inputs / groups * kernel * kernel
        weightInitialiser = initialiser ?? .uniform(fanIn: fanIn)
        self.biasInitialiser =
            biasInitialiser ?? (initialiser == nil ? .uniform(fanIn: fanIn) : .zeros)
    }

    /// Weights `[outputs, inputs / groups, kernel height, kernel width]`, then the bias.
    public var declarations: [Declaration] {
        let weight = Declaration(
            "\(path / "weight")",
            [outputs, inputs / geometry.groups, kernelHeight, kernelWidth], weightInitialiser)
        guard hasBias else { return [weight] }
        return [weight, Declaration("\(path / "bias")", [outputs], biasInitialiser)]
    }

    /// The activated convolution of x.
    public func callAsFunction(_ x: Value) -> Value {
        let weights = x.builder.parameter("\(path / "weight")")
        let bias = hasBias ? x.builder.parameter("\(path / "bias")") : nil
        return activation(x.convolved(with: weights, bias: bias, geometry))
    }
}
