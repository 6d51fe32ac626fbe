// Batch norm as training needs it: in few passes over the picture, forward and back.
import Tensors

/// Mean and biased variance of each channel over the batch: `[N, C, H, W]` to `[2, C]`.
public struct ChannelMoments: Operation {
    public static let kind = "ChannelMoments"
    public init() {}

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(1, of: inputs)
        try require(inputs[0].rank == 4, "[N, C, H, W]", found: "\(inputs[0])")
        return [2, inputs[0][1]]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let channels = ChannelView(inputs[0].shape)
        return inputs[0].withUnsafeBufferPointer { x in
            Tensor(shape: [2, channels.count]) { result in
                for channel in 0..<channels.count {
                    let mean = channels.sum(channel) { x[$0] } / Scalar(channels.size)
                    let variance =
                        channels.sum(channel) { (x[$0] - mean) * (x[$0] - mean) }
                        / Scalar(channels.size)
                    (result[channel], result[channels.count + channel]) = (mean, variance)
                }
            }
        }
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        // Each element has its share in the mean, and twice its distance from that in the variance.
        let x = node.inputs[0]
        let distance = x - node.output.row(0).reshaped([1, -1, 1, 1])
        return [cotangent.row(0).shares(of: x) + 2 * distance * cotangent.row(1).shares(of: x)]
    }
}

/// Each channel of `[N, C, H, W]` less its mean, divided by its deviation, scaled and shifted.
///
/// Inputs: the picture, *its* ``ChannelMoments``, scale `[C]` and shift `[C]`. The cotangent of the picture is the whole
/// one, that which comes by the moments included; so none flows to them.
///
/// - SeeAlso: Ioffe and Szegedy, "Batch normalization" (arXiv:1502.03167), section 3.
public struct BatchNormalise: Operation {
    public static let kind = "BatchNormalise"
    /// Keeps the quotient finite.
    public let epsilon: Double

    public init(epsilon: Double) { self.epsilon = epsilon }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(4, of: inputs)
        try requireChannels(inputs[0], moments: inputs[1], perChannel: Array(inputs[2...]))
        return inputs[0]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let channels = ChannelView(inputs[0].shape)
        let (moments, scale, shift) = (
            inputs[1].elements, inputs[2].elements, inputs[3].elements
        )
        return inputs[0].withUnsafeBufferPointer { x in
            Tensor(shape: inputs[0].shape) { y in
                for channel in 0..<channels.count {
                    let deviation = (moments[channels.count + channel] + Scalar(epsilon))
                        .squareRoot()
                    let factor = scale[channel] / deviation
                    channels.forEach(channel) {
                        y[$0] = (x[$0] - moments[channel]) * factor + shift[channel]
                    }
                }
            }
        }
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        let (x, moments, scale) = (node.inputs[0], node.inputs[1], node.inputs[2])
        let sums = cotangent.applying(BatchNormSums(epsilon: epsilon), x, moments)
        let backward = BatchNormBackward(epsilon: epsilon)
        return [
            cotangent.applying(backward, x, moments, scale, sums), nil, sums.row(0), sums.row(1),
        ]
    }
}

/// For each channel the sum of cotangent times normalised picture, and of the cotangent: `[2, C]`.
///
/// Inputs: the cotangent, and the picture and the moments of ``BatchNormalise``. These are the cotangents of its scale
/// and shift.
public struct BatchNormSums: Operation {
    public static let kind = "BatchNormSums"
    /// As in ``BatchNormalise``.
    public let epsilon: Double

    public init(epsilon: Double) { self.epsilon = epsilon }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(3, of: inputs)
        try require(inputs[0] == inputs[1], "equal shapes", found: "\(inputs[0]), \(inputs[1])")
        try requireChannels(inputs[1], moments: inputs[2])
        return inputs[2]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let channels = ChannelView(inputs[1].shape)
        let moments = inputs[2].elements
        return inputs[0].withUnsafeBufferPointer { dy in
            inputs[1].withUnsafeBufferPointer { x in
                Tensor(shape: inputs[2].shape) { result in
                    for channel in 0..<channels.count {
                        let deviation = (moments[channels.count + channel] + Scalar(epsilon))
                            .squareRoot()
                        result[channel] =
                            channels.sum(channel) { dy[$0] * (x[$0] - moments[channel]) }
                            / deviation
                        result[channels.count + channel] = channels.sum(channel) { dy[$0] }
                    }
                }
            }
        }
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        let (dy, x) = (node.inputs[0], node.inputs[1])
        let normal = x.normal(node.inputs[2], epsilon).value
        let sums = [dy * normal, dy].map { $0.applying(ChannelSum()).reshaped([1, -1]) }
        return cotangents(of: node, as: dy.builder.concatenate(sums, axis: 0), given: cotangent)
    }
}

