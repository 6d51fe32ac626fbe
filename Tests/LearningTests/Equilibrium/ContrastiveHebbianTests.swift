import Learning
import Graphs
import Tensors
import Testing

@Suite("Contrastive Hebbian learning")
struct ContrastiveHebbianTests {
    /// The network whose feedback is scaled by `gain`, with the same weights for every gain.
    func small(gain: Double, seed: UInt64) -> SmallEnergy<HopfieldEnergy<LogisticSquashing>> {
        SmallEnergy(
            HopfieldEnergy(
                widths: [6, 5, 4, 3], squashing: LogisticSquashing(), feedbackGain: gain),
            input: [2, 6], target: [2, 3], seed: seed)
    }

    /// Backpropagation in the network without feedback, from the output's error at what drives it.
    func backpropagated(
        _ small: SmallEnergy<HopfieldEnergy<LogisticSquashing>>
    ) throws -> Gradients {
        let graph = Graph.build { builder in
            var value = builder.input("input")
            var drive = value
            for layer in 0..<3 {
                let weights = builder.parameter("\(layer).weight")
                drive = value.linear(weights: weights, bias: builder.parameter("\(layer).bias"))
                value = LogisticSquashing()(drive)
            }
            let paths = small.parameters.keys.sorted()
            let error = value - builder.input("target")
            let gradients = builder.gradients(
                from: [(drive, error)], withRespectTo: paths.map { builder.parameter($0) })
            for (path, gradient) in zip(paths, gradients) { builder.output(gradient!, path) }
        }
        return try graph.evaluate(
            small.parameters.merging([
                "input": small.example.input, "target": small.example.target,
            ]) { $1 })
    }

    @Test("Less and less feedback leads to backpropagation", arguments: [1, 2] as [UInt64])
    func limit(seed: UInt64) throws {
        let errors = try [0.001, 0.01, 1].map { gain in
            let small = small(gain: gain, seed: seed)
            let estimate = try ContrastiveHebbian().estimate(small.network, small.example)
            return (gain, relativeError(estimate.gradients, try backpropagated(small)))
        }
        #expect(abs(order(errors[0], errors[1]) - 1) < 0.1, "\(errors)")
        #expect(errors[0].1 < 0.01)
        #expect(errors[2].1 > 0.05, "full feedback is another network")
    }

    @Test("With feedback scaled, nudging still finds the gradient of the network as it is")
    func nudged() throws {
        let small = small(gain: 0.3, seed: 3)
        let estimate = try FreePhaseContrast(.symmetric, nudging: 1e-3)
            .estimate(small.network, small.example)
        #expect(try small.distanceFromDifferences(estimate.gradients) < 1e-4)
    }
}
