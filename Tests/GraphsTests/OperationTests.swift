// Laws that every kind of operation keeps: honest shape rules and honest declarations.
import Graphs
import Tensors
import TestSupport
import Testing

/// Graphs that hold every kind of operation: the table's, their gradients, and those' gradients.
private func graphs(of entry: OperationCase) throws -> [(Graph, [String: Tensor<Double>])] {
    let names = entry.differentiableOperands
    var values = entry.inputs(seed: 4)
    let shapes = try entry.graph.shapes { values[$0]?.shape }
    let gradients = entry.graph.gradientGraph(withRespectTo: names)
    values["cotangent.y"] = random(shapes[entry.graph.output("y")!])
    var graphs = [(entry.graph, values), (gradients, values)]
    if entry.isTwiceDifferentiable {
        let gradientShapes = try gradients.shapes { values[$0]?.shape }
        for output in gradients.outputs {
            values["cotangent.\(output.name)"] = random(gradientShapes[output.node])
        }
        graphs.append((gradients.gradientGraph(withRespectTo: names + ["cotangent.y"]), values))
    }
    return graphs
}

@Suite("Every kind of operation")
struct OperationTests {
    @Test("Shape rules tell the shape of every result", arguments: operationCases)
    func shapeRules(_ entry: OperationCase) throws {
        for (graph, values) in try graphs(of: entry) {
            let shapes = try graph.shapes { values[$0]?.shape }
            #expect(try graph.evaluateAll(values).map(\.shape) == shapes)
        }
    }

    @Test(
        "Inputs declared as mere shapes have no influence by their values",
        arguments: operationCases)
    func shapeOnlyInputs(_ entry: OperationCase) throws {
        for (graph, values) in try graphs(of: entry) {
            let results = try graph.evaluateAll(values)
            for (index, node) in graph.nodes.enumerated() {
                guard !node.operation.shapeOnlyInputs.isEmpty else { continue }
                var inputs = node.inputs.map { results[$0] }
                for position in node.operation.shapeOnlyInputs {
                    inputs[position] = Tensor(repeating: .nan, shape: inputs[position].shape)
                }
                #expect(node.operation.forward(inputs) == results[index], "\(node.operation.kind)")
            }
        }
    }

    @Test("Too many inputs are refused by name", arguments: operationCases)
    func inputCount(_ entry: OperationCase) throws {
        for (graph, values) in try graphs(of: entry) {
            let shapes = try graph.shapes { values[$0]?.shape }
            for node in graph.nodes
            where !(node.operation is any SourceOperation || node.operation is Concatenate) {
                let many = node.inputs.map { shapes[$0] } + [[1], [1]]
                let error = #expect(throws: ShapeError.self) {
                    try node.operation.shape(of: many)
                }
                #expect(error?.operation == node.operation.kind)
                #expect(error?.found == "\(many.count)")
            }
        }
    }

    @Test("No two kinds share a name")
    func names() throws {
        var types: [String: Set<String>] = [:]
        for entry in operationCases {
            for (graph, _) in try graphs(of: entry) {
                for node in graph.nodes {
                    let type = String(describing: type(of: node.operation))
                    types[node.operation.kind, default: []].insert(type)
                }
            }
        }
        #expect(types.count >= 50)
        for (name, types) in types { #expect(types == [name]) }
    }

    @Test("Shape errors carry operation, expected and found, and print as one line")
    func errors() {
        let cases: [(any Operation, [Shape], ShapeError)] = [
            (
                Convolution(), [[1, 3, 8, 8], [4, 16, 3, 3]],
                ShapeError(operation: "Convolution", expected: "16 channels", found: "3")
            ),
            (
                Convolution(), [[1, 3, 2, 2], [4, 3, 3, 3]],
                ShapeError(
                    operation: "Convolution", expected: "a picture no smaller than the kernel",
                    found: "[1, 3, 2, 2]")
            ),
            (
                Add(), [[2, 3], [4]],
                ShapeError(
                    operation: "Add", expected: "shapes that broadcast", found: "[2, 3], [4]")
            ),
            (
                MatrixProduct(), [[2, 3], [4, 5]],
                ShapeError(
                    operation: "MatrixProduct", expected: "equal inner extents",
                    found: "[2, 3], [4, 5]")
            ),
            (
                Linear(), [[2, 3], [4, 5]],
                ShapeError(operation: "Linear", expected: "5 features", found: "[2, 3]")
            ),
            (
                Concatenate(axis: 1), [[1, 2, 3], [1, 2, 4]],
                ShapeError(
                    operation: "Concatenate", expected: "[1, 2, 3] but for axis 1",
                    found: "[1, 2, 4]")
            ),
            (
                Slice(axis: 0, from: 1, to: 9), [[4]],
                ShapeError(operation: "Slice", expected: "1..<9 within axis 0", found: "[4]")
            ),
            (
                Sum(ReductionAxes([2])), [[4, 5]],
                ShapeError(operation: "Sum", expected: "a shape with an axis 2", found: "[4, 5]")
            ),
            (
                HaarPackets(), [[1, 1, 5, 4]],
                ShapeError(
                    operation: "HaarPackets", expected: "[N, C, H, W] with even H and W",
                    found: "[1, 1, 5, 4]")
            ),
            (
                Reshape([2, -1]), [[3, 3]],
                ShapeError(
                    operation: "Reshape", expected: "elements divisible by 2", found: "[3, 3]")
            ),
            (
                Pad(before: [3], after: [0], border: .reflect), [[3]],
                ShapeError(operation: "Pad", expected: "more than 3 along axis 0", found: "[3]")
            ),
            (
                Warp(), [[1, 3, 4, 4], [1, 3, 4, 4]],
                ShapeError(
                    operation: "Warp", expected: "pictures [N, C, H, W] and flow [N, 2, H, W]",
                    found: "[1, 3, 4, 4], [1, 3, 4, 4]")
            ),
            (
                SumLike(), [[2, 3], [2]],
                ShapeError(
                    operation: "SumLike", expected: "a shape that broadcasts to [2, 3]",
                    found: "[2]")
            ),
            (
                MaximumPooling(PoolingGeometry(kernel: 3)), [[1, 1, 2, 9]],
                ShapeError(
                    operation: "MaximumPooling", expected: "a picture no smaller than the window",
                    found: "[1, 1, 2, 9]")
            ),
        ]
        for (operation, shapes, expected) in cases {
            #expect(throws: expected) { try operation.shape(of: shapes) }
            #expect(!expected.description.contains("\n"))
            #expect(
                expected.description
                    == "\(expected.operation): expected \(expected.expected), found \(expected.found)"
            )
        }
    }

    @Test("A graph passes on the error of the node that refuses")
    func errorsInGraphs() {
        let graph = Graph.build { builder in
            let x = builder.input("x")
            builder.output(x.relu.linear(weights: builder.parameter("w")).sum(), "y")
        }
        #expect(
            throws: ShapeError(operation: "Linear", expected: "7 features", found: "[2, 5]")
        ) {
            try graph.evaluate([
                "x": Tensor<Float>(shape: [2, 5]) { $0.update(repeating: 0) },
                "w": Tensor<Float>(shape: [3, 7]) { $0.update(repeating: 0) },
            ])
        }
    }
}
