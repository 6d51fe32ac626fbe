import Tensors
import Testing

@testable import Policy

@Suite struct NetworkTrainingTests {
    @Test(
        "The actor moves towards what is better in the states where something is, and nowhere else")
    func better() throws {
        var options = PolicyOptions(.zospi)
        (options.hidden, options.batch) = ([16, 16], 4)
        var random = RandomSource(seed: 1)
        let training = try NetworkTraining(
            stateCount: 2, box: ActionBox(2), options: options, climbing: nil, using: &random)
        let states = Tensor<Float>.normal([4, 2], using: &random)
        let before = try training.actions(for: states)
        let better = Tensor<Float>(repeating: 0.9, shape: [4, 2])
        try training.learn(states, better, isBetter: [false, false, false, false])
        #expect(try training.actions(for: states) == before)
        for _ in 0..<400 {
            try training.learn(states, better, isBetter: [false, true, false, true])
        }
        let after = try training.actions(for: states)
        #expect(after.row(1).allSatisfy { abs($0 - 0.9) < 0.05 }, "\(after.row(1))")
        // The slow copy stays until it is moved, and then moves a little.
        #expect(try training.slowActions(for: states) == before)
        training.blend(0.5)
        let slow = try training.slowActions(for: states)
        #expect(slow != before && slow != after)
        training.blend(1)
        let whole = try training.slowActions(for: states)
        #expect(zip(whole.elements, after.elements).allSatisfy { abs($0 - $1) < 1e-5 })
    }
}
