// One entry of the table that checks operations: a small graph and how to fill its inputs.
import Graphs
import Tensors

/// One input of a case: its shape and where its values come from.
public struct Operand: Sendable {
    /// Extents of the input.
    public let shape: Shape
    /// Whether a derivative with respect to it is checked.
    public let isDifferentiable: Bool
    /// Whether the graph takes it as a parameter, as it does weights, and not as an input.
    public let isParameter: Bool
    let fill: @Sendable (Shape, inout RandomSource) -> Tensor<Double>

    init(
        _ shape: Shape, differentiable: Bool = true, parameter: Bool = false,
        fill: @escaping @Sendable (Shape, inout RandomSource) -> Tensor<Double>
    ) {
        self.shape = shape
        self.fill = fill
        isDifferentiable = differentiable
        isParameter = parameter
    }

    /// Even values within a range.
    public static func uniform(_ shape: Shape, _ range: Range<Double> = -1..<1) -> Operand {
        Operand(shape) { .uniform($0, in: range, using: &$1) }
    }

    /// Even values within a range, taken by the graph as a parameter.
    public static func weights(_ shape: Shape, _ range: Range<Double> = -1..<1) -> Operand {
        Operand(shape, parameter: true) { .uniform($0, in: range, using: &$1) }
    }

    /// Values of both signs, none closer to 0 than a tenth: kinks at 0 are not met.
    public static func awayFromZero(_ shape: Shape) -> Operand {
        Operand(shape) { shape, random in
            Tensor.uniform(shape, in: -1..<1, using: &random).map { $0 + ($0 < 0 ? -0.1 : 0.1) }
        }
    }

    /// Values of which no two are closer than a hundredth: which one is largest never changes.
    public static func distinct(_ shape: Shape) -> Operand {
        Operand(shape) { shape, random in
            let ranks = (0..<shape.count).shuffled(using: &random)
            return Tensor(ranks.map { 0.02 * Double($0 - shape.count / 2) }, shape: shape)
        }
    }

    /// Values of which none is close to any value of `distinct`.
    public static func between(_ shape: Shape) -> Operand {
        Operand(shape) { shape, random in
            Tensor(
                (0..<shape.count).map { _ in
                    0.02 * Double(random.index(below: 50) - 25) + random.uniform(in: 0.006..<0.014)
                }, shape: shape)
        }
    }

    /// Values that do not matter: the operation looks at the shape alone.
    public static func shapeOnly(_ shape: Shape) -> Operand {
        Operand(shape, differentiable: false) { .uniform($0, using: &$1) }
    }

    /// Flows `[N, 2, H, W]` of up to some pixels whose ends are no closer to a pixel than a tenth.
    public static func flow(_ shape: Shape, reach: Int, differentiable: Bool = true) -> Operand {
        Operand(shape, differentiable: differentiable) { shape, random in
            Tensor(
                (0..<shape.count).map { _ in
                    Double(random.index(below: 2 * reach) - reach) + random.uniform(in: 0.1..<0.9)
                }, shape: shape)
        }
    }

    /// Boxes `[K, 5]` of pictures of a given batch and size; some reach over the border.
    public static func boxes(_ count: Int, batch: Int, height: Double, width: Double) -> Operand {
        Operand([count, 5], differentiable: false) { shape, random in
            let rows = (0..<count).flatMap { _ in
                let (x, y) = (
                    random.uniform(in: -1..<0.6 * width), random.uniform(in: -1..<0.6 * height)
                )
                return [
                    Double(random.index(below: batch)), x, y,
                    x + random.uniform(in: 0.3 * width..<0.7 * width),
                    y + random.uniform(in: 0.3 * height..<0.7 * height),
                ]
            }
            return Tensor(rows, shape: shape)
        }
    }

    /// Whole numbers from 0 up to a bound: positions along an axis.
    public static func indices(_ shape: Shape, below bound: Int) -> Operand {
        Operand(shape, differentiable: false) { shape, random in
            Tensor((0..<shape.count).map { _ in Double(random.index(below: bound)) }, shape: shape)
        }
    }
}

/// A small graph around one operation, with output "y", and how to fill its inputs.
public struct OperationCase: Sendable, CustomStringConvertible {
    /// What is checked: "Convolution 7 -> 17, stride 2".
    public let name: String
    /// The graph; its output is called "y".
    public let graph: Graph
    /// Its inputs and parameters, by name.
    public let operands: [String: Operand]
    /// Whether the derivative of the derivative is checked too.
    public let isTwiceDifferentiable: Bool

    /// Builds a case from its operands; `body` turns their values into "y".
    init(
        _ name: String, _ operands: [String: Operand], twice: Bool = false,
        _ body: ([String: Value]) -> Value
    ) {
        self.name = name
        self.operands = operands
        isTwiceDifferentiable = twice
        graph = Graph.build { builder in
            var values: [String: Value] = [:]
            for (name, operand) in operands.sorted(by: { $0.key < $1.key }) {
                values[name] = operand.isParameter ? builder.parameter(name) : builder.input(name)
            }
            builder.output(body(values), "y")
        }
    }

    /// Values of all inputs and parameters; the same for the same seed.
    public func inputs(seed: UInt64) -> [String: Tensor<Double>] {
        var random = RandomSource(seed: seed)
        var values: [String: Tensor<Double>] = [:]
        for (name, operand) in operands.sorted(by: { $0.key < $1.key }) {
            values[name] = operand.fill(operand.shape, &random)
        }
        return values
    }

    /// Names of the operands whose derivatives are checked, in order.
    public var differentiableOperands: [String] {
        operands.filter(\.value.isDifferentiable).keys.sorted()
    }

    /// The name.
    public var description: String { name }
}

/// The largest deviation of `a` from `b` relative to the largest element of `b`.
public func relativeError<Scalar: TensorScalar>(
    _ a: Tensor<Scalar>, _ b: Tensor<Double>
) -> Double {
    guard a.shape == b.shape else { return .infinity }
    var (difference, largest) = (0.0, 0.0)
    for (x, y) in zip(a.elements, b.elements) {
        // A NaN on either side must not pass as equal.
        let distance = abs(Double(x) - y)
        difference = distance.isNaN ? .infinity : max(difference, distance)
        largest = max(largest, abs(y))
    }
    return difference == 0 ? 0 : difference / max(largest, .leastNormalMagnitude)
}
