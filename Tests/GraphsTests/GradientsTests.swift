// Laws of reverse differentiation: sums over paths, sharing, and what does not depend.
import Graphs
import Tensors
import TestSupport
import Testing

@Suite("Gradients")
struct GradientsTests {
    @Test("A value used several times gets the sum of all its paths' cotangents")
    func fanOut() throws {
        let graph = Graph.build { builder in
            let x = builder.input("x")
            let shared = x * x
            builder.output(shared * x.sigmoid + shared.tanh - 3 * shared, "y")
            builder.output(x + shared, "z")
        }
        let errors = try graph.gradientErrors(at: ["x": random([2, 7])], withRespectTo: ["x"])
        #expect(try #require(errors["x"]) <= 1e-6)
    }

    @Test("A parameter that two layers share gets the sum of both gradients")
    func sharedParameter() throws {
        let graph = Graph.build { builder in
            let w = builder.parameter("w")
            let hidden = builder.input("x").convolved(with: w, .init(padding: 1)).tanh
            builder.output(hidden.convolved(with: w, .init(padding: 1)), "y")
        }
        let values = ["x": random([1, 3, 5, 7]), "w": random([3, 3, 3, 3], seed: 4)]
        let errors = try graph.gradientErrors(at: values, withRespectTo: ["x", "w"])
        #expect(errors.count == 2)
        for (name, error) in errors { #expect(error <= 1e-6, "\(name)") }
    }

    @Test("A value on which the loss does not depend has no gradient")
    func independence() {
        let builder = GraphBuilder()
        let (x, y) = (builder.input("x"), builder.input("y"))
        let loss = (x * x).sum()
        _ = (x * y).sum()
        let gradients = builder.gradients(of: loss, withRespectTo: [x, y])
        #expect(gradients[0] != nil)
        #expect(gradients[1] == nil)
    }

    @Test("The gradient with respect to a value in the middle stops there")
    func intermediate() throws {
        let builder = GraphBuilder()
        let x = builder.input("x")
        let middle = x.exp
        let gradient = builder.gradients(of: (middle * middle).sum(), withRespectTo: [middle])[0]
        builder.output(try #require(gradient), "gradient")
        builder.output(middle, "middle")
        let results = try builder.graph.evaluate(["x": random([5])])
        let expected = results["middle"]!.elements.map { 2 * $0 }
        #expect(isClose(results["gradient"]!, expected))
    }

    @Test("Gradients of gradients give known derivatives: x³ to 3 x², 6 x, 6")
    func higherOrders() throws {
        let builder = GraphBuilder()
        let x = builder.input("x")
        var value = x * x * x
        for order in 1...3 {
            value = try #require(builder.gradients(of: value.sum(), withRespectTo: [x])[0])
            builder.output(value, "\(order)")
        }
        let results = try builder.graph.evaluate(["x": Tensor([-2, 0, 0.5], shape: [3])])
        #expect(isClose(results["1"]!, [12, 0, 0.75]))
        #expect(isClose(results["2"]!, [-12, 0, 3]))
        #expect(isClose(results["3"]!, [6, 6, 6]))
    }

    @Test("Cotangents given for several values add up")
    func seeds() throws {
        let builder = GraphBuilder()
        let x = builder.input("x")
        let (y, z) = (2 * x, 5 * x)
        let gradient = builder.gradients(
            from: [(y, builder.input("a")), (z, builder.input("b"))], withRespectTo: [x])[0]
        builder.output(try #require(gradient), "gradient")
        let results = try builder.graph.evaluate([
            "x": Tensor([1, 1], shape: [2]), "a": Tensor([1, 10], shape: [2]),
            "b": Tensor([3, 0], shape: [2]),
        ])
        #expect(results["gradient"]!.elements == [17, 20])
    }
}
