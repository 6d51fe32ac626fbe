// The table of cases: every operation, on awkward shapes. It drives three checks: derivatives equal
// finite differences, derivatives of derivatives too, and compiled graphs equal the reference.
import Graphs
import Tensors

/// Every operation on shapes with 1, 7 and 17 channels, odd sizes, strides and dilations.
public let operationCases: [OperationCase] =
    elementWiseCases + arithmeticCases + productCases + reductionCases + arrangementCases
    + pictureCases + normCases + lossCases

/// Shapes of rank 1 to 4 whose extents are drawn from the awkward ones.
func awkwardShapes(seed: UInt64) -> [Shape] {
    var random = RandomSource(seed: seed)
    let extents = [1, 2, 3, 5, 7]
    let drawn = (2...3).map { rank in
        Shape((0..<rank).map { _ in extents[random.index(below: extents.count)] })
    }
    return drawn + [[1, 17, 3, 5]]
}

/// One case for each awkward shape.
private func onAwkwardShapes(
    _ name: String, seed: UInt64, twice: Bool = true, _ operand: (Shape) -> Operand,
    _ body: (Value) -> Value
) -> [OperationCase] {
    awkwardShapes(seed: seed).map { shape in
        OperationCase("\(name) \(shape)", ["x": operand(shape)], twice: twice) { body($0["x"]!) }
    }
}

/// Functions of single elements.
let elementWiseCases: [OperationCase] = [
    onAwkwardShapes("ReLU", seed: 1, { .awayFromZero($0) }, \.relu),
    onAwkwardShapes("LeakyReLU", seed: 2, { .awayFromZero($0) }) { $0.leakyReLU(0.2) },
    onAwkwardShapes("Sigmoid", seed: 3, { .uniform($0, -4..<4) }, \.sigmoid),
    onAwkwardShapes("Tanh", seed: 4, { .uniform($0, -2..<2) }, \.tanh),
    onAwkwardShapes("Softplus", seed: 5, { .uniform($0, -4..<4) }, \.softplus),
    onAwkwardShapes("SiLU", seed: 6, { .uniform($0, -4..<4) }, \.silu),
    onAwkwardShapes("GELU", seed: 7, { .uniform($0, -3..<3) }, \.gelu),
    onAwkwardShapes("ErrorFunction", seed: 8, { .uniform($0, -2..<2) }, \.erf),
    onAwkwardShapes("Exponential", seed: 9, { .uniform($0, -2..<2) }, \.exp),
    onAwkwardShapes("Logarithm", seed: 10, { .uniform($0, 0.3..<3) }, \.log),
    onAwkwardShapes("SquareRoot", seed: 11, { .uniform($0, 0.3..<3) }, \.squareRoot),
    onAwkwardShapes("Power 2.5", seed: 12, { .uniform($0, 0.3..<2) }) { $0.power(2.5) },
    onAwkwardShapes("Power 3", seed: 13, { .uniform($0, -2..<2) }) { $0.power(3) },
    onAwkwardShapes("Power -1", seed: 14, { .uniform($0, 0.5..<2) }) { $0.power(-1) },
    onAwkwardShapes("AbsoluteValue", seed: 15, { .awayFromZero($0) }, \.absolute),
    onAwkwardShapes("Sign", seed: 16, { .awayFromZero($0) }) { $0.sign * $0 },
    onAwkwardShapes("Clamp", seed: 17, { .distinct($0) }) { $0.clamped(to: -0.035...0.055) },
    onAwkwardShapes("Affine", seed: 18, { .uniform($0) }) { -1.5 * $0 + 0.25 },
    // Reversed by -1 it is what it looks like: a value that passes, and its gradient too.
    onAwkwardShapes("GradientReversal", seed: 19, { .uniform($0) }) {
        ($0 * $0).reversingGradient(times: $0.builder.constant(-1))
    },
].flatMap { $0 }

