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

    /// The steps of a graph that its reference computes.
    private func references(
        in graph: Graph, of operationCase: OperationCase
    ) throws -> [String] {
        let shapes = try values(of: operationCase).mapValues(\.shape)
        return try Plan(graph, shapes: shapes).listing.filter { $0.hasSuffix("reference") }
    }

    @Test("Every operation and its gradients run compiled, none by its reference")
    func compiled() throws {
        for operationCase in operationCases {
            for graph in [operationCase.graph, withGradients(operationCase)] {
                #expect(try references(in: graph, of: operationCase) == [], "\(operationCase)")
            }
        }
    }

    @Test("Plans with rare operations list their kernels")
    func rare() throws {
        var listed: Set<String> = []
        for operationCase in operationCases {
            let shapes = try values(of: operationCase).mapValues(\.shape)
            for step in try Plan(withGradients(operationCase), shapes: shapes).listing {
                listed.insert(String(step.prefix { $0 != " " }))
            }
        }
        for kind in [
            "OneHotLike", "Sign", "ErrorFunction", "Pad", "PadBackward", "Slice", "SlicePlace",
            "MaximumBackward", "ClampBackward",
        ] { #expect(listed.contains(kind), "\(kind)") }
    }

    @Test("The error function is odd, ends at 1 and hands NaN on")
    func errorFunction() throws {
        let graph = Graph.build { $0.output($0.input("x").erf, "y") }
        let x: [Float] = [0, -0.0, 1e-20, 3.9, 4.1, -60, .infinity, -.infinity, .nan, 0.5]
        let plan = try Plan(graph, shapes: ["x": [x.count]])
        let y = try plan.run(["x": Tensor(x, shape: [x.count])])["y"]!.elements
        for (x, y) in zip(x, y) where !x.isNaN { #expect(abs(y - Float.erf(x)) <= 5e-7, "\(x)") }
        #expect(y[8].isNaN && y[0] == 0)
    }

    @Test("Of equal largest elements each gets its share")
    func shares() throws {
        for operationCase in operationCases where operationCase.name.hasPrefix("Maximum over") {
            var inputs = try values(of: operationCase)
            let shape = inputs["x"]!.shape
            inputs["x"] = Tensor((0..<shape.count).map { Double($0 * 7 % 3) }, shape: shape)
            for (name, error) in try errors(of: withGradients(operationCase), inputs, PlanOptions())
            {
                #expect(error <= 1e-5, "\(operationCase): \(name)")
            }
        }
    }

    @Test("At the bounds of a clamp the whole gradient passes, outside nothing")
    func bounds() throws {
        let graph = Graph.build { builder in
            let x = builder.input("x")
            let y = x.clamped(to: -0.25...0.5)
            builder.output(builder.gradients(of: y.applying(Sum()), withRespectTo: [x])[0]!, "dx")
        }
        let x: [Float] = [-0.25, 0.5, 0, -0.26, 0.51, .infinity, -.infinity]
        let plan = try Plan(graph, shapes: ["x": [x.count]])
        let gradient = try plan.run(["x": Tensor(x, shape: [x.count])])["dx"]!.elements
        #expect(gradient == [1, 1, 1, 0, 0, 0, 0])
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
