// What a plan promises beyond equal values: fusion, layouts, memory, threads.
import Compute
import Graphs
import TestSupport
import Tensors
import Testing

/// A stack of residual dense blocks and a plain residual chain, small enough for the reference.
private func network(_ isDense: Bool, batch: Int) -> (Graph, [String: Tensor<Double>]) {
    var shapes: [String: Shape] = ["x": [batch, 16, 9, 13]]
    let graph = Graph.build { builder in
        func convolution(_ x: Value, _ name: String, _ inputs: Int, _ outputs: Int) -> Value {
            shapes[name] = [outputs, inputs, 3, 3]
            shapes[name + "b"] = [outputs]
            return x.convolved(
                with: builder.parameter(name), bias: builder.parameter(name + "b"),
                ConvolutionGeometry(padding: 1))
        }
        var x = convolution(builder.input("x"), "in", 16, 32)
        for block in 0..<2 {
            if isDense {
                var features = [x]
                for layer in 0..<2 {
                    let all = layer == 0 ? x : builder.concatenate(features)
                    features.append(
                        convolution(all, "\(block).\(layer)", 32 + 16 * layer, 16).leakyReLU(0.2))
                }
                x = x + 0.2 * convolution(builder.concatenate(features), "\(block).last", 64, 32)
            } else {
                let y = convolution(x, "\(block).0", 32, 32).relu
                x = x + convolution(y, "\(block).1", 32, 32)
            }
        }
        builder.output(convolution(x, "out", 32, 6), "y")
    }
    var random = RandomSource(seed: 3)
    return (
        graph,
        shapes.sorted { $0.key < $1.key }.reduce(into: [:]) {
            let fan = Double(max($1.value.count / max($1.value[0], 1), 1))
            $0[$1.key] = .normal(
                $1.value, deviation: $1.key == "x" ? 1 : 1 / fan.squareRoot(), using: &random)
        }
    )
}

private func plan(
    _ isDense: Bool, batch: Int = 1, _ options: PlanOptions
) throws -> (plan: Plan, expected: Tensor<Double>, x: Tensor<Float>) {
    let (graph, values) = network(isDense, batch: batch)
    let plan = try Plan(graph, shapes: values.mapValues(\.shape), options: options)
    plan.setParameters(values.mapValues { $0.converted(to: Float.self) })
    return (plan, try graph.evaluate(values)["y"]!, values["x"]!.converted(to: Float.self))
}

@Suite("Plans")
struct PlanTests {
    @Test("A dilated convolution that stands in a concatenation is no plain loop either")
    func dilatedParts() throws {
        var random = RandomSource(seed: 5)
        let graph = Graph.build { builder in
            let x = builder.input("x")
            let parts = [1, 4, 6].map { dilation in
                x.convolved(
                    with: builder.parameter("w\(dilation)"),
                    ConvolutionGeometry(dilation: dilation, padding: dilation)
                ).relu
            }
            builder.output(builder.concatenate(parts), "y")
        }
        var values: [String: Tensor<Double>] = ["x": .normal([1, 32, 20, 20], using: &random)]
        for path in graph.parameters.keys.sorted() {
            values[path] = .normal([16, 32, 3, 3], deviation: 0.06, using: &random)
        }
        let plan = try Plan(graph, shapes: values.mapValues(\.shape))
        let loops = plan.listing.filter { $0.hasPrefix("Convolution ref") }
        #expect(loops.isEmpty, "\(loops)")
        plan.setParameters(values.mapValues { $0.converted(to: Float.self) })
        let result = try plan.run(["x": values["x"]!.converted(to: Float.self)])["y"]
        for (a, b) in zip(result?.elements ?? [], try graph.evaluate(values)["y"]!.elements) {
            #expect(abs(Double(a) - b) < 1e-4)
        }
    }