/// Element-wise operations of two values, broadcasting.
let arithmeticCases: [OperationCase] = {
    let operations: [(String, (Value, Value) -> Value)] = [
        ("Add", { $0 + $1 }), ("Subtract", { $0 - $1 }), ("Multiply", { $0 * $1 }),
        ("Divide", { $0 / $1 }), ("MaximumOf", { $0.larger($1) }),
        ("MinimumOf", { $0.smaller($1) }),
    ]
    let shapes: [(Shape, Shape)] = [
        ([2, 7, 3, 5], [2, 7, 3, 5]), ([2, 7, 3, 5], [1, 7, 1, 1]), ([17, 1], [3, 1, 7]),
        ([2, 17, 3, 3], []),
    ]
    return operations.flatMap { name, combine in
        shapes.map { a, b in
            // Quotients stay away from 0, extrema from equal values.
            let second: Operand = name == "Divide" ? .uniform(b, 0.5..<2) : .between(b)
            return OperationCase(
                "\(name) \(a), \(b)", ["a": .distinct(a), "b": second], twice: true
            ) { combine($0["a"]!, $0["b"]!) }
        }
    }
}()

/// Convolutions and products of matrices.
let productCases: [OperationCase] = {
    var cases: [OperationCase] = []
    func convolution(
        _ name: String, _ input: Shape, _ weights: Shape, bias: Bool = true,
        _ geometry: ConvolutionGeometry
    ) {
        var operands: [String: Operand] = ["x": .uniform(input), "w": .weights(weights)]
        if bias { operands["b"] = .weights([weights[0]]) }
        cases.append(
            OperationCase("Convolution \(name)", operands, twice: true) {
                $0["x"]!.convolved(with: $0["w"]!, bias: $0["b"], geometry)
            })
    }
    var asymmetric = ConvolutionGeometry()
    (asymmetric.paddingTop, asymmetric.paddingBottom) = (1, 0)
    (asymmetric.paddingLeft, asymmetric.paddingRight) = (2, 1)
    (asymmetric.strideX, asymmetric.dilationY) = (2, 2)
    convolution("1 -> 7", [1, 1, 5, 7], [7, 1, 3, 3], .init(padding: 1))
    convolution(
        "7 -> 17, batch of 2", [2, 7, 5, 3], [17, 7, 3, 3], bias: false, .init(padding: 1))
    convolution("17 -> 1, 1x1", [1, 17, 7, 5], [1, 17, 1, 1], .init())
    convolution("7 -> 1, stride 2", [1, 7, 9, 7], [1, 7, 3, 3], .init(stride: 2, padding: 1))
    convolution("1 -> 7, stride 3", [2, 1, 11, 7], [7, 1, 2, 4], .init(stride: 3, padding: 1))
    convolution("7 -> 7, dilation 2", [1, 7, 7, 9], [7, 7, 3, 3], .init(dilation: 2, padding: 2))
    convolution("3 -> 7, asymmetric", [1, 3, 7, 9], [7, 3, 3, 4], asymmetric)
    convolution("depthwise 17", [1, 17, 5, 5], [17, 1, 3, 3], .init(padding: 1, groups: 17))
    convolution("groups 14 -> 21", [1, 14, 5, 3], [21, 2, 3, 3], .init(padding: 1, groups: 7))
    convolution(
        "groups 4 -> 6, stride 2, dilation 2", [1, 4, 9, 7], [6, 2, 3, 3], bias: false,
        .init(stride: 2, dilation: 2, padding: 2, groups: 2))
    convolution("16 -> 32", [1, 16, 6, 6], [32, 16, 3, 3], .init(padding: 1))
    var random = RandomSource(seed: 2026)
    for index in 1...8 {
        func pick(_ options: [Int]) -> Int { options[random.index(below: options.count)] }
        var geometry = ConvolutionGeometry(groups: pick([1, 1, 7]))
        (geometry.strideY, geometry.strideX) = (pick([1, 2, 3]), pick([1, 2]))
        (geometry.dilationY, geometry.dilationX) = (pick([1, 2]), pick([1, 3]))
        (geometry.paddingTop, geometry.paddingBottom) = (pick([0, 1, 2]), pick([0, 1]))
        (geometry.paddingLeft, geometry.paddingRight) = (pick([0, 1]), pick([0, 2, 3]))
        let (inputs, outputs) = (pick([1, 2, 3]), pick([1, 2]))
        convolution(
            "drawn \(index)",
            [pick([1, 2]), inputs * geometry.groups, pick([7, 8]), pick([9, 11])],
            [outputs * geometry.groups, inputs, pick([1, 2, 3]), pick([1, 3])],
            bias: index % 2 == 0, geometry)
    }

    for (x, w) in [([5, 7], [17, 7]), ([2, 3, 7], [1, 7]), ([1, 17], [7, 17])] as [(Shape, Shape)] {
        cases.append(
            OperationCase(
                "Linear \(x), \(w)",
                ["x": .uniform(x), "w": .weights(w), "b": .weights([w[0]])], twice: true
            ) { $0["x"]!.linear(weights: $0["w"]!, bias: $0["b"]!) })
    }
    cases.append(
        OperationCase(
            "Linear without bias", ["x": .uniform([3, 7]), "w": .weights([5, 7])], twice: true
        ) { $0["x"]!.linear(weights: $0["w"]!) })
    let products: [(Shape, Shape, Bool, Bool)] = [
        ([5, 7], [7, 3], false, false), ([7, 5], [7, 3], true, false),
        ([5, 7], [3, 7], false, true), ([7, 5], [3, 7], true, true),
        ([2, 3, 5, 7], [7, 1], false, false), ([3, 1, 7, 5], [2, 3, 7], true, true),
        ([1, 17], [4, 17, 2], false, false),
    ]
    for (a, b, first, second) in products {
        cases.append(
            OperationCase(
                "MatrixProduct \(a)\(first ? "'" : ""), \(b)\(second ? "'" : "")",
                ["a": .uniform(a), "b": .uniform(b)], twice: true
            ) { $0["a"]!.times($0["b"]!, transposed: first, second) })
    }
    return cases
}()

