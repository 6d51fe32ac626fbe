import Learning
import Graphs
import Tensors
import Testing

@Suite("Error penalties")
struct ErrorPenaltyTests {
    /// The cost of one error, and its slope.
    func cost(_ penalty: ErrorPenalty, _ error: Double) throws -> (value: Double, slope: Double) {
        let graph = Graph.build { builder in
            let input = builder.input("e")
            let cost = penalty(input)
            builder.output(cost, "cost")
            builder.output(builder.gradients(of: cost, withRespectTo: [input])[0]!, "slope")
        }
        let outputs = try graph.evaluate(["e": Tensor([error], shape: [1])])
        return (outputs["cost"]!.item, outputs["slope"]!.item)
    }

    @Test("log cosh costs log cosh, with slope tanh, and does not overflow")
    func logCosh() throws {
        for error in [-3.0, -0.1, 0, 0.7, 5] {
            let found = try cost(.logCosh, error)
            let cosh = (Double.exp(error) + Double.exp(-error)) / 2
            #expect(abs(found.value - Double.log(cosh)) < 1e-14)
            #expect(abs(found.slope - Double.tanh(error)) < 1e-14)
        }
        let far = try cost(.logCosh, -1000)
        #expect(abs(far.value - (1000 - Double.log(2))) < 1e-9 && far.slope == -1)
    }

    @Test("Huber's cost is the square inside its width and a line beyond")
    func huber() throws {
        for error in [-0.4, 0.0, 0.3] {
            let (found, square) = try (cost(.huber(0.5), error), cost(.squared, error))
            #expect(abs(found.value - square.value) < 1e-15)
            #expect(abs(found.slope - square.slope) < 1e-15)
        }
        for error in [-2.0, 0.9] {
            let found = try cost(.huber(0.5), error)
            #expect(abs(found.value - 0.5 * (abs(error) - 0.25)) < 1e-15)
            #expect(abs(found.slope - (error > 0 ? 0.5 : -0.5)) < 1e-15)
        }
    }
}
