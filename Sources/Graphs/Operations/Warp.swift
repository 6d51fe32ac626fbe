// Pictures moved by a flow, read between pixels, and the two gradients of that.
import Tensors

/// Reads a picture where a flow points: `result(y, x) = picture(y + v, x + u)`, bilinearly.
///
/// Inputs: pictures `[N, C, H, W]` and flow `[N, 2, H', W']` in pixels, u (to the right) before v
/// (down). Output: `[N, C, H', W']`. Outside the picture lie zeros, or, with `.replicate`, its edge.
public struct Warp: Operation {
    public static let kind = "Warp"
    /// What lies outside: `.zero` or `.replicate`.
    public let border: Border

    public init(border: Border = .zero) {
        precondition(border != .reflect, "a warp knows no mirror images")
        self.border = border
    }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(2, of: inputs)
        let (x, flow) = (inputs[0], inputs[1])
        try require(
            x.rank == 4 && flow.rank == 4 && flow[0] == x[0] && flow[1] == 2 && x[2] * x[3] > 0,
            "pictures [N, C, H, W] and flow [N, 2, H, W]", found: "\(x), \(flow)")
        return [x[0], x[1], flow[2], flow[3]]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let (shape, flow) = (inputs[0].shape, inputs[1].shape)
        var result = Tensor<Scalar>(repeating: 0, shape: [shape[0], shape[1], flow[2], flow[3]])
        inputs[0].withUnsafeBufferPointer { x in
            result.withUnsafeMutableBufferPointer { result in
                WarpWalk(shape, inputs[1], border).forEachTap { pixel, output, tap in
                    result[output] += tap.weight * x[pixel]
                }
            }
        }
        return result
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        let (x, flow) = (node.inputs[0], node.inputs[1])
        return [
            cotangent.applying(WarpBackwardPicture(border: border), flow, x),
            cotangent.applying(WarpBackwardFlow(border: border), x, flow),
        ]
    }
}

/// The cotangent of the pictures that a warp read.
///
/// Inputs: the output's cotangent, the flow, and the pictures, of which only the shape matters.
public struct WarpBackwardPicture: Operation {
    public static let kind = "WarpBackwardPicture"
    /// What lies outside.
    public let border: Border
    public var shapeOnlyInputs: [Int] { [2] }

    public init(border: Border) { self.border = border }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(3, of: inputs)
        let output = try Warp(border: border).shape(of: [inputs[2], inputs[1]])
        try require(inputs[0] == output, "a cotangent \(output)", found: "\(inputs[0])")
        return inputs[2]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let shape = inputs[2].shape
        var sums = [Double](repeating: 0, count: shape.count)
        inputs[0].withUnsafeBufferPointer { cotangent in
            WarpWalk(shape, inputs[1], border).forEachTap { pixel, output, tap in
                sums[pixel] += Double(tap.weight) * Double(cotangent[output])
            }
        }
        return Tensor(sums.map { Scalar($0) }, shape: shape)
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        let (dy, flow) = (node.inputs[0], node.inputs[1])
        return [
            cotangent.applying(Warp(border: border), flow),
            dy.applying(WarpBackwardFlow(border: border), cotangent, flow),
            nil,
        ]
    }
}

/// The cotangent of the flow of a warp. It cannot be differentiated further.
///
/// Inputs: the output's cotangent, the pictures, and the flow.
public struct WarpBackwardFlow: Operation {
    public static let kind = "WarpBackwardFlow"
    /// What lies outside.
    public let border: Border

    public init(border: Border) { self.border = border }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(3, of: inputs)
        let output = try Warp(border: border).shape(of: [inputs[1], inputs[2]])
        try require(inputs[0] == output, "a cotangent \(output)", found: "\(inputs[0])")
        return inputs[2]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let (shape, flow) = (inputs[1].shape, inputs[2].shape)
        var sums = [Double](repeating: 0, count: flow.count)
        let area = flow[2] * flow[3]
        inputs[0].withUnsafeBufferPointer { cotangent in
            inputs[1].withUnsafeBufferPointer { x in
                WarpWalk(shape, inputs[2], border).forEachTap { pixel, output, tap in
                    let product = Double(cotangent[output]) * Double(x[pixel])
                    let u = output / (shape[1] * area) * 2 * area + output % area
                    sums[u] += product * Double(tap.slopeX)
                    sums[u + area] += product * Double(tap.slopeY)
                }
            }
        }
        return Tensor(sums.map { Scalar($0) }, shape: flow)
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        preconditionFailure("\(kind) cannot be differentiated")
    }
}

/// The pixels that each point of a warped picture reads, with weights and their slopes.
private struct WarpWalk<Scalar: TensorScalar> {
    /// A pixel's weight and its derivatives by the horizontal and the vertical position.
    struct Tap { var weight: Scalar, slopeX: Scalar, slopeY: Scalar }

    let shape: Shape, flow: Tensor<Scalar>, border: Border

    init(_ shape: Shape, _ flow: Tensor<Scalar>, _ border: Border) {
        self.shape = shape
        self.flow = flow
        self.border = border
    }

    /// Calls `body(pixel index, output index, tap)` for each pixel read, in all channels.
    func forEachTap(_ body: (Int, Int, Tap) -> Void) {
        let (height, width, area) = (shape[2], shape[3], flow.shape[2] * flow.shape[3])
        flow.withUnsafeBufferPointer { flow in
            for n in 0..<shape[0] {
                for point in 0..<area {
                    let column = point % self.flow.shape[3], row = point / self.flow.shape[3]
                    let (u, v) = (flow[2 * n * area + point], flow[(2 * n + 1) * area + point])
                    let (x, insideX) = position(Scalar(column) + u, in: width)
                    let (y, insideY) = position(Scalar(row) + v, in: height)
                    // Points farther out than any pixel reaches read nothing but zeros.
                    guard x > -1, y > -1, x < Scalar(width), y < Scalar(height) else { continue }
                    let (left, top) = (x.rounded(.down), y.rounded(.down))
                    let (fx, fy) = (x - left, y - top)
                    for corner in 0..<4 {
                        let (i, j) = (Int(left) + corner % 2, Int(top) + corner / 2)
                        guard 0..<width ~= i, 0..<height ~= j else { continue }
                        let (wx, wy) = (corner % 2 == 0 ? 1 - fx : fx, corner < 2 ? 1 - fy : fy)
                        let tap = Tap(
                            weight: wx * wy,
                            slopeX: insideX ? (corner % 2 == 0 ? -wy : wy) : 0,
                            slopeY: insideY ? (corner < 2 ? -wx : wx) : 0)
                        for c in n * shape[1]..<(n + 1) * shape[1] {
                            body((c * height + j) * width + i, c * area + point, tap)
                        }
                    }
                }
            }
        }
    }

    /// Where to read, and whether moving the point moves that.
    private func position(_ point: Scalar, in extent: Int) -> (Scalar, Bool) {
        if border == .zero { return (point, true) }
        let last = Scalar(extent - 1)
        // NaN reads the edge: it must not become an index.
        guard point >= 0 else { return (0, false) }
        return point <= last ? (point, true) : (last, false)
    }
}

extension Value {
    /// Reads pictures where a flow `[N, 2, H, W]` in pixels points.
    public func warped(by flow: Value, border: Border = .zero) -> Value {
        applying(Warp(border: border), flow)
    }
}
