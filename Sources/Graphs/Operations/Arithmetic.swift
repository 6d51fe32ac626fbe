// Sums, differences, products and quotients of two values, with NumPy's broadcasting.
import Tensors

/// An element-wise operation of two values that broadcast against each other.
public protocol BinaryOperation: Operation {
    /// The result for one pair of elements.
    func combine<Scalar: TensorScalar>(_ a: Scalar, _ b: Scalar) -> Scalar
}

extension BinaryOperation {
    /// The shape both inputs broadcast to.
    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(2, of: inputs)
        guard let shape = inputs[0].broadcast(with: inputs[1]) else {
            throw ShapeError(
                operation: kind, expected: "shapes that broadcast",
                found: "\(inputs[0]), \(inputs[1])")
        }
        return shape
    }

    /// Combines every pair of elements.
    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let (a, b) = (inputs[0], inputs[1])
        let shape = a.shape.broadcast(with: b.shape)!
        return Tensor(shape: shape) { result in
            a.withUnsafeBufferPointer { a in
                b.withUnsafeBufferPointer { b in
                    if inputs[0].shape == inputs[1].shape {
                        for i in 0..<result.count { result[i] = combine(a[i], b[i]) }
                        return
                    }
                    BroadcastWalk(inputs[0].shape, to: shape).forEach { result[$0] = a[$1] }
                    BroadcastWalk(inputs[1].shape, to: shape).forEach {
                        result[$0] = combine(result[$0], b[$1])
                    }
                }
            }
        }
    }
}

/// a + b.
public struct Add: BinaryOperation {
    public static let kind = "Add"
    public init() {}
    public func combine<Scalar: TensorScalar>(_ a: Scalar, _ b: Scalar) -> Scalar { a + b }
    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        node.inputs.map { cotangent.applying(SumLike(), $0) }
    }
}

/// a - b.
public struct Subtract: BinaryOperation {
    public static let kind = "Subtract"
    public init() {}
    public func combine<Scalar: TensorScalar>(_ a: Scalar, _ b: Scalar) -> Scalar { a - b }
    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [
            cotangent.applying(SumLike(), node.inputs[0]),
            (-1 * cotangent).applying(SumLike(), node.inputs[1]),
        ]
    }
}

/// a * b, element by element.
public struct Multiply: BinaryOperation {
    public static let kind = "Multiply"
    public init() {}
    public func combine<Scalar: TensorScalar>(_ a: Scalar, _ b: Scalar) -> Scalar { a * b }
    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        let (a, b) = (node.inputs[0], node.inputs[1])
        return [
            (cotangent * b).applying(SumLike(), a), (cotangent * a).applying(SumLike(), b),
        ]
    }
}

/// a / b, element by element.
public struct Divide: BinaryOperation {
    public static let kind = "Divide"
    public init() {}
    public func combine<Scalar: TensorScalar>(_ a: Scalar, _ b: Scalar) -> Scalar { a / b }
    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        let (a, b) = (node.inputs[0], node.inputs[1])
        return [
            (cotangent / b).applying(SumLike(), a),
            (-1 * (cotangent * node.output / b)).applying(SumLike(), b),
        ]
    }
}

/// scale * x + offset, with fixed numbers.
public struct Affine: Operation {
    public static let kind = "Affine"
    /// The fixed factor and summand.
    public let scale: Double, offset: Double

    public init(scale: Double = 1, offset: Double = 0) {
        self.scale = scale
        self.offset = offset
    }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(1, of: inputs)
        return inputs[0]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let (scale, offset) = (Scalar(scale), Scalar(offset))
        return inputs[0].map { scale * $0 + offset }
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent.applying(Affine(scale: scale))]
    }
}

extension Value {
    /// The sum, with broadcasting.
    public static func + (a: Value, b: Value) -> Value { a.applying(Add(), b) }
    /// The difference, with broadcasting.
    public static func - (a: Value, b: Value) -> Value { a.applying(Subtract(), b) }
    /// The element-wise product, with broadcasting.
    public static func * (a: Value, b: Value) -> Value { a.applying(Multiply(), b) }
    /// The element-wise quotient, with broadcasting.
    public static func / (a: Value, b: Value) -> Value { a.applying(Divide(), b) }
    /// The product with a number.
    public static func * (a: Double, b: Value) -> Value { b.applying(Affine(scale: a)) }
    /// The product with a number.
    public static func * (a: Value, b: Double) -> Value { b * a }
    /// The sum with a number.
    public static func + (a: Value, b: Double) -> Value { a.applying(Affine(offset: b)) }
    /// The difference from a number.
    public static func - (a: Value, b: Double) -> Value { a + -b }
    /// The difference to a number.
    public static func - (a: Double, b: Value) -> Value { b.applying(Affine(scale: -1, offset: a)) }
    /// The opposite.
    public static prefix func - (a: Value) -> Value { -1 * a }
}
