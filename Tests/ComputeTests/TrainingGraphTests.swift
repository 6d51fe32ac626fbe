// A training step is a graph like any other: its gradients, compiled, equal the reference's.
import Compute
import Graphs
import TestSupport
import Tensors
import Testing

/// A small residual network, its loss, and the gradients of that by all parameters.
private func trainingGraph() -> (graph: Graph, values: [String: Tensor<Double>]) {
    var shapes: [String: Shape] = ["x": [3, 6, 11, 9], "target": [3, 4, 11, 9]]
    let builder = GraphBuilder()
    func convolution(_ x: Value, _ path: String, _ inputs: Int, _ outputs: Int) -> Value {
        shapes[path + ".weight"] = [outputs, inputs, 3, 3]
        shapes[path + ".bias"] = [outputs]
        return x.convolved(
            with: builder.parameter(path + ".weight"), bias: builder.parameter(path + ".bias"),
            ConvolutionGeometry(padding: 1))
    }
    var x = convolution(builder.input("x"), "in", 6, 16).leakyReLU(0.1)
    for block in 0..<3 {
        let y = convolution(x, "\(block).0", 16, 16).leakyReLU(0.1)
        x = x + 0.5 * convolution(y, "\(block).1", 16, 16)
    }
    let loss = convolution(x, "out", 16, 4).charbonnier(
        to: builder.input("target"), epsilon: 0.1)
    let paths = builder.graph.parameters.keys.sorted()
    let gradients = builder.gradients(
        of: loss, withRespectTo: paths.map { builder.parameter($0) })
    builder.output(loss, "loss")
    for (path, gradient) in zip(paths, gradients) { builder.output(gradient!, path) }

    var random = RandomSource(seed: 17)
    var values: [String: Tensor<Double>] = [:]
    for (name, shape) in shapes.sorted(by: { $0.key < $1.key }) {
        let fan = Double(max(shape.count / shape[0], 1))
        let deviation = name.hasSuffix("weight") ? 1 / fan.squareRoot() : 1
        values[name] = .normal(shape, deviation: deviation, using: &random)
    }
    return (builder.graph.pruned(), values)
}

@Suite("A training step, compiled")
struct TrainingGraphTests {
    private func run(
        _ options: PlanOptions
    ) throws -> (
        found: [String: Tensor<Float>], expected: [String: Tensor<Double>], plan: Plan
    ) {
        let (graph, values) = trainingGraph()
        let plan = try Plan(graph, shapes: values.mapValues(\.shape), options: options)
        let floats = values.mapValues { $0.converted(to: Float.self) }
        plan.setParameters(floats)
        let inputs = floats.filter { graph.inputs[$0.key] != nil }
        _ = try plan.run(inputs.mapValues { $0.map { -$0 } })
        return (try plan.run(inputs), try graph.evaluate(values), plan)
    }

    @Test("In f32 the loss and every gradient equal the reference", arguments: [1, 2])
    func f32(threads: Int) throws {
        let (found, expected, _) = try run(PlanOptions(threads: threads))
        for (name, value) in expected {
            #expect(relativeError(found[name]!, value) <= 1e-5, "\(name)")
        }
    }

    @Test("In bf16 every gradient points where the reference's does")
    func bf16() throws {
        let (found, expected, _) = try run(PlanOptions(precision: .bf16, threads: 2))
        #expect(relativeError(found["loss"]!, expected["loss"]!) <= 1e-2)
        for (name, value) in expected where name != "loss" {
            let pairs = zip(found[name]!.elements, value.elements).map { (Double($0), $1) }
            let product = pairs.reduce(0) { $0 + $1.0 * $1.1 }
            let lengths = pairs.reduce((0, 0)) { ($0.0 + $1.0 * $1.0, $0.1 + $1.1 * $1.1) }
            #expect(product / (lengths.0 * lengths.1).squareRoot() > 0.999, "\(name)")
            #expect(abs((lengths.0 / lengths.1).squareRoot() - 1) < 0.02, "\(name)")
        }
    }

    @Test("No step runs by its reference")
    func compiled() throws {
        for precision in Precision.floats {
            let plan = try run(PlanOptions(precision: precision)).plan
            #expect(plan.listing.allSatisfy { !$0.hasSuffix("reference") })
        }
    }
}
