// Pictures at another size: nearest neighbour or bilinear, with half-pixel centres.
import Tensors

/// How a picture is read between its pixels.
public enum Interpolation: String, Sendable, Hashable {
    /// The pixel whose area holds the point; on an edge, the later one.
    case nearest
    /// Weighed by distance from the four pixels around; the edge goes on outside.
    case bilinear
}

/// A scale as a fraction of whole numbers.
public struct ResizeScale: Sendable, Hashable {
    /// Output pixels per `down` input pixels, and that number.
    public let up: Int, down: Int

    /// `up / down`: 2 doubles, 1 / 2 halves.
    public init(_ up: Int, over down: Int = 1) {
        precondition(up > 0 && down > 0, "a scale of \(up) / \(down)")
        self.up = up
        self.down = down
    }
}

/// Resizes pictures `[N, C, H, W]` by fixed scales; sizes are rounded down.
///
/// Pixel i of the output shows the input at `(i + 1/2) / scale - 1/2`, as PyTorch's `bilinear`
/// (`align_corners` off) and `nearest-exact`; scaling down does not smooth.
public struct Resize: Operation {
    public static let kind = "Resize"
    /// How pixels are read.
    public let interpolation: Interpolation
    /// Vertical and horizontal scale.
    public let scaleY: ResizeScale, scaleX: ResizeScale

    public init(_ interpolation: Interpolation, scaleY: ResizeScale, scaleX: ResizeScale) {
        self.interpolation = interpolation
        self.scaleY = scaleY
        self.scaleX = scaleX
    }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(1, of: inputs)
        try require(inputs[0].rank == 4, "[N, C, H, W]", found: "\(inputs[0])")
        let height = inputs[0][2] * scaleY.up / scaleY.down
        let width = inputs[0][3] * scaleX.up / scaleX.down
        try require(height > 0 && width > 0, "a larger picture", found: "\(inputs[0])")
        return [inputs[0][0], inputs[0][1], height, width]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        guard let output = try? shape(of: [inputs[0].shape]) else {
            preconditionFailure("\(kind): \(inputs[0].shape) does not fit")
        }
        return ResizeTaps(interpolation, inputs[0].shape, output, scaleY, scaleX)
            .read(inputs[0], as: output)
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [
            cotangent.applying(
                ResizeBackward(interpolation, scales: (scaleY, scaleX)), node.inputs[0])
        ]
    }
}

/// Resizes pictures `[N, C, H, W]` to the height and width of the second input.
public struct ResizeLike: Operation {
    public static let kind = "ResizeLike"
    /// How pixels are read.
    public let interpolation: Interpolation
    public var shapeOnlyInputs: [Int] { [1] }

    public init(_ interpolation: Interpolation) { self.interpolation = interpolation }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(2, of: inputs)
        let (x, like) = (inputs[0], inputs[1])
        try require(
            x.rank == 4 && like.rank == 4 && x.count > 0 && like[2] * like[3] > 0,
            "two values [N, C, H, W]", found: "\(x), \(like)")
        return [x[0], x[1], like[2], like[3]]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let (x, like) = (inputs[0].shape, inputs[1].shape)
        let output: Shape = [x[0], x[1], like[2], like[3]]
        return ResizeTaps(interpolation, x, output).read(inputs[0], as: output)
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent.applying(ResizeBackward(interpolation), node.inputs[0]), nil]
    }
}

/// Spreads the cotangent of a resized picture over the pixels that were read.
///
/// Inputs: the cotangent, and the picture before it was resized, of which only the shape matters.
public struct ResizeBackward: Operation {
    public static let kind = "ResizeBackward"
    /// How pixels were read.
    public let interpolation: Interpolation
    /// Fixed scales, or nil where they follow from the two sizes.
    public let scaleY: ResizeScale?, scaleX: ResizeScale?
    public var shapeOnlyInputs: [Int] { [1] }

