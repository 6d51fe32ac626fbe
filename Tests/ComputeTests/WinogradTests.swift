// Convolution by Winograd's F(2x2, 3x3): exact where rounding cannot happen, close where it does.
import Compute
import Graphs
import TestSupport
import Tensors
import Testing

/// A convolution, what rides on it, and where.
struct WinogradCase: CustomStringConvertible, Sendable {
    var inputs: Int, outputs: Int, height: Int, width: Int
    var batch = 1
    /// Top, bottom, left, right.
    var padding = [1, 1, 1, 1]
    var hasBias = true
    var tail = Tail.none

    enum Tail { case none, leaky, residual, all, silu }

    var description: String {
        "\(inputs) -> \(outputs), \(batch) x \(width)x\(height), padding \(padding), \(tail)"
    }

    var graph: Graph {
        var geometry = ConvolutionGeometry()
        (geometry.paddingTop, geometry.paddingBottom) = (padding[0], padding[1])
        (geometry.paddingLeft, geometry.paddingRight) = (padding[2], padding[3])
        return Graph.build { builder in
            var y = builder.input("x").convolved(
                with: builder.parameter("w"), bias: hasBias ? builder.parameter("b") : nil,
                geometry)
            switch tail {
            case .none: break
            case .silu: y = (0.0625 * y).silu
            case .leaky: y = y.leakyReLU(0.25)
            case .residual: y = builder.input("r") + 0.5 * y
            case .all: y = 0.5 * (builder.input("r") + y.leakyReLU(0.25))
            }
            builder.output(y, "y")
        }
    }

    /// Small whole numbers, and weights that are multiples of four: every sum, and every product,
    /// has few enough bits for bfloat16 operands and Float sums.
    var values: [String: Tensor<Double>] {
        var random = RandomSource(seed: UInt64(inputs * 1000 + width))
        func whole(_ shape: Shape, _ largest: Int, times factor: Double = 1) -> Tensor<Double> {
            Tensor(shape: shape) { elements in
                for i in elements.indices {
                    elements[i] =
                        factor * Double(random.index(below: 2 * largest + 1) - largest)
                }
            }
        }
        let (rows, columns) = (
            height + padding[0] + padding[1] - 2, width + padding[2] + padding[3] - 2
        )
        return [
            "x": whole([batch, inputs, height, width], 3),
            "w": whole([outputs, inputs, 3, 3], 3, times: 4),
            "b": whole([outputs], 50), "r": whole([batch, outputs, rows, columns], 100),
        ].filter { graph.inputs[$0.key] != nil || graph.parameters[$0.key] != nil }
    }
}

private let cases: [WinogradCase] = [
    .init(inputs: 16, outputs: 16, height: 10, width: 10),
    .init(inputs: 32, outputs: 48, height: 11, width: 13, tail: .leaky),
    .init(inputs: 64, outputs: 32, height: 9, width: 31, hasBias: false, tail: .residual),
    .init(inputs: 9, outputs: 7, height: 12, width: 15, tail: .all),
    .init(inputs: 17, outputs: 33, height: 24, width: 7, tail: .all),
    .init(inputs: 48, outputs: 16, height: 5, width: 60, tail: .residual),
    .init(inputs: 16, outputs: 32, height: 41, width: 4),
    .init(inputs: 16, outputs: 16, height: 7, width: 9, batch: 3, tail: .all),
    .init(inputs: 32, outputs: 64, height: 14, width: 13, padding: [0, 0, 0, 0], tail: .leaky),
    .init(inputs: 16, outputs: 16, height: 13, width: 12, padding: [2, 0, 1, 2]),
    .init(inputs: 32, outputs: 16, height: 11, width: 14, padding: [0, 2, 2, 0], tail: .all),
    .init(inputs: 160, outputs: 32, height: 12, width: 26, tail: .leaky),
]

private func winogradSteps(_ plan: Plan) -> Int {
    plan.listing.count { $0 == "Convolution winograd percept" }
}

/// A residual dense block of 64 features and growth 32 between two convolutions.
private func denseGraph(height: Int, width: Int) -> (Graph, [String: Tensor<Double>]) {
    var shapes: [String: Shape] = ["x": [1, 64, height, width]]
    let graph = Graph.build { builder in
        func convolution(_ x: Value, _ name: String, _ inputs: Int, _ outputs: Int) -> Value {
            shapes[name] = [outputs, inputs, 3, 3]
            shapes[name + "b"] = [outputs]
            return x.convolved(
                with: builder.parameter(name), bias: builder.parameter(name + "b"),
                ConvolutionGeometry(padding: 1))
        }
        let x = convolution(builder.input("x"), "head", 64, 64)
        var features = [x]
        for layer in 0..<4 {
            let all = layer == 0 ? x : builder.concatenate(features)
            features.append(convolution(all, "\(layer)", 64 + 32 * layer, 32).leakyReLU(0.2))
        }
        let y = x + 0.2 * convolution(builder.concatenate(features), "last", 192, 64)
        builder.output(convolution(y, "tail", 64, 64), "y")
    }
    var random = RandomSource(seed: 8)
    var values: [String: Tensor<Double>] = [:]
    for (name, shape) in shapes.sorted(by: { $0.key < $1.key }) {
        let fan = Double(max(shape.count / max(shape[0], 1), 1))
        values[name] = .normal(
            shape, deviation: name == "x" ? 1 : 1 / fan.squareRoot(), using: &random)
    }
    return (graph, values)
}

private let isAvailable = Processor.multipliesBF16 && !Processor.multipliesTiles

