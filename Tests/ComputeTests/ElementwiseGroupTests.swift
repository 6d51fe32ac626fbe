// Functions of single elements that are computed together equal those computed one by one.
import Compute
import Graphs
import TestSupport
import Tensors
import Testing

@Suite("Functions of single elements computed together")
struct ElementwiseGroupTests {
    /// A graph of such functions drawn at random, some of whose values are read by others too.
    private func graph(_ seed: UInt64, _ shape: Shape) -> Graph {
        var random = RandomSource(seed: seed)
        return Graph.build { builder in
            var nodes = ["a", "b", "c"].map { builder.input($0) }
            func any() -> Value { nodes[random.index(below: nodes.count)] }
            for _ in 0..<(4 + random.index(below: 30)) {
                switch random.index(below: 9) {
                case 0: nodes.append(any() + any())
                case 1: nodes.append(any() - any())
                case 2: nodes.append(0.5 * (any() * any()))
                case 3: nodes.append(-0.7 * any())
                case 4: nodes.append(any() * builder.input("factor"))
                case 5: nodes.append(any().leakyReLU(0.1))
                case 6: nodes.append(any().applying(LeakyReLUBackward(slope: 0.2), any()))
                case 7: nodes.append(any().tanh)
                default: nodes.append(0.01 * any().sum() * any())
                }
            }
            builder.output(nodes[nodes.count - 1], "last")
            builder.output(any(), "any")
            builder.output((any() * any()).sum(), "sum")
            builder.output(any().mean(), "mean")
        }
    }

    @Test(
        "They equal the reference, whatever the shape, and do not depend on threads",
        arguments: [[3, 50], [7], [1024], [2, 16, 3, 5], [2, 19, 9, 8], [5000]] as [Shape])
    func equality(shape: Shape) throws {
        var fused = 0
        for seed in 1...30 {
            let graph = graph(UInt64(seed), shape)
            var random = RandomSource(seed: UInt64(seed))
            var values: [String: Tensor<Double>] = [:]
            for name in ["a", "b", "c"] { values[name] = .normal(shape, using: &random) }
            values["factor"] = Tensor(0.3)
            values = values.filter { graph.inputs[$0.key] != nil }
            let expected = try graph.evaluate(values)
            var results: [[String: Tensor<Float>]] = []
            let formats: [[String: BorderFormat]] =
                shape.rank == 4 ? [[:], ["a": .blockedFloat, "c": .blockedFloat]] : [[:]]
            for format in formats {
                for threads in [1, 2] {
                    let plan = try Plan(
                        graph, shapes: values.mapValues(\.shape),
                        options: PlanOptions(threads: threads, formats: format))
                    fused += plan.listing.count { $0.contains("+") }
                    // Twice: what one run leaves must not matter to the next.
                    _ = try plan.run(values.mapValues { $0.converted(to: Float.self) })
                    results.append(
                        try plan.run(values.mapValues { $0.converted(to: Float.self) }))
                }
                #expect(results[results.count - 1] == results[results.count - 2], "\(seed)")
            }
            for (name, value) in expected {
                let largest = value.elements.reduce(1e-3) { max($0, abs($1)) }
                // Sums of many that cancel keep the digits of their parts.
                let tolerance = 1e-5 * (largest + Double(shape.count).squareRoot())
                for result in results {
                    let found = result[name]?.elements ?? []
                    #expect(found.count == value.count)
                    for (x, y) in zip(found, value.elements) where y.isFinite && largest < 1e6 {
                        #expect(abs(Double(x) - y) <= tolerance, "\(name), seed \(seed)")
                    }
                }
            }
        }
        #expect(fused > (shape.count < 64 ? -1 : 30))
    }

    @Test("A value that is read elsewhere is there too, and one that dies is overwritten once")
    func readElsewhere() throws {
        var random = RandomSource(seed: 3)
        let graph = Graph.build { builder in
            let x = builder.input("x").linear(weights: builder.parameter("w"))
            let y = x.relu
            let z = y * y - x
            let w = z.linear(weights: builder.parameter("w"))
            builder.output(w + 2 * z + y - x, "last")
            builder.output(z, "z")
        }
        let values: [String: Tensor<Double>] = [
            "x": .normal([9, 32], using: &random),
            "w": .normal([32, 32], deviation: 0.2, using: &random),
        ]
        let floats = values.mapValues { $0.converted(to: Float.self) }
        let plan = try Plan(graph, shapes: values.mapValues(\.shape))
        plan.setParameters(floats)
        for _ in 0..<2 {
            let outputs = try plan.run(floats.filter { $0.key == "x" })
            for (name, value) in try graph.evaluate(values) {
                for (a, b) in zip(outputs[name]?.elements ?? [], value.elements) {
                    #expect(abs(Double(a) - b) < 1e-4)
                }
            }
        }
    }
}