    public init(_ interpolation: Interpolation, scales: (y: ResizeScale, x: ResizeScale)? = nil) {
        self.interpolation = interpolation
        scaleY = scales?.y
        scaleX = scales?.x
    }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(2, of: inputs)
        let resized =
            if let scaleY, let scaleX {
                try Resize(interpolation, scaleY: scaleY, scaleX: scaleX).shape(of: [inputs[1]])
            } else {
                try ResizeLike(interpolation).shape(of: [inputs[1], inputs[0]])
            }
        try require(inputs[0] == resized, "a cotangent \(resized)", found: "\(inputs[0])")
        return inputs[1]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        ResizeTaps(interpolation, inputs[1].shape, inputs[0].shape, scaleY, scaleX)
            .spread(inputs[0], as: inputs[1].shape)
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        if let scaleY, let scaleX {
            let resize = Resize(interpolation, scaleY: scaleY, scaleX: scaleX)
            return [cotangent.applying(resize), nil]
        }
        return [cotangent.applying(ResizeLike(interpolation), node.inputs[0]), nil]
    }
}

/// For each row and column of a resized picture, the two that it reads, and the second's weight.
package struct ResizeTaps {
    /// One entry per row or column of the output.
    package let rows: [(first: Int, second: Int, weight: Double)]
    package let columns: [(first: Int, second: Int, weight: Double)]

    /// Taps from an input to an output size, with scales that follow from these where none is given.
    package init(
        _ interpolation: Interpolation, _ input: Shape, _ output: Shape,
        _ scaleY: ResizeScale? = nil, _ scaleX: ResizeScale? = nil
    ) {
        func taps(axis: Int, _ scale: ResizeScale?) -> [(Int, Int, Double)] {
            let scale = scale ?? ResizeScale(output[axis], over: input[axis])
            let last = input[axis] - 1
            return (0..<output[axis]).map { position in
                let doubled = (2 * position + 1) * scale.down
                switch interpolation {
                case .nearest:
                    let pixel = min(doubled / (2 * scale.up), last)
                    return (pixel, pixel, 0)
                case .bilinear:
                    let point = Double(doubled) / Double(2 * scale.up) - 0.5
                    let inside = min(max(point, 0), Double(last))
                    let first = Int(inside)
                    return (first, min(first + 1, last), inside - Double(first))
                }
            }
        }
        rows = taps(axis: 2, scaleY)
        columns = taps(axis: 3, scaleX)
    }

    /// Calls `body(input index, output index, weight)` for each pixel that is read.
    private func forEach(_ input: Shape, _ output: Shape, _ body: (Int, Int, Double) -> Void) {
        for plane in 0..<input[0] * input[1] {
            for (y, row) in rows.enumerated() {
                let top = (plane * input[2] + row.first) * input[3]
                let bottom = (plane * input[2] + row.second) * input[3]
                for (x, column) in columns.enumerated() {
                    let index = (plane * output[2] + y) * output[3] + x
                    body(top + column.first, index, (1 - row.weight) * (1 - column.weight))
                    body(top + column.second, index, (1 - row.weight) * column.weight)
                    body(bottom + column.first, index, row.weight * (1 - column.weight))
                    body(bottom + column.second, index, row.weight * column.weight)
                }
            }
        }
    }

    fileprivate func read<Scalar: TensorScalar>(
        _ source: Tensor<Scalar>, as shape: Shape
    ) -> Tensor<Scalar> {
        var sums = [Double](repeating: 0, count: shape.count)
        source.withUnsafeBufferPointer { pixels in
            forEach(source.shape, shape) { sums[$1] += $2 * Double(pixels[$0]) }
        }
        return Tensor(sums.map { Scalar($0) }, shape: shape)
    }

    fileprivate func spread<Scalar: TensorScalar>(
        _ cotangent: Tensor<Scalar>, as shape: Shape
    ) -> Tensor<Scalar> {
        var sums = [Double](repeating: 0, count: shape.count)
        cotangent.withUnsafeBufferPointer { pixels in
            forEach(shape, cotangent.shape) { sums[$0] += $2 * Double(pixels[$1]) }
        }
        return Tensor(sums.map { Scalar($0) }, shape: shape)
    }
}

extension Value {
    /// Resizes pictures by one scale in both directions.
    public func resized(_ interpolation: Interpolation, by scale: ResizeScale) -> Value {
        applying(Resize(interpolation, scaleY: scale, scaleX: scale))
    }
    /// Resizes pictures to the size of others.
    public func resized(_ interpolation: Interpolation, like other: Value) -> Value {
        applying(ResizeLike(interpolation), other)
    }
}