    @Test(
        "Whatever is put together in one buffer equals its reference, however its parts are made",
        arguments: Precision.floats)
    func concatenations(precision: Precision) throws {
        let window = PoolingGeometry(kernel: 3, stride: 1, padding: 1)
        let parts: [(name: String, make: (Value) -> Value)] = [
            ("maximum pooling", { $0.maximumPooled(window) }),
            ("average pooling", { $0.averagePooled(window) }),
            (
                "padding",
                {
                    $0.sliced(axis: 2, from: 1).padded(
                        top: 1, bottom: 0, left: 0, right: 0, border: .zero)
                }
            ),
            ("slice", { $0.builder.concatenate([$0, $0.relu]).sliced(axis: 1, from: 16) }),
            (
                "packets",
                {
                    $0.sliced(axis: 1, from: 0, to: 4).resized(.nearest, by: ResizeScale(2))
                        .haarPackets
                }
            ),
            (
                "resizing",
                { $0.resized(.bilinear, by: ResizeScale(2)).averagePooled(.init(kernel: 2)) }
            ),
            ("softmax", { $0.softmax(axis: 1) }),
            ("transpose", { $0.transposed([0, 1, 3, 2]).transposed([0, 1, 3, 2]) }),
            ("reshape", { $0.reshaped([1, 16, -1]).reshaped([1, 16, 8, 6]) }),
            ("sum", { $0 + $0.sum([1], keepsDimensions: true) }),
            ("repetition", { $0.averagePooled(.init(kernel: 2)).resized(.nearest, by: .init(2)) }),
            ("sigmoid", { $0.sigmoid }), ("product", { $0 * $0.tanh }),
            ("pixels", { $0.applying(PixelUnshuffle(2)).applying(PixelShuffle(2)) }),
        ]
        var random = RandomSource(seed: 11)
        let x: Tensor<Double> = .normal([1, 16, 8, 6], using: &random)
        for first in [true, false] {
            for part in parts {
                let graph = Graph.build { builder in
                    let x = builder.input("x").tanh
                    let made = part.make(x)
                    let others = [x.relu, x.leakyReLU(0.1)]
                    let whole = builder.concatenate(first ? [made] + others : others + [made])
                    builder.output(whole.sigmoid, "y")
                }
                let plan = try Plan(
                    graph, shapes: ["x": x.shape], options: PlanOptions(precision: precision))
                let found = try plan.run(["x": x.converted(to: Float.self)])["y"]!
                let error = relativeError(found, try graph.evaluate(["x": x])["y"]!)
                #expect(error <= (precision == .f32 ? 1e-5 : 1e-2), "\(part.name), first: \(first)")
            }
        }
    }

    @Test("Parts of a row-major concatenation may be read, and computed with, before and after it")
    func plainConcatenations() throws {
        var random = RandomSource(seed: 12)
        let x: Tensor<Double> = .normal([1, 16, 5, 7], using: &random)
        for axis in [0, 1] {
            let graph = Graph.build { builder in
                let x = builder.input("x").tanh
                let parts = [
                    x.sliced(axis: 1, from: 0, to: 5).transposed([0, 1, 3, 2]).exp,
                    x.sliced(axis: 1, from: 5, to: 10).reshaped([1, 5, 7, 5]),
                    x.sliced(axis: 1, from: 11).transposed([0, 1, 3, 2]),
                ]
                let whole = builder.concatenate(parts, axis: axis)
                let twice = builder.concatenate([whole, whole.sigmoid], axis: axis)
                let rows = twice.reshaped([0, 0, -1]).transposed([0, 2, 1])
                builder.output(builder.concatenate([rows.sigmoid, rows], axis: axis), "y")
                builder.output(parts[0].tanh + parts[1].sigmoid * parts[2], "parts")
                builder.output(whole.tanh, "whole")
                builder.output(parts[1], "part")
                // Nothing else looks at this memory: sums must not be made in it all the same.
                let pair = [x.transposed([0, 1, 3, 2]), (x + 1).transposed([0, 1, 3, 2])]
                let alone = builder.concatenate(pair, axis: axis)
                builder.output(pair[0].tanh + pair[1].tanh, "pair")
                builder.output(alone.tanh, "alone")
            }
            let plan = try Plan(graph, shapes: ["x": x.shape])
            let expected = try graph.evaluate(["x": x])
            for _ in 0..<2 {
                let found = try plan.run(["x": x.converted(to: Float.self)])
                for (name, value) in expected {
                    #expect(relativeError(found[name]!, value) <= 1e-6, "\(name), axis \(axis)")
                }
            }
        }
    }

