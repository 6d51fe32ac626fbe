// Batch, instance and layer norm with learned scale and shift.
import Graphs
import Tensors

/// Whether a network is being trained or used; batch norm differs.
public enum Mode: Sendable {
    /// Statistics of the batch at hand.
    case training
    /// Running statistics, as stored.
    case inference
    /// As in inference, and the statistics of the batch at hand are told beside.
    case measuring
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

    /// x normalised. In training and measuring the batch's statistics leave the graph as "statistic.PATH"
    /// outputs, from which the trainer updates the running ones.
    public func callAsFunction(_ x: Value, _ mode: Mode = .inference) -> Value {
        let builder = x.builder
        let scale = NormScale(at: path, in: builder)
        let (mean, variance) = (path / "running_mean", path / "running_var")
        func byRunningStatistics() -> Value {
            x.batchNorm(
                scale, mean: builder.parameter("\(mean)"),
                variance: builder.parameter("\(variance)"), epsilon: epsilon)
        }
        guard mode != .inference else { return byRunningStatistics() }
        let batch = x.batchNorm(scale, epsilon: epsilon)
        // A layer that is called twice reports its first batch.
        if builder.graph.output("statistic.\(mean)") == nil {
            builder.output(batch.mean, "statistic.\(mean)")
            builder.output(batch.variance, "statistic.\(variance)")
        }
        return mode == .training ? batch.result : byRunningStatistics()
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

extension BatchNormLayer {
    /// Weights of `convolution` and of this norm that together do in inference what the convolution does alone: the
    /// other way round from ``folded(into:_:)``.
    ///
    /// The norm's running statistics are those of nothing in particular; see ``recentred(_:to:)``.
    ///
    /// - Parameters:
    ///   - parameters: Weight and bias of the convolution, and anything else.
    ///   - deviation: Of the weights that a filter gets; what that changes, the norm's scale undoes.
    /// - Returns: `parameters` without the convolution's bias and with the norm's parts.
    func unfolded(
        from convolution: ConvolutionLayer, _ parameters: Parameters, deviation: Double
    ) -> Parameters {
        let (weightPath, biasPath) = (
            "\(convolution.path / "weight")", "\(convolution.path / "bias")"
        )
        guard var weight = parameters[weightPath], let bias = parameters[biasPath] else {
            preconditionFailure("no weight and bias of '\(convolution.path)'")
        }
        let perChannel = weight.count / channels
        var scales = [Float](repeating: 1, count: channels)
        weight.withUnsafeMutableBufferPointer { w in
            for channel in 0..<channels {
                let filter = channel * perChannel..<(channel + 1) * perChannel
                let square = w[filter].reduce(0.0) { $0 + Double($1) * Double($1) }
                let size = (square / Double(perChannel)).squareRoot()
                guard size > 0 else { continue }
                scales[channel] = Float(size / deviation)
                for i in filter { w[i] = Float(Double(w[i]) * deviation / size) }
            }
        }
        var result = Parameters()
        for (path, tensor) in parameters where path != biasPath {
            result.append(path == weightPath ? weight : tensor, at: path)
            guard path == weightPath else { continue }
            result.append(Tensor(scales, shape: [channels]), at: "\(self.path / "weight")")
            result.append(bias, at: "\(self.path / "bias")")
            result.append(Tensor(shape: [channels]), at: "\(self.path / "running_mean")")
            // The variance with which epsilon makes 1.
            result.append(
                Tensor(
                    [Float](repeating: Float(1 - epsilon), count: channels), shape: [channels]),
                at: "\(self.path / "running_var")")
        }
        return result
    }

    /// Parameters with other running statistics, and with scale and shift that undo the change.
    ///
    /// - Parameter statistics: By the paths of running mean and variance, `[channels]` each.
    func recentred(
        _ parameters: Parameters, to statistics: [String: Tensor<Float>]
    ) -> Parameters {
        var result = parameters
        func position(_ name: String) -> Int { parameters.position(of: "\(path / name)")! }
        let (mean, variance) = (position("running_mean"), position("running_var"))
        let old = (mean: parameters[mean].elements, variance: parameters[variance].elements)
        result[mean] = statistics["\(path / "running_mean")"]!
        result[variance] = statistics["\(path / "running_var")"]!
        let new = (mean: result[mean].elements, variance: result[variance].elements)
        func deviation(_ variance: Float) -> Double { (Double(variance) + epsilon).squareRoot() }
        let scales = parameters[position("weight")].elements
        result.withElements(at: position("bias")) { shift in
            for i in 0..<channels {
                let moved = Double(new.mean[i]) - Double(old.mean[i])
                shift[i] += Float(Double(scales[i]) * moved / deviation(old.variance[i]))
            }
        }
        result.withElements(at: position("weight")) { scale in
            for i in 0..<channels {
                scale[i] *= Float(deviation(new.variance[i]) / deviation(old.variance[i]))
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
