// What one kind of node computes, and how its derivative is written as graph.
import Tensors

/// One kind of node: a shape rule, a readable forward pass, and a derivative written as graph.
///
/// An operation has any number of inputs and one output. It holds no sizes: those are inferred
/// from the inputs when a graph is evaluated or compiled.
public protocol Operation: Sendable {
    /// The name of this kind of node, unique among operations: "Convolution".
    static var kind: String { get }

    /// The shape of the output for inputs of the given shapes; throws `ShapeError` where they
    /// do not fit.
    func shape(of inputs: [Shape]) throws -> Shape

    /// The output, computed plainly: the reference that every compiled kernel must equal.
    func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar>

    /// `forward` in Float.
    ///
    /// The default calls `forward`. It is a requirement so that the compiler makes a version of
    /// each operation for Float: the generic one, called through `any Operation`, is measured 8 times
    /// slower (convolution) to 16 (warp).
    func forward(_ inputs: [Tensor<Float>]) -> Tensor<Float>

    /// `forward` in Double, for the same reason.
    func forward(_ inputs: [Tensor<Double>]) -> Tensor<Double>

    /// Appends the vector-Jacobian product to the graph of `node`.
    ///
    /// - Returns: One cotangent per input; nil where none flows.
    func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?]

    /// Inputs of which only the shape matters: their values need not be kept alive.
    var shapeOnlyInputs: [Int] { get }
}

extension Operation {
    /// Every input's values matter unless an operation says otherwise.
    public var shapeOnlyInputs: [Int] { [] }
    /// The generic pass, in Float.
    public func forward(_ inputs: [Tensor<Float>]) -> Tensor<Float> { genericForward(inputs) }
    /// The generic pass, in Double.
    public func forward(_ inputs: [Tensor<Double>]) -> Tensor<Double> { genericForward(inputs) }

    /// The generic pass: here the scalar is unknown, so that the call cannot mean another.
    @inline(__always)
    private func genericForward<Scalar: TensorScalar>(
        _ inputs: [Tensor<Scalar>]
    ) -> Tensor<Scalar> { forward(inputs) }

    /// The name of this kind of node.
    public var kind: String { Self.kind }

    /// Throws where an operation does not have `expected` inputs.
    package func require(_ expected: Int, of inputs: [Shape]) throws {
        guard inputs.count == expected else {
            throw ShapeError(
                operation: kind, expected: "\(expected) inputs", found: "\(inputs.count)")
        }
    }

    /// Throws a `ShapeError` unless `condition` holds.
    package func require(
        _ condition: Bool, _ expected: @autoclosure () -> String, found: @autoclosure () -> String
    ) throws {
        if !condition { throw ShapeError(operation: kind, expected: expected(), found: found()) }
    }
}

/// The values around one node, as its derivative needs them.
public struct NodeValues {
    /// The node's inputs, in order.
    public let inputs: [Value]
    /// The node itself.
    public let output: Value

    /// The values around a node.
    public init(inputs: [Value], output: Value) { (self.inputs, self.output) = (inputs, output) }
}

/// Inputs of an operation that do not fit together.
public struct ShapeError: Error, CustomStringConvertible, Equatable {
    /// The operation that refused, what it expected, and what it was given.
    public let operation: String, expected: String, found: String

    /// An error of `operation`.
    public init(operation: String, expected: String, found: String) {
        self.operation = operation
        self.expected = expected
        self.found = found
    }

    /// `Convolution: expected 16 channels, found 3`.
    public var description: String { "\(operation): expected \(expected), found \(found)" }
}
