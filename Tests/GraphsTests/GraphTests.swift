// Laws of the graph itself: order, sharing, pruning, shapes.
import Graphs
import Tensors
import TestSupport
import Testing

@Suite("A graph")
struct GraphTests {
    @Test("Asking twice for an input or a parameter gives the same node")
    func sharing() {
        let builder = GraphBuilder()
        #expect(builder.input("x") == builder.input("x"))
        #expect(builder.parameter("w") == builder.parameter("w"))
        #expect(builder.input("w") != builder.parameter("w"))
        #expect(builder.graph.nodes.count == 3)
    }

    @Test("Inputs come before the nodes that use them, in every graph of the table")
    func order() {
        for entry in operationCases {
            for graph in [
                entry.graph, entry.graph.gradientGraph(withRespectTo: entry.differentiableOperands),
            ] {
                for (index, node) in graph.nodes.enumerated() {
                    #expect(node.inputs.allSatisfy { $0 < index })
                }
            }
        }
    }

    @Test("Pruning removes what no output needs and keeps the outputs' values")
    func pruning() throws {
        let builder = GraphBuilder()
        let x = builder.input("x")
        _ = builder.input("unused").relu
        _ = x.exp.log
        builder.output(2 * x + 1, "y")
        let full = builder.graph
        let pruned = full.pruned()
        #expect(pruned.nodes.count == 3)
        #expect(pruned.inputs.keys.sorted() == ["x"])
        let values = ["x": random([2, 3]), "unused": random([1])]
        #expect(try full.evaluate(values)["y"] == pruned.evaluate(values)["y"])
    }

    @Test("A graph goes on from where another ended, at the same positions")
    func extending() throws {
        let first = Graph.build { $0.output($0.input("x") * 3, "y") }
        let builder = GraphBuilder(extending: first)
        builder.output(builder.value(at: first.output("y")!) + 1, "z")
        let results = try builder.graph.evaluate(["x": Tensor<Double>(2)])
        #expect(results["y"]?.item == 6)
        #expect(results["z"]?.item == 7)
    }

    @Test("Shapes are told for every node, and equal the shapes of its values")
    func shapes() throws {
        for entry in operationCases {
            let values = entry.inputs(seed: 2)
            let shapes = try entry.graph.shapes { values[$0]?.shape }
            #expect(try entry.graph.evaluateAll(values).map(\.shape) == shapes, "\(entry)")
        }
    }

    @Test("An input without a value is an error that names it")
    func missingInput() {
        let graph = Graph.build { $0.output($0.input("picture").relu, "y") }
        #expect(
            throws: ShapeError(
                operation: "Input", expected: "a shape for 'picture'", found: "none")
        ) { try graph.evaluate([:] as [String: Tensor<Double>]) }
    }

    @Test("Constants have the shape and the elements that they were given, in any scalar")
    func constants() throws {
        let graph = Graph.build {
            $0.output($0.apply(Constant(Tensor([1, 2, 0.1], shape: [3])), to: []), "y")
        }
        let result = try graph.evaluate([:] as [String: Tensor<Float>])["y"]
        #expect(result == Tensor<Float>([1, 2, 0.1], shape: [3]))
    }
}