/// Sums, means and maxima, and softmax along an axis.
let reductionCases: [OperationCase] = {
    let axes: [[Int]?] = [nil, [1], [-1], [0, 2, 3], [2, 3], [-2, 0]]
    return axes.flatMap { axes in
        [false, true].flatMap { keeps in
            let name = "\(axes.map(\.description) ?? "all")\(keeps ? ", kept" : "")"
            return [
                OperationCase("Sum over \(name)", ["x": .uniform([2, 7, 3, 5])], twice: true) {
                    $0["x"]!.sum(axes, keepsDimensions: keeps)
                },
                OperationCase("Mean over \(name)", ["x": .uniform([1, 17, 5, 3])], twice: true) {
                    $0["x"]!.mean(axes, keepsDimensions: keeps)
                },
                OperationCase("Maximum over \(name)", ["x": .distinct([2, 7, 5, 3])], twice: true) {
                    $0["x"]!.maximum(axes, keepsDimensions: keeps)
                },
            ]
        }
    }
        + [([3, 7], -1), ([2, 17, 3, 1], 1), ([5], 0)].flatMap { shape, axis in
            let x: [String: Operand] = ["x": .uniform(Shape(shape), -3..<3)]
            return [
                OperationCase("Softmax \(shape) along \(axis)", x, twice: true) {
                    $0["x"]!.softmax(axis: axis)
                },
                OperationCase("LogSoftmax \(shape) along \(axis)", x, twice: true) {
                    $0["x"]!.logSoftmax(axis: axis)
                },
            ]
        }
}()

