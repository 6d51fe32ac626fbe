// Every case of the table, compiled: forward and backward equal the reference.
import Compute
import Graphs
import TestSupport
import Tensors
import Testing

/// The graph of a case together with the gradients of a weighted sum of its output.
private func withGradients(_ operationCase: OperationCase) -> Graph {
    let builder = GraphBuilder(extending: operationCase.graph)
    let y = builder.value(at: operationCase.graph.output("y")!)
    let loss = (y * builder.input("seed cotangent")).applying(Sum())
    let names = operationCase.operands.filter(\.value.isDifferentiable).keys.sorted()
    let values = names.map { name in
        builder.value(at: (builder.graph.inputs[name] ?? builder.graph.parameters[name])!)
    }
    let gradients = builder.gradients(of: loss, withRespectTo: values)
    for (name, gradient) in zip(names, gradients) {
        if let gradient { builder.output(gradient, "gradient of \(name)") }
    }
    return builder.graph.pruned()
}

/// The largest error of any output of `graph`, compiled, against the reference in Double.
private func errors(
    of graph: Graph, _ inputs: [String: Tensor<Double>], _ options: PlanOptions
) throws -> [(name: String, error: Double)] {
    let known = inputs.filter { graph.inputs[$0.key] != nil || graph.parameters[$0.key] != nil }
    let expected = try graph.evaluate(known)
    let plan = try Plan(graph, shapes: known.mapValues(\.shape), options: options)
    let values = known.mapValues { $0.converted(to: Float.self) }
    plan.setParameters(values)
    // Twice: what a run leaves behind must not reach the next one.
    _ = try plan.run(values.filter { graph.inputs[$0.key] != nil })
    let found = try plan.run(values.filter { graph.inputs[$0.key] != nil })
    return expected.map { ($0.key, relativeError(found[$0.key]!, $0.value)) }
}

/// Inputs of a case and the cotangent of its output.
private func values(of operationCase: OperationCase) throws -> [String: Tensor<Double>] {
    var inputs = operationCase.inputs(seed: 11)
    let shapes = try operationCase.graph.shapes { inputs[$0]?.shape }
    var random = RandomSource(seed: 12)
    inputs["seed cotangent"] = Tensor.uniform(
        shapes[operationCase.graph.output("y")!], using: &random)
    return inputs
}

// Several pools of threads at once would only wait for each other.
@Suite("Compiled operations", .serialized)
struct CompiledOperationTests {
    @Test("A compiled operation and its gradients equal the reference", arguments: operationCases)
    func equalsReference(_ operationCase: OperationCase) throws {
        let inputs = try values(of: operationCase)
        for graph in [operationCase.graph, withGradients(operationCase)] {
            for (name, error) in try errors(of: graph, inputs, PlanOptions(threads: 1)) {
                #expect(error <= 1e-5, "\(operationCase): \(name)")
            }
        }
    }

    @Test("In bf16 an operation stays within a hundredth", arguments: operationCases)
    func bf16(_ operationCase: OperationCase) throws {
        let options = PlanOptions(precision: .bf16, threads: 1)
        let inputs = try values(of: operationCase)
        for (name, error) in try errors(of: operationCase.graph, inputs, options) {
            #expect(error <= 1e-2, "\(operationCase): \(name)")
        }
    }

    /// The steps of a graph that its reference computes, without those that may.
    private func references(
        in graph: Graph, of operationCase: OperationCase, except rare: [String]
    ) throws -> [String] {
        let shapes = try values(of: operationCase).mapValues(\.shape)
        return try Plan(graph, shapes: shapes).listing.filter { step in
            step.hasSuffix("reference") && !rare.contains { step.hasPrefix($0 + " ") }
        }
    }

    // What no model of ours runs on every frame.
    private let rare = ["OneHotLike", "Sign", "ErrorFunction", "Pad", "Slice"]

    @Test("Operations of inference run compiled, not by their reference")
    func compiled() throws {
        for operationCase in operationCases {
            let found = try references(in: operationCase.graph, of: operationCase, except: rare)
            #expect(found.isEmpty, "\(operationCase)")
        }
    }

    @Test("Gradients run compiled, not by their reference")
    func compiledGradients() throws {
        // oneDNN's gradient of a clamp is 0 at the lower bound, where many values lie: ours is 1.
        let rare =
            rare + ["PadBackward", "SlicePlace", "MaximumBackward", "Comparison", "ClampBackward"]
        for operationCase in operationCases {
            let found = try references(
                in: withGradients(operationCase), of: operationCase, except: rare)
            #expect(found.isEmpty, "\(operationCase)")
        }
    }

    @Test("Gradients of warps, boxes, gathers and pooling do not depend on the number of threads")
    func threads() throws {
        let kinds = ["Warp", "RoIAlign", "Gather", "MaximumPooling"]
        for operationCase in operationCases
        where kinds.contains(where: operationCase.name.hasPrefix) {
            let graph = withGradients(operationCase)
            let inputs = try values(of: operationCase).mapValues { $0.converted(to: Float.self) }
            let results = try [1, 3].map { threads in
                try Plan(
                    graph, shapes: inputs.mapValues(\.shape), options: PlanOptions(threads: threads)
                ).run(inputs.filter { graph.inputs[$0.key] != nil })
            }
            #expect(results[0] == results[1], "\(operationCase)")
        }
    }

    @Test("Of equal elements in a window the first gets the gradient")
    func ties() throws {
        let operationCase = operationCases.first { $0.name == "MaximumPooling 3, stride 1" }!
        var inputs = try values(of: operationCase)
        // As after a rectifier: most windows have no single largest element.
        inputs["x"] = inputs["x"]!.map { $0 > 0.2 ? 0.2 : max($0, 0) }
        for (name, error) in try errors(of: withGradients(operationCase), inputs, PlanOptions()) {
            #expect(error <= 1e-5, "\(name)")
        }
    }
}
