import Learning
import Tensors
import Testing

@Suite("Recurrent backpropagation")
struct RecurrentBackpropagationTests {
    @Test("Equals finite differences through dense connections", arguments: [1, 2] as [UInt64])
    func dense(seed: UInt64) throws {
        let small = denseHopfield(seed: seed)
        let estimate = try RecurrentBackpropagation().estimate(small.network, small.example)
        #expect(try small.distanceFromDifferences(estimate.gradients) < 1e-8)
    }

    @Test("Equals finite differences through convolutions")
    func convolutional() throws {
        let small = convolutionalHopfield(seed: 3)
        let estimate = try RecurrentBackpropagation().estimate(small.network, small.example)
        #expect(try small.distanceFromDifferences(estimate.gradients) < 1e-8)
    }

    @Test("Equals backpropagation where the free equilibrium is a forward pass")
    func forward() throws {
        let small = SmallEnergy(
            PredictiveCodingEnergy(widths: [5, 7, 6, 3], activation: .tanh), input: [2, 5],
            target: [2, 3], seed: 5, rate: 0.2)
        let estimate = try RecurrentBackpropagation(steps: 5000)
            .estimate(small.network, small.example)
        let truth = try backpropagated(
            small.network.model.layers, small.parameters, small.example)
        #expect(relativeError(estimate.gradients, truth) < 1e-12)
    }

    @Test("An equilibrium that does not attract is named")
    func repelling() throws {
        // Held at the start, where a step this long leads away.
        let small = SmallEnergy(
            PredictiveCodingEnergy(widths: [5, 7, 6, 3], activation: .tanh), input: [2, 5],
            target: [2, 3], seed: 5, deviation: 1, rate: 1.5, steps: 1)
        #expect {
            try RecurrentBackpropagation().estimate(small.network, small.example)
        } throws: { error in
            guard case EquilibriumError.adjointDiverged(let activity, _, _) = error else {
                return false
            }
            return ["x1", "x2"].contains(activity) && "\(error)".contains("rate")
        }
    }
}