@Suite("Convolution by Winograd's algorithm", .serialized, .enabled(if: isAvailable))
struct WinogradTests {
    private func plan(
        _ graph: Graph, _ values: [String: Tensor<Double>], threads: Int = 1, winograd: Bool = true,
        formats: [String: BorderFormat] = [:]
    ) throws -> Plan {
        let plan = try Plan(
            graph, shapes: values.mapValues(\.shape),
            options: PlanOptions(
                precision: .bf16, threads: threads, formats: formats, usesWinograd: winograd))
        plan.setParameters(values.mapValues { $0.converted(to: Float.self) })
        return plan
    }

    private func result(
        _ graph: Graph, _ values: [String: Tensor<Double>], threads: Int = 1, winograd: Bool = true
    ) throws -> Tensor<Float> {
        let made = try plan(graph, values, threads: threads, winograd: winograd)
        #expect((winogradSteps(made) > 0) == winograd)
        let inputs = values.filter { graph.inputs[$0.key] != nil }.mapValues {
            $0.converted(to: Float.self)
        }
        // Twice: what a run leaves behind must not reach the next one.
        _ = try made.run(inputs.mapValues { $0.map { 7 - $0 } })
        return try made.run(inputs)["y"]!
    }

    @Test(
        "Whole numbers give the reference's numbers exactly, on 1, 2 and 3 threads",
        arguments: cases)
    func exact(_ winogradCase: WinogradCase) throws {
        let values = winogradCase.values
        let expected = try winogradCase.graph.evaluate(values)["y"]!.converted(to: Float.self)
        for threads in 1...3 {
            #expect(try result(winogradCase.graph, values, threads: threads) == expected)
        }
    }

    @Test("SiLU rides along")
    func silu() throws {
        let winogradCase = WinogradCase(
            inputs: 17, outputs: 33, height: 24, width: 7, tail: .silu)
        let values = winogradCase.values
        let expected = try winogradCase.graph.evaluate(values)["y"]!
        #expect(relativeError(try result(winogradCase.graph, values), expected) <= 1e-5)
    }

    @Test("A dense block runs in place, convolutions only, and equals its reference")
    func dense() throws {
        let (graph, values) = denseGraph(height: 19, width: 23)
        let expected = try graph.evaluate(values)["y"]!
        let results = try (1...3).map { try result(graph, values, threads: $0) }
        #expect(relativeError(results[0], expected) <= 1e-2)
        #expect(results[0] == results[1])
        #expect(results[0] == results[2])
        let made = try plan(graph, values, formats: ["x": .blocked, "y": .blockedFloat])
        #expect(made.listing == [String](repeating: "Convolution winograd percept", count: 7))
    }

    @Test("A dense block's error is at most twice that of direct convolution")
    func error() throws {
        let (graph, values) = denseGraph(height: 32, width: 40)
        let expected = try graph.evaluate(values)["y"]!
        let errors = try [false, true].map { winograd in
            let found = try result(graph, values, winograd: winograd)
            return zip(found.elements, expected.elements).reduce(0) {
                $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1)
            }.squareRoot()
        }
        #expect(errors[1] <= 2 * errors[0])
    }

    @Test("New parameters are transformed anew")
    func parameters() throws {
        let winogradCase = cases[3]
        var values = winogradCase.values
        let made = try plan(winogradCase.graph, values)
        let inputs = ["x": values["x"]!, "r": values["r"]!].mapValues {
            $0.converted(to: Float.self)
        }
        _ = try made.run(inputs)
        values["w"] = values["w"]!.map { 8 - $0 }
        values["b"] = values["b"]!.map { 3 - $0 }
        made.setParameters([
            "w": values["w"]!.converted(to: Float.self),
            "b": values["b"]!.converted(to: Float.self),
        ])
        let expected = try winogradCase.graph.evaluate(values)["y"]!.converted(to: Float.self)
        #expect(try made.run(inputs)["y"] == expected)
    }

    @Test("oneDNN keeps small pictures, other kernels, f32, and the forward pass of training")
    func left() throws {
        func steps(_ shape: Shape, _ weights: Shape, _ geometry: ConvolutionGeometry) throws -> Int
        {
            let graph = Graph.build { builder in
                let x = builder.input("x")
                builder.output(x.convolved(with: builder.parameter("w"), geometry), "y")
            }
            return winogradSteps(
                try Plan(
                    graph, shapes: ["x": shape, "w": weights],
                    options: PlanOptions(precision: .bf16)))
        }
        let same = ConvolutionGeometry(padding: 1)
        #expect(try steps([1, 16, 20, 20], [16, 16, 3, 3], same) == 1)
        #expect(try steps([1, 16, 8, 8], [16, 16, 3, 3], same) == 0)
        #expect(try steps([1, 3, 20, 20], [16, 3, 3, 3], same) == 0)
        #expect(try steps([1, 16, 3, 300], [16, 16, 3, 3], same) == 0)
        #expect(try steps([1, 16, 20, 20], [16, 16, 5, 5], .init(padding: 2)) == 0)
        #expect(try steps([1, 16, 40, 40], [16, 16, 3, 3], .init(stride: 2, padding: 1)) == 0)
        #expect(try steps([1, 16, 40, 40], [16, 16, 3, 3], .init(dilation: 2, padding: 1)) == 0)
        #expect(try steps([1, 32, 20, 20], [32, 16, 3, 3], .init(padding: 1, groups: 2)) == 0)

        let (graph, values) = denseGraph(height: 19, width: 23)
        let single = try Plan(graph, shapes: values.mapValues(\.shape))
        #expect(winogradSteps(single) == 0)
        let builder = GraphBuilder(extending: graph)
        let loss = builder.value(at: graph.output("y")!).applying(Sum())
        let gradient = builder.gradients(of: loss, withRespectTo: [builder.parameter("0")])
        builder.output(gradient[0]!, "gradient")
        #expect(winogradSteps(try plan(builder.graph, values)) == 0)
    }
}