    @Test("Pixels are repeated exactly", arguments: Precision.floats)
    func repetition(precision: Precision) throws {
        var random = RandomSource(seed: 13)
        let x: Tensor<Double> = .normal([2, 20, 6, 10], using: &random)
        for (up, across) in [(2, 2), (3, 1), (1, 4), (5, 3)] {
            let graph = Graph.build { builder in
                let resize = Resize(
                    .nearest, scaleY: ResizeScale(up), scaleX: ResizeScale(across))
                // What was pooled stands channel-blocked.
                let largest = builder.input("x").maximumPooled(.init(kernel: 2))
                builder.output(largest.applying(resize), "y")
            }
            let plan = try Plan(
                graph, shapes: ["x": x.shape], options: PlanOptions(precision: precision))
            let single = x.converted(to: Float.self)
            #expect(try plan.run(["x": single])["y"] == graph.evaluate(["x": single])["y"])
            #expect(plan.listing.contains { $0.hasPrefix("Resize jit") })
        }
    }

    @Test(
        "Activations ride on convolutions of each channel alone, of pixels, of colours",
        arguments: Precision.floats)
    func activations(precision: Precision) throws {
        let kinds: [(inputs: Int, outputs: Int, kernel: Int, groups: Int, stride: Int)] = [
            (32, 32, 3, 32, 1), (32, 32, 3, 32, 2), (20, 20, 3, 20, 1), (32, 48, 1, 1, 1),
            (3, 16, 6, 1, 2),
            (24, 20, 3, 1, 1), (1, 16, 3, 1, 1),
        ]
        let tails: [(name: String, make: (Value) -> Value)] = [
            ("SiLU", { $0.silu }), ("sigmoid", { $0.sigmoid }),
            ("SiLU, residual", { $0.builder.input("r").relu + $0.silu }),
        ]
        var random = RandomSource(seed: 14)
        for kind in kinds {
            for tail in tails {
                let geometry = ConvolutionGeometry(
                    stride: kind.stride, padding: (kind.kernel - 1) / 2, groups: kind.groups)
                let graph = Graph.build { builder in
                    let y = builder.input("x").convolved(
                        with: builder.parameter("w"), bias: builder.parameter("b"), geometry)
                    builder.output(tail.make(y).tanh, "y")
                }
                let weights: Shape = [
                    kind.outputs, kind.inputs / kind.groups, kind.kernel, kind.kernel,
                ]
                let size = geometry.outputSize(
                    height: 12, width: 14, kernelHeight: kind.kernel, kernelWidth: kind.kernel)
                var values: [String: Tensor<Double>] = [
                    "x": .normal([2, kind.inputs, 12, 14], using: &random),
                    "r": .normal([2, kind.outputs, size.height, size.width], using: &random),
                    "b": .normal([kind.outputs], using: &random),
                    "w": .normal(
                        weights, deviation: 1 / Double(weights.count / weights[0]).squareRoot(),
                        using: &random),
                ]
                if !tail.name.hasSuffix("residual") { values["r"] = nil }
                let plan = try Plan(
                    graph, shapes: values.mapValues(\.shape),
                    options: PlanOptions(precision: precision))
                plan.setParameters(values.mapValues { $0.converted(to: Float.self) })
                let found = try plan.run(
                    values.filter { graph.inputs[$0.key] != nil }.mapValues {
                        $0.converted(to: Float.self)
                    })
                let error = relativeError(found["y"]!, try graph.evaluate(values)["y"]!)
                #expect(error <= (precision == .f32 ? 1e-5 : 1e-2), "\(kind), \(tail.name)")
                let ridesAlong = tail.name != "sigmoid" || kind.outputs % 16 == 0
                let stands = plan.listing.contains {
                    $0.hasPrefix("SiLU") || $0.hasPrefix("Sigmoid")
                }
                #expect(stands != ridesAlong, "\(kind), \(tail.name)")
            }
        }
    }

