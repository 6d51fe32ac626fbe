// Nodes without inputs: what callers supply, what training learns, and constants.
import Tensors

/// A node whose value comes from outside the graph, or is fixed.
public protocol SourceOperation: Operation {
    /// What callers call it.
    var name: String { get }
    /// Its shape where that is fixed, else nil.
    var fixedShape: Shape? { get }
}

extension SourceOperation {
    /// Nothing flows further back.
    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] { [] }
    /// Sources have the shape that callers give.
    public func shape(of inputs: [Shape]) throws -> Shape {
        guard let fixedShape else {
            throw ShapeError(operation: kind, expected: "a shape for '\(name)'", found: "none")
        }
        return fixedShape
    }
    /// Callers supply the value.
    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        preconditionFailure("\(kind) '\(name)' has no value of its own")
    }
    /// Unknown until a caller gives it.
    public var fixedShape: Shape? { nil }
}

/// A value that a caller supplies.
public struct Input: SourceOperation {
    public static let kind = "Input"
    public let name: String
}

/// A value that training learns; its name is its path in the weights file.
public struct Parameter: SourceOperation {
    public static let kind = "Parameter"
    public let name: String
}

/// A fixed tensor.
public struct Constant: SourceOperation {
    public static let kind = "Constant"
    /// The elements, exactly.
    public let tensor: Tensor<Double>
    public var name: String { "constant" }
    public var fixedShape: Shape? { tensor.shape }

    /// A single number.
    public init(_ value: Double) { tensor = Tensor(value) }
    /// A tensor.
    public init(_ tensor: Tensor<Double>) { self.tensor = tensor }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        tensor.converted(to: Scalar.self)
    }
}

/// Ones in the shape of the input: where reverse differentiation starts.
public struct OnesLike: Operation {
    public static let kind = "OnesLike"
    public var shapeOnlyInputs: [Int] { [0] }

    public init() {}

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(1, of: inputs)
        return inputs[0]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        Tensor(repeating: 1, shape: inputs[0].shape)
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] { [nil] }
}

/// Zeros in the shape of the input.
public struct ZerosLike: Operation {
    public static let kind = "ZerosLike"
    public var shapeOnlyInputs: [Int] { [0] }

    public init() {}

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(1, of: inputs)
        return inputs[0]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        Tensor(repeating: 0, shape: inputs[0].shape)
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] { [nil] }
}
