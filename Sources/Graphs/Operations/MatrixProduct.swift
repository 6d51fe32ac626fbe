// Products of matrices, one or many at a time.
import Tensors

/// The product of matrices: `[..., M, K]` times `[..., K, N]` is `[..., M, N]`.
///
/// Leading axes broadcast against each other. A transposed operand is given as `[..., K, M]`
/// or `[..., N, K]`.
public struct MatrixProduct: Operation {
    public static let kind = "MatrixProduct"
    /// Whether the first or the second operand is transposed before the product.
    public let transposesFirst: Bool, transposesSecond: Bool

    public init(transposesFirst: Bool = false, transposesSecond: Bool = false) {
        self.transposesFirst = transposesFirst
        self.transposesSecond = transposesSecond
    }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(2, of: inputs)
        let (a, b) = (inputs[0], inputs[1])
        let found = "\(a), \(b)"
        try require(a.rank >= 2 && b.rank >= 2, "two matrices or stacks of them", found: found)
        try require(
            a[transposesFirst ? -2 : -1] == b[transposesSecond ? -1 : -2],
            "equal inner extents\(transposesFirst ? ", first transposed" : "")"
                + (transposesSecond ? ", second transposed" : ""), found: found)
        guard let stack = Self.stack(a).broadcast(with: Self.stack(b)) else {
            throw ShapeError(
                operation: kind, expected: "leading axes that broadcast", found: found)
        }
        return Shape(
            stack.dimensions + [a[transposesFirst ? -1 : -2], b[transposesSecond ? -2 : -1]])
    }

    /// The axes before the matrix.
    private static func stack(_ shape: Shape) -> Shape { Shape(shape.dimensions.dropLast(2)) }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let (a, b) = (inputs[0].shape, inputs[1].shape)
        let (m, k) = transposesFirst ? (a[-1], a[-2]) : (a[-2], a[-1])
        let n = b[transposesSecond ? -2 : -1]
        let stack = Self.stack(a).broadcast(with: Self.stack(b))!
        // Which matrix of each operand every matrix of the result needs.
        var (first, second) = ([Int](), [Int]())
        BroadcastWalk(Self.stack(a), to: stack).forEach { first.append($1) }
        BroadcastWalk(Self.stack(b), to: stack).forEach { second.append($1) }
        let (rowStepA, stepA) = transposesFirst ? (1, m) : (k, 1)
        let (stepB, columnStepB) = transposesSecond ? (1, k) : (n, 1)
        return Tensor(shape: Shape(stack.dimensions + [m, n])) { result in
            inputs[0].withUnsafeBufferPointer { a in
                inputs[1].withUnsafeBufferPointer { b in
                    for index in 0..<result.count {
                        let (matrix, row, column) = (index / (m * n), index / n % m, index % n)
                        let startA = first[matrix] * m * k + row * rowStepA
                        let startB = second[matrix] * k * n + column * columnStepB
                        var sum: Double = 0
                        for i in 0..<k {
                            sum += Double(a[startA + i * stepA]) * Double(b[startB + i * stepB])
                        }
                        result[index] = Scalar(sum)
                    }
                }
            }
        }
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        let (a, b) = (node.inputs[0], node.inputs[1])
        // With C = A B: dA = dC B', dB = A' dC; transposed operands get the transposed product.
        let first =
            transposesFirst
            ? b.times(cotangent, transposed: transposesSecond, true)
            : cotangent.times(b, transposed: false, !transposesSecond)
        let second =
            transposesSecond
            ? cotangent.times(a, transposed: true, transposesFirst)
            : a.times(cotangent, transposed: !transposesFirst, false)
        return [first.applying(SumLike(), a), second.applying(SumLike(), b)]
    }
}

extension Value {
    /// The product of matrices, or of stacks of them; flags transpose an operand first.
    public func times(
        _ other: Value, transposed first: Bool = false, _ second: Bool = false
    ) -> Value {
        applying(MatrixProduct(transposesFirst: first, transposesSecond: second), other)
    }
}
