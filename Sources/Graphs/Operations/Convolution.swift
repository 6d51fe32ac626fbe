// Two-dimensional convolution and the two products that its derivative needs.
import Tensors

/// How a convolution's kernel moves over its input.
public struct ConvolutionGeometry: Sendable, Hashable {
    /// Step between outputs, vertically and horizontally.
    public var strideY: Int, strideX: Int
    /// Distance between the kernel's taps.
    public var dilationY: Int, dilationX: Int
    /// Rows and columns of zeros around the input.
    public var paddingTop: Int, paddingBottom: Int, paddingLeft: Int, paddingRight: Int
    /// Number of groups that channels are divided into.
    public var groups: Int

    /// Equal settings in both directions.
    public init(stride: Int = 1, dilation: Int = 1, padding: Int = 0, groups: Int = 1) {
        (strideY, strideX) = (stride, stride)
        (dilationY, dilationX) = (dilation, dilation)
        (paddingTop, paddingBottom) = (padding, padding)
        (paddingLeft, paddingRight) = (padding, padding)
        self.groups = groups
    }

    /// Output height and width for an input and a kernel of the given sizes.
    public func outputSize(
        height: Int, width: Int, kernelHeight: Int, kernelWidth: Int
    ) -> (height: Int, width: Int) {
        let y = height + paddingTop + paddingBottom - dilationY * (kernelHeight - 1) - 1
        let x = width + paddingLeft + paddingRight - dilationX * (kernelWidth - 1) - 1
        return (y < 0 ? 0 : y / strideY + 1, x < 0 ? 0 : x / strideX + 1)
    }
}

/// Two-dimensional convolution (cross-correlation, as the field calls it).
///
/// Inputs: x `[N, C, H, W]`, weights `[O, C / groups, kH, kW]` and, optionally, bias `[O]`.
/// Output: `[N, O, H', W']`.
public struct Convolution: Operation {
    public static let kind = "Convolution"
    /// Stride, dilation, padding and groups.
    public let geometry: ConvolutionGeometry

    public init(_ geometry: ConvolutionGeometry = ConvolutionGeometry()) {
        self.geometry = geometry
    }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(
            inputs.count == 2 || inputs.count == 3, "2 or 3 inputs", found: "\(inputs.count)")
        let (x, w) = (inputs[0], inputs[1])
        try require(
            x.rank == 4 && w.rank == 4, "[N, C, H, W] and [O, C, kH, kW]", found: "\(x), \(w)")
        try require(
            x[1] == w[1] * geometry.groups, "\(w[1] * geometry.groups) channels", found: "\(x[1])")
        try require(
            w[0] % geometry.groups == 0, "outputs divisible by \(geometry.groups)",
            found: "\(w[0])")
        if inputs.count == 3 {
            try require(inputs[2] == [w[0]], "bias [\(w[0])]", found: "\(inputs[2])")
        }
        let size = geometry.outputSize(
            height: x[2], width: x[3], kernelHeight: w[2], kernelWidth: w[3])
        try require(
            size.height > 0 && size.width > 0, "a picture no smaller than the kernel",
            found: "\(x)")
        return [x[0], w[0], size.height, size.width]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let walk = ConvolutionWalk(geometry, input: inputs[0].shape, weights: inputs[1].shape)
        var result = Tensor<Scalar>(repeating: 0, shape: walk.output)
        if inputs.count == 3 {
            let bias = inputs[2].elements
            let area = walk.output[2] * walk.output[3]
            result.withUnsafeMutableBufferPointer { result in
                for i in 0..<result.count { result[i] = bias[i / area % bias.count] }
            }
        }
        inputs[0].withUnsafeBufferPointer { x in
            inputs[1].withUnsafeBufferPointer { w in
                result.withUnsafeMutableBufferPointer { y in
                    walk.forEachRow { xi, wi, yi, count, step in
                        let weight = w[wi]
                        for k in 0..<count { y[yi + k] += weight * x[xi + k * step] }
                    }
                }
            }
        }
        return result
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        let (x, w) = (node.inputs[0], node.inputs[1])
        var products: [Value?] = [
            cotangent.applying(ConvolutionBackwardData(geometry), w, x),
            cotangent.applying(ConvolutionBackwardWeights(geometry), x, w),
        ]
        if node.inputs.count == 3 { products.append(cotangent.applying(ChannelSum())) }
        return products
    }
}

/// The cotangent of a convolution's input.
///
/// Inputs: the output's cotangent, the weights, and the input x, of which only the shape matters.
public struct ConvolutionBackwardData: Operation {
    public static let kind = "ConvolutionBackwardData"
    /// Stride, dilation, padding and groups of the convolution.
    public let geometry: ConvolutionGeometry
    public var shapeOnlyInputs: [Int] { [2] }

    public init(_ geometry: ConvolutionGeometry) { self.geometry = geometry }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(3, of: inputs)
        let output = try Convolution(geometry).shape(of: [inputs[2], inputs[1]])
        try require(output == inputs[0], "a cotangent \(output)", found: "\(inputs[0])")
        return inputs[2]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let walk = ConvolutionWalk(geometry, input: inputs[2].shape, weights: inputs[1].shape)
        var result = Tensor<Scalar>(repeating: 0, shape: inputs[2].shape)
        inputs[0].withUnsafeBufferPointer { dy in
            inputs[1].withUnsafeBufferPointer { w in
                result.withUnsafeMutableBufferPointer { dx in
                    walk.forEachRow { xi, wi, yi, count, step in
                        let weight = w[wi]
                        for k in 0..<count { dx[xi + k * step] += weight * dy[yi + k] }
                    }
                }
            }
        }
        return result
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        let (dy, w) = (node.inputs[0], node.inputs[1])
        return [
            cotangent.applying(Convolution(geometry), w),
            dy.applying(ConvolutionBackwardWeights(geometry), cotangent, w),
            nil,
        ]
    }
}