/// Operations that move elements without changing them.
let arrangementCases: [OperationCase] = {
    var cases: [OperationCase] = []
    let joined: [([Shape], Int)] = [
        ([[2, 1, 3, 5], [2, 7, 3, 5], [2, 17, 3, 5]], 1), ([[3, 7], [1, 7]], 0),
        ([[2, 7, 3], [2, 7, 1]], -1), ([[5]], 0),
    ]
    for (shapes, axis) in joined {
        let names = shapes.indices.map { "x\($0)" }
        cases.append(
            OperationCase(
                "Concatenate \(shapes) along \(axis)",
                Dictionary(uniqueKeysWithValues: zip(names, shapes.map { .uniform($0) })),
                twice: true
            ) { values in
                let values = names.map { values[$0]! }
                return values[0].builder.concatenate(values, axis: axis)
            })
    }
    let slices = [
        Slice(axis: 1, from: 2, to: 5), Slice(axis: -1, from: 1), Slice(axis: 2, from: 0, step: 2),
        Slice(axis: 3, from: -4, to: -1, step: 2), Slice(axis: 0, from: 1, to: 2),
        Slice(axis: 1, from: 1, step: 3), Slice(axis: 0, from: 0, step: 2),
    ]
    for slice in slices {
        let end = slice.end.map { "\($0)" } ?? ""
        cases.append(
            OperationCase(
                "Slice \(slice.start)..<\(end) by \(slice.step) along \(slice.axis)",
                ["x": .uniform([2, 7, 3, 5])], twice: true
            ) { $0["x"]!.applying(slice) })
    }
    for (shape, permutation) in [([5, 7], [1, 0]), ([2, 7, 3, 5], [0, 2, 3, 1])] {
        cases.append(
            OperationCase(
                "Transpose \(shape) to \(permutation)", ["x": .uniform(Shape(shape))], twice: true
            ) { $0["x"]!.transposed(permutation) })
    }
    cases.append(
        OperationCase("Transpose 4 axes", ["x": .uniform([1, 17, 2, 3])], twice: true) {
            $0["x"]!.transposed([3, 1, 0, 2])
        })
    cases.append(
        OperationCase("Reshape", ["x": .uniform([2, 7, 3, 5])], twice: true) {
            $0["x"]!.reshaped([0, -1, 5])
        })
    let picked: [(Shape, Shape, Int)] = [
        ([7, 3], [5], 0), ([2, 7, 3], [2, 2], 1), ([2, 3, 17], [], -1), ([1, 5, 1, 7], [9], 3),
    ]
    for (shape, positions, axis) in picked {
        cases.append(
            OperationCase(
                "Gather \(positions) of \(shape) along \(axis)",
                ["x": .uniform(shape), "i": .indices(positions, below: shape[axis])], twice: true
            ) { $0["x"]!.gathered($0["i"]!, axis: axis) })
    }
    let hot: [(Shape, Shape, Int)] = [
        ([2, 7, 3], [2, 3], 1), ([5, 3], [3], 0), ([3, 2, 17], [3, 2], -1), ([7], [], 0),
    ]
    for (shape, positions, axis) in hot {
        cases.append(
            OperationCase(
                "OneHotLike \(shape) along \(axis)",
                ["x": .uniform(shape), "i": .indices(positions, below: shape[axis])], twice: true
            ) { $0["i"]!.oneHot(like: $0["x"]!, axis: axis) * $0["x"]! })
    }
    cases.append(
        OperationCase("Slice of a matrix", ["x": .uniform([17, 5])], twice: true) {
            $0["x"]!.sliced(axis: 0, from: 2, to: -1, step: 4)
        })
    for border in [Border.zero, .reflect, .replicate] {
        cases.append(
            OperationCase("Pad 3 axes, \(border)", ["x": .uniform([3, 2, 5])], twice: true) {
                $0["x"]!.padded(before: [1, 0, 3], after: [2, 1, 0], border: border)
            })
        cases.append(
            OperationCase("Pad channels, \(border)", ["x": .uniform([2, 7, 3, 5])], twice: true) {
                $0["x"]!.padded(before: [0, 2, 1, 0], after: [0, 3, 0, 2], border: border)
            })
    }
    return cases
}()