/// The cotangent of the picture of ``BatchNormalise``.
///
/// Inputs: the cotangent of its result, the picture, its moments, the scale, and the ``BatchNormSums`` of these.
public struct BatchNormBackward: Operation {
    public static let kind = "BatchNormBackward"
    /// As in ``BatchNormalise``.
    public let epsilon: Double

    public init(epsilon: Double) { self.epsilon = epsilon }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(5, of: inputs)
        try require(inputs[0] == inputs[1], "equal shapes", found: "\(inputs[0]), \(inputs[1])")
        try requireChannels(inputs[1], moments: inputs[2], perChannel: [inputs[3]])
        try require(inputs[4] == inputs[2], "sums \(inputs[2])", found: "\(inputs[4])")
        return inputs[1]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let channels = ChannelView(inputs[1].shape)
        let (moments, scale, sums) = (inputs[2].elements, inputs[3].elements, inputs[4].elements)
        let size = Scalar(channels.size)
        return inputs[0].withUnsafeBufferPointer { dy in
            inputs[1].withUnsafeBufferPointer { x in
                Tensor(shape: inputs[1].shape) { dx in
                    for channel in 0..<channels.count {
                        let deviation = (moments[channels.count + channel] + Scalar(epsilon))
                            .squareRoot()
                        let factor = scale[channel] / deviation
                        let slope = sums[channel] / size / deviation
                        let mean = sums[channels.count + channel] / size
                        channels.forEach(channel) {
                            dx[$0] =
                                (dy[$0] - mean - (x[$0] - moments[channel]) * slope) * factor
                        }
                    }
                }
            }
        }
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        let (dy, x, scale) = (node.inputs[0], node.inputs[1], node.inputs[3])
        let normal = x.normal(node.inputs[2], epsilon)
        func mean(_ row: Int) -> Value { node.inputs[4].row(row).shares(of: x) }
        let factor = scale.reshaped([1, -1, 1, 1]) / normal.deviation
        let same = (dy - mean(1) - normal.value * mean(0)) * factor
        return cotangents(of: node, as: same, given: cotangent)
    }
}

extension Operation {
    /// Cotangents of an operation that other operations spell out.
    fileprivate func cotangents(
        of node: NodeValues, as same: Value, given cotangent: Value
    ) -> [Value?] {
        same.builder.gradients(
            from: [(same, cotangent)], withRespectTo: node.inputs, asIndependent: true)
    }

    fileprivate func requireChannels(
        _ x: Shape, moments: Shape, perChannel: [Shape] = []
    ) throws {
        try require(x.rank == 4, "[N, C, H, W]", found: "\(x)")
        try require(moments == [2, x[1]], "moments [2, \(x[1])]", found: "\(moments)")
        for shape in perChannel {
            try require(shape == [x[1]], "\(x[1]) numbers", found: "\(shape)")
        }
    }
}

extension Value {
    /// A row of a matrix.
    fileprivate func row(_ index: Int) -> Value {
        sliced(axis: 0, from: index, to: index + 1).reshaped([-1])
    }

    /// `[C]` divided among all elements of the channels of `x`.
    fileprivate func shares(of x: Value) -> Value {
        reshaped([1, -1, 1, 1]).applying(
            SumBackward(ReductionAxes([0, 2, 3], keepsDimensions: true), averages: true), x)
    }

    fileprivate func normal(
        _ moments: Value, _ epsilon: Double
    ) -> (value: Value, deviation: Value) {
        func channels(_ index: Int) -> Value { moments.row(index).reshaped([1, -1, 1, 1]) }
        let deviation = (channels(1) + epsilon).squareRoot
        return ((self - channels(0)) / deviation, deviation)
    }
}

/// The elements of each channel of `[N, C, H, W]`.
private struct ChannelView {
    /// Channels, and elements of each.
    let count: Int, size: Int
    private let batch: Int, area: Int

    init(_ shape: Shape) {
        (batch, count, area) = (shape[0], shape[1], shape[2] * shape[3])
        size = batch * area
    }

    /// Their positions.
    @inline(__always)
    func forEach(_ channel: Int, _ body: (Int) -> Void) {
        for n in 0..<batch {
            let start = (n * count + channel) * area
            for position in start..<start + area { body(position) }
        }
    }

    /// The sum of a number for each; long sums of Float lose digits, so it is made in Double.
    @inline(__always)
    func sum<Scalar: TensorScalar>(_ channel: Int, _ body: (Int) -> Scalar) -> Scalar {
        var sum = 0.0
        forEach(channel) { sum += Double(body($0)) }
        return Scalar(sum)
    }
}
