// Batch, instance and layer norm with learned scale and shift.
import Graphs
import Tensors

/// Whether a network is being trained or used; batch norm differs.
public enum Mode: Sendable {
    /// Statistics of the batch at hand.
    case training
    /// Running statistics, as stored.
    case inference
}

/// Normalises each channel of `[N, channels, H, W]` over the batch, or by running statistics.
///
/// - SeeAlso: Ioffe and Szegedy (arXiv:1502.03167).
public struct BatchNormLayer: Module {
    /// Where its parameters live: weight, bias, running_mean, running_var, as in PyTorch.
    public let path: ParameterPath
    /// Number of channels.
    public let channels: Int
    /// Keeps the quotient finite.
    public let epsilon: Double

    /// A norm that starts as no more than that: scale 1, shift 0.
    public init(_ path: ParameterPath, _ channels: Int, epsilon: Double = 1e-5) {
        self.path = path
        self.channels = channels
        self.epsilon = epsilon
    }

    /// Scale, shift and, not learned, the running mean and variance.
    public var declarations: [Declaration] {
        NormScale.declarations(path, channels) + [
            Declaration("\(path / "running_mean")", [channels], .zeros, isLearned: false),
            Declaration("\(path / "running_var")", [channels], .ones, isLearned: false),
        ]
    }

    /// x normalised. In training the batch's statistics leave the graph as "statistic.PATH"
    /// outputs, from which the trainer updates the running ones.
    public func callAsFunction(_ x: Value, _ mode: Mode = .inference) -> Value {
        let builder = x.builder
        let scale = NormScale(at: path, in: builder)
        let (mean, variance) = (path / "running_mean", path / "running_var")
        switch mode {
        case .inference:
            return x.batchNorm(
                scale, mean: builder.parameter("\(mean)"),
                variance: builder.parameter("\(variance)"), epsilon: epsilon)
        case .training:
            let batch = x.batchNorm(scale, epsilon: epsilon)
            // A layer that is called twice reports its first batch.
            if builder.graph.output("statistic.\(mean)") == nil {
                builder.output(batch.mean, "statistic.\(mean)")
                builder.output(batch.variance, "statistic.\(variance)")
            }
            return batch.result
        }
    }

    /// The weights of a convolution that does what `convolution` followed by this norm does in
    /// inference, so that the norm costs nothing.
    ///
    /// - Returns: `parameters` with the convolution's weight and bias replaced; the bias is added
    ///   where there was none, so use a convolution with `hasBias` and without this norm after.
    /// - Precondition: Nothing stands between the two, activations included.
    public func folded(
        into convolution: ConvolutionLayer, _ parameters: Parameters
    ) -> Parameters {
        precondition(
            convolution.activation == .identity && convolution.outputs == channels,
            "\(path) does not directly follow \(convolution.path)")
        func values(_ path: ParameterPath) -> [Float] {
            guard let tensor = parameters["\(path)"] else {
                preconditionFailure("no parameter '\(path)'")
            }
            return tensor.elements
        }
        let (scale, shift) = (values(path / "weight"), values(path / "bias"))
        let (mean, variance) = (values(path / "running_mean"), values(path / "running_var"))
        let factors = (0..<channels).map { channel -> Double in
            Double(scale[channel]) / (Double(variance[channel]) + epsilon).squareRoot()
        }
        let (weightPath, biasPath) = (
            "\(convolution.path / "weight")", "\(convolution.path / "bias")"
        )
        let bias = parameters[biasPath]?.elements ?? [Float](repeating: 0, count: channels)
        let newBias = (0..<channels).map { channel -> Float in
            let centred = Double(bias[channel]) - Double(mean[channel])
            return Float(Double(shift[channel]) + centred * factors[channel])
        }
        guard var weight = parameters[weightPath] else {
            preconditionFailure("no parameter '\(weightPath)'")
        }
        let perChannel = weight.count / channels
        weight.withUnsafeMutableBufferPointer { w in
            for i in 0..<w.count { w[i] = Float(Double(w[i]) * factors[i / perChannel]) }
        }
        let own = Set(declarations.map(\.path))
        var result = Parameters()
        for (path, tensor) in parameters where !own.contains(path) && path != biasPath {
            result.append(path == weightPath ? weight : tensor, at: path)
            if path == weightPath {
                result.append(Tensor(newBias, shape: [channels]), at: biasPath)
            }
        }
        return result
    }
}

/// Normalises each channel of each picture `[N, channels, H, W]`.
///
/// - SeeAlso: Ulyanov, Vedaldi and Lempitsky (arXiv:1607.08022).
public struct InstanceNormLayer: Module {
    /// Where its parameters live: weight and bias.
    public let path: ParameterPath
    /// Number of channels.
    public let channels: Int
    /// Keeps the quotient finite.
    public let epsilon: Double

    /// A norm with scale 1 and shift 0.
    public init(_ path: ParameterPath, _ channels: Int, epsilon: Double = 1e-5) {
        self.path = path
        self.channels = channels
        self.epsilon = epsilon
    }

    /// Scale and shift.
    public var declarations: [Declaration] { NormScale.declarations(path, channels) }

    /// x normalised, scaled and shifted.
    public func callAsFunction(_ x: Value) -> Value {
        x.instanceNorm(NormScale(at: path, in: x.builder), epsilon: epsilon)
    }
}

/// Normalises the last axis, `[..., features]`.
///
/// - SeeAlso: Ba, Kiros and Hinton (arXiv:1607.06450).
public struct LayerNormLayer: Module {
    /// Where its parameters live: weight and bias.
    public let path: ParameterPath
    /// Number of features.
    public let features: Int
    /// Keeps the quotient finite.
    public let epsilon: Double

    /// A norm with scale 1 and shift 0.
    public init(_ path: ParameterPath, _ features: Int, epsilon: Double = 1e-5) {
        self.path = path
        self.features = features
        self.epsilon = epsilon
    }

    /// Scale and shift.
    public var declarations: [Declaration] { NormScale.declarations(path, features) }

    /// x normalised, scaled and shifted.
    public func callAsFunction(_ x: Value) -> Value {
        x.layerNorm(NormScale(at: path, in: x.builder), epsilon: epsilon)
    }
}

extension NormScale {
    /// The parameters `path.weight` and `path.bias`.
    fileprivate init(at path: ParameterPath, in builder: GraphBuilder) {
        self.init(
            scale: builder.parameter("\(path / "weight")"),
            shift: builder.parameter("\(path / "bias")"))
    }

    fileprivate static func declarations(_ path: ParameterPath, _ count: Int) -> [Declaration] {
        [
            Declaration("\(path / "weight")", [count], .ones),
            Declaration("\(path / "bias")", [count], .zeros),
        ]
    }
}
