// Every case of the table, compiled: forward and backward equal the reference.
import Compute
import Graphs
import TestSupport
import Tensors
import Testing

/// max|a - b| / max|b|.
func relativeError(_ a: Tensor<Float>, _ b: Tensor<Double>) -> Double {
    precondition(a.shape == b.shape, "\(a.shape) against \(b.shape)")
    var difference = 0.0
    var largest = 0.0
    for (x, y) in zip(a.elements, b.elements) {
        guard x.isFinite else { return .infinity }
        difference = max(difference, abs(Double(x) - y))
        largest = max(largest, abs(y))
    }
    return difference / max(largest, 1e-30)
}

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

@Suite("Compiled operations")
struct CompiledOperationTests {
    @Test("A compiled operation and its gradients equal the reference", arguments: operationCases)
    func equalsReference(_ operationCase: OperationCase) throws {
        var inputs = operationCase.inputs(seed: 11)
        let shapes = try operationCase.graph.shapes { inputs[$0]?.shape }
        var random = RandomSource(seed: 12)
        inputs["seed cotangent"] = Tensor.uniform(
            shapes[operationCase.graph.output("y")!], using: &random)
        for graph in [operationCase.graph, withGradients(operationCase)] {
            let known = inputs.filter {
                graph.inputs[$0.key] != nil || graph.parameters[$0.key] != nil
            }
            let expected = try graph.evaluate(known)
            let plan = try Plan(
                graph, shapes: known.mapValues(\.shape), options: PlanOptions(threads: 2))
            let values = known.mapValues { $0.converted(to: Float.self) }
            plan.setParameters(values)
            let found = try plan.run(values.filter { graph.inputs[$0.key] != nil })
            for (name, value) in expected {
                let error = relativeError(found[name]!, value)
                #expect(error <= 1e-5, "\(operationCase): \(name)")
            }
        }
    }
}
