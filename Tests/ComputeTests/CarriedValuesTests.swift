// What a run hands to the next one arrives, whether it is copied or changes places.
import Compute
import Graphs
import TestSupport
import Tensors
import Testing

@Suite("Carried values")
struct CarriedValuesTests {
    /// Runs a plan that carries, and the reference, and compares all outputs after each run.
    private func compare(
        _ graph: Graph, _ carried: [String: String], _ first: [String: Tensor<Float>],
        formats: [String: BorderFormat] = [:], runs: Int = 7
    ) throws {
        let plan = try Plan(
            graph, shapes: first.mapValues(\.shape),
            options: PlanOptions(threads: 2, formats: formats, carried: carried, isRepeated: true))
        var known = first
        plan.setParameters(first)
        for name in graph.inputs.keys { plan.setInput(name, first[name] ?? Tensor(0)) }
        for run in 0..<runs {
            try plan.run()
            let expected = try graph.evaluate(known)
            for (name, value) in expected {
                #expect(plan.tensor(.output(name)).isClose(to: value), "\(name), run \(run)")
            }
            let before = known
            for (output, input) in carried { known[input] = expected[output] }
            try plan.carry()
            for input in Set(carried.values) where graph.inputs[input] != nil {
                #expect(plan.tensor(.input(input)).isClose(to: known[input]!), "\(input), \(run)")
                #expect(plan.tensor(.earlier(input)).isClose(to: before[input]!))
            }
            if run == 3 {
                // Back to what was, as where a step is taken back.
                for input in Set(carried.values) where graph.inputs[input] != nil {
                    plan.setInput(input, .earlier(input), of: plan)
                    known[input] = before[input]
                }
            }
        }
    }

    @Test("A state moves from run to run as the reference moves it")
    func state() throws {
        var random = RandomSource(seed: 1)
        let graph = Graph.build { builder in
            let (x, v) = (builder.input("x"), builder.input("v"))
            let pull = x.linear(weights: builder.parameter("w")).relu - builder.input("target")
            let step = 0.5 * v - 0.1 * pull
            builder.output(step, "v")
            builder.output(x + step, "x")
            builder.output((pull * pull).sum(), "energy")
        }
        try compare(
            graph, ["x": "x", "v": "v"],
            [
                "x": .normal([5, 70], using: &random), "v": .normal([5, 70], using: &random),
                "target": .normal([5, 70], using: &random),
                "w": .normal([70, 70], deviation: 0.1, using: &random),
            ])
    }

    @Test("Values that change places, go on as they are or go two ways are no exceptions")
    func aliases() throws {
        var random = RandomSource(seed: 2)
        let graph = Graph.build { builder in
            let (a, b, c) = (builder.input("a"), builder.input("b"), builder.input("c"))
            // What was in a goes to b, what was in b to c, and c's sum with all to a and to nothing.
            builder.output(a, "old a")
            builder.output(b.reshaped([8, 8]).reshaped([64]), "old b")
            let sum = 0.3 * (a + b + c)
            builder.output(sum, "new")
            builder.output(sum, "seen")
            builder.output(2 * builder.parameter("w"), "fixed")
            builder.output(builder.input("d") + 1, "next")
        }
        try compare(
            graph, ["old a": "b", "old b": "c", "new": "a", "fixed": "d"],
            [
                "a": .normal([64], using: &random), "b": .normal([64], using: &random),
                "c": .normal([64], using: &random), "d": .normal([64], using: &random),
                "w": .normal([64], using: &random),
            ])
    }

    @Test(
        "Channel-blocked values are carried as they stand", arguments: [16, 19])
    func blocked(channels: Int) throws {
        var random = RandomSource(seed: 3)
        let graph = Graph.build { builder in
            let x = builder.input("x")
            let y = x.relu.convolved(
                with: builder.parameter("w"), ConvolutionGeometry(padding: 1))
            builder.output(x - 0.2 * (x - y), "x")
            builder.output((y * y).sum(), "energy")
        }
        let shape: Shape = [2, channels, 5, 6]
        let first: [String: Tensor<Float>] = [
            "x": .normal(shape, using: &random),
            "w": .normal([channels, channels, 3, 3], deviation: 0.08, using: &random),
        ]
        for format in [BorderFormat.blockedFloat, .plainFloat] {
            try compare(graph, ["x": "x"], first, formats: ["x": format])
        }
    }

    @Test("An output that may stand as it likes says how, and another plan takes it so")
    func unmoved() throws {
        var random = RandomSource(seed: 4)
        let graph = Graph.build { builder in
            let y = builder.input("x").convolved(
                with: builder.parameter("w"), ConvolutionGeometry(padding: 1))
            builder.output(y, "y")
            builder.output(y.sum([2, 3]), "means")
        }
        let values: [String: Tensor<Float>] = [
            "x": .normal([2, 16, 8, 8], using: &random),
            "w": .normal([24, 16, 3, 3], using: &random),
        ]
        let plan = try Plan(
            graph, shapes: values.mapValues(\.shape),
            options: PlanOptions(formats: ["y": .unmoved, "means": .unmoved]))
        plan.setParameters(values)
        let outputs = try plan.run(values.filter { $0.key == "x" })
        let expected = try graph.evaluate(values)
        for (name, value) in expected { #expect(outputs[name]?.isClose(to: value) == true) }
        let next = Graph.build { $0.output($0.input("y").relu, "z") }
        for format in [plan.format(of: .output("y")), .plainFloat, .blockedFloat] {
            let other = try Plan(
                next, shapes: ["y": [2, 24, 8, 8]], options: PlanOptions(formats: ["y": format]))
            other.setInput("y", .output("y"), of: plan)
            try other.run()
            #expect(other.result("z").isClose(to: expected["y"]!.map { max($0, 0) }))
        }
    }
}

extension Tensor<Float> {
    fileprivate func isClose(to other: Tensor<Float>) -> Bool {
        guard shape == other.shape else { return false }
        let largest = other.elements.reduce(1e-6) { Swift.max($0, abs($1)) }
        return zip(elements, other.elements).allSatisfy { abs($0 - $1) <= 2e-5 * largest }
    }
}