    @Test("Long sums over leading axes, and over all, lose no digits on any number of threads")
    func sums() throws {
        var random = RandomSource(seed: 15)
        let cases: [(shape: Shape, axes: [Int])] = [
            ([3001, 17], [0]), ([5, 700, 33], [1]), ([90_001], [0]), ([7, 129, 65], [0, 1, 2]),
            ([2, 300, 4, 16], [1]), ([1, 64], [0]), ([40, 3, 50], [0, 1]),
        ]
        for (shape, axes) in cases {
            let graph = Graph.build { builder in
                let x = builder.input("x")
                builder.output(x.sum(axes), "sum")
                builder.output(x.mean(axes, keepsDimensions: true), "mean")
            }
            // All of one sign and size: every lost digit is lost in the same direction.
            let x: Tensor<Double> = .uniform(shape, in: 1..<1.001, using: &random)
            let single = x.converted(to: Float.self)
            let expected = try graph.evaluate(["x": single.converted(to: Double.self)])
            let found = try (1...3).map { threads in
                let plan = try Plan(
                    graph, shapes: ["x": shape], options: PlanOptions(threads: threads))
                #expect(plan.listing.allSatisfy { !$0.contains("ref") }, "\(plan.listing)")
                return try plan.run(["x": single])
            }
            for (name, value) in expected {
                #expect(relativeError(found[0][name]!, value) <= 3e-7, "\(shape), \(name)")
                #expect(found[0][name] == found[1][name] && found[0][name] == found[2][name])
            }
        }
    }

    @Test("A network equals its reference", arguments: [true, false], Precision.floats)
    func equalsReference(isDense: Bool, precision: Precision) throws {
        for batch in [1, 3] {
            let made = try plan(
                isDense, batch: batch, PlanOptions(precision: precision, threads: 2))
            // Twice: memory that a run leaves behind must not reach the next one.
            _ = try made.plan.run(["x": made.x.map { -$0 }])
            let y = try made.plan.run(["x": made.x])["y"]!
            let limit = precision == .f32 ? 1e-5 : 1e-2
            #expect(relativeError(y, made.expected) <= limit)
        }
    }

    @Test("Bias, activation and residual ride on the convolution; dense blocks copy nothing")
    func fusion() throws {
        for isDense in [true, false] {
            let made = try plan(isDense, PlanOptions(formats: ["x": .blocked, "y": .blocked]))
            #expect(made.plan.listing.allSatisfy { $0.hasPrefix("Convolution") })
        }
    }

    @Test("1, 2 and 3 threads give equal bits", arguments: Precision.floats)
    func threads(precision: Precision) throws {
        let results = try (1...3).map { threads in
            let made = try plan(true, PlanOptions(precision: precision, threads: threads))
            return try made.plan.run(["x": made.x])["y"]!
        }
        #expect(results[0] == results[1])
        #expect(results[0] == results[2])
    }

    @Test("New parameters take effect")
    func parameters() throws {
        let made = try plan(false, PlanOptions())
        let before = try made.plan.run(["x": made.x])["y"]!
        made.plan.setParameters([
            "out": Tensor(repeating: 0, shape: [6, 32, 3, 3]),
            "outb": Tensor(repeating: 0.5, shape: [6]),
        ])
        let after = try made.plan.run(["x": made.x])["y"]!
        #expect(before != after)
        #expect(after.elements.allSatisfy { $0 == 0.5 })
    }

    @Test("Shapes that do not fit are refused with the operation's name")
    func shapes() {
        let graph = Graph.build { $0.output($0.input("a") + $0.input("b"), "y") }
        #expect(throws: ShapeError.self) { try Plan(graph, shapes: ["a": [2, 3], "b": [4]]) }
    }
}