/// The cotangent of a convolution's weights.
///
/// Inputs: the output's cotangent, the input x, and the weights, of which only the shape matters.
public struct ConvolutionBackwardWeights: Operation {
    public static let kind = "ConvolutionBackwardWeights"
    /// Stride, dilation, padding and groups of the convolution.
    public let geometry: ConvolutionGeometry
    public var shapeOnlyInputs: [Int] { [2] }

    public init(_ geometry: ConvolutionGeometry) { self.geometry = geometry }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(3, of: inputs)
        let output = try Convolution(geometry).shape(of: [inputs[1], inputs[2]])
        try require(output == inputs[0], "a cotangent \(output)", found: "\(inputs[0])")
        return inputs[2]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let walk = ConvolutionWalk(geometry, input: inputs[1].shape, weights: inputs[2].shape)
        // Each weight sums over the whole picture: the reference adds in Double.
        var sums = [Double](repeating: 0, count: inputs[2].count)
        inputs[0].withUnsafeBufferPointer { dy in
            inputs[1].withUnsafeBufferPointer { x in
                walk.forEachRow { xi, wi, yi, count, step in
                    var sum: Double = 0
                    for k in 0..<count { sum += Double(dy[yi + k]) * Double(x[xi + k * step]) }
                    sums[wi] += sum
                }
            }
        }
        return Tensor(sums.map { Scalar($0) }, shape: inputs[2].shape)
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        let (dy, x) = (node.inputs[0], node.inputs[1])
        return [
            x.applying(Convolution(geometry), cotangent),
            dy.applying(ConvolutionBackwardData(geometry), cotangent, x),
            nil,
        ]
    }
}

/// The rows that a convolution multiplies: for every weight, the run of inputs it meets.
struct ConvolutionWalk {
    let geometry: ConvolutionGeometry, input: Shape, weights: Shape, output: Shape

    init(_ geometry: ConvolutionGeometry, input: Shape, weights: Shape) {
        self.geometry = geometry
        self.input = input
        self.weights = weights
        let size = geometry.outputSize(
            height: input[2], width: input[3], kernelHeight: weights[2], kernelWidth: weights[3])
        output = [input[0], weights[0], size.height, size.width]
    }

    /// Calls `body(x index, weight index, y index, count, step of x)` for each run of outputs.
    func forEachRow(_ body: (Int, Int, Int, Int, Int) -> Void) {
        let g = geometry
        let (inputsPerGroup, outputsPerGroup) = (weights[1], weights[0] / g.groups)
        for n in 0..<input[0] {
            for o in 0..<weights[0] {
                for c in 0..<inputsPerGroup {
                    let channel = o / outputsPerGroup * inputsPerGroup + c
                    for tap in 0..<weights[2] * weights[3] {
                        let (ky, kx) = (tap / weights[3], tap % weights[3])
                        let wi = (o * inputsPerGroup + c) * weights[2] * weights[3] + tap
                        let left = kx * g.dilationX - g.paddingLeft
                        // First and last output column whose tap lies inside the picture.
                        let first = left >= 0 ? 0 : (-left + g.strideX - 1) / g.strideX
                        guard input[3] - 1 - left >= 0 else { continue }
                        let last = min(output[3] - 1, (input[3] - 1 - left) / g.strideX)
                        guard first <= last else { continue }
                        for y in 0..<output[2] {
                            let row = y * g.strideY + ky * g.dilationY - g.paddingTop
                            guard row >= 0, row < input[2] else { continue }
                            let xi =
                                ((n * input[1] + channel) * input[2] + row) * input[3] + left
                                + first * g.strideX
                            let yi = ((n * weights[0] + o) * output[2] + y) * output[3] + first
                            body(xi, wi, yi, last - first + 1, g.strideX)
                        }
                    }
                }
            }
        }
    }
}

/// The sum over batch and picture of each channel: `[N, C, H, W]` to `[C]`, a bias's cotangent.
public struct ChannelSum: Operation {
    public static let kind = "ChannelSum"

    public init() {}

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(1, of: inputs)
        try require(inputs[0].rank == 4, "[N, C, H, W]", found: "\(inputs[0])")
        return [inputs[0][1]]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let shape = inputs[0].shape
        let area = shape[2] * shape[3]
        var sums = [Double](repeating: 0, count: shape[1])
        inputs[0].withUnsafeBufferPointer { x in
            for i in 0..<x.count { sums[i / area % shape[1]] += Double(x[i]) }
        }
        return Tensor(sums.map { Scalar($0) }, shape: [shape[1]])
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent.reshaped([1, -1, 1, 1]).applying(BroadcastLike(), node.inputs[0])]
    }
}

extension Value {
    /// Convolution with the given weights and bias.
    public func convolved(
        with weights: Value, bias: Value? = nil, _ geometry: ConvolutionGeometry
    ) -> Value {
        builder.apply(Convolution(geometry), to: [self, weights] + (bias.map { [$0] } ?? []))
    }
}
