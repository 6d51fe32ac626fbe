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

    @Test("Operations of inference run compiled, not by their reference")
    func compiled() throws {
        for operationCase in operationCases {
            let shapes = operationCase.inputs(seed: 11).mapValues(\.shape)
            let listing = try Plan(operationCase.graph, shapes: shapes).listing
            let byReference = listing.filter { $0.hasSuffix("reference") }
            // What no model of ours runs on every frame.
            let rare = [
                "Gather", "OneHotLike", "RoIAlign", "Maximum", "Sign", "ErrorFunction", "Pad",
                "Slice", "MatrixProduct", "WarpBackwardPicture",
            ]
            #expect(
                byReference.allSatisfy { step in rare.contains { step.hasPrefix($0) } },
                "\(operationCase): \(byReference)")
        }
    }
}
