// The larger and the smaller of two values.
import Tensors

/// The larger of two values, element by element, with broadcasting.
public struct MaximumOf: BinaryOperation {
    public static let kind = "MaximumOf"
    public init() {}
    public func combine<Scalar: TensorScalar>(_ a: Scalar, _ b: Scalar) -> Scalar { max(a, b) }
    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        let (a, b) = (node.inputs[0], node.inputs[1])
        return shares(of: cotangent, first: (a - b).sign, a, b)
    }
}

/// The smaller of two values, element by element, with broadcasting.
public struct MinimumOf: BinaryOperation {
    public static let kind = "MinimumOf"
    public init() {}
    public func combine<Scalar: TensorScalar>(_ a: Scalar, _ b: Scalar) -> Scalar { min(a, b) }
    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        let (a, b) = (node.inputs[0], node.inputs[1])
        return shares(of: cotangent, first: (b - a).sign, a, b)
    }
}

/// The whole cotangent for `a` where `sign` is 1, for `b` where it is -1, halves where it is 0.
private func shares(of cotangent: Value, first sign: Value, _ a: Value, _ b: Value) -> [Value?] {
    let half = 0.5 * sign
    return [
        (cotangent * (half + 0.5)).applying(SumLike(), a),
        (cotangent * (0.5 - half)).applying(SumLike(), b),
    ]
}

extension Value {
    /// The larger of two values, element by element.
    public func larger(_ other: Value) -> Value { applying(MaximumOf(), other) }
    /// The smaller of two values, element by element.
    public func smaller(_ other: Value) -> Value { applying(MinimumOf(), other) }
}
