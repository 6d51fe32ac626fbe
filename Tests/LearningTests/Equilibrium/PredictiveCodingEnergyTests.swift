import Learning
import Networks
import Tensors
import Testing

@Suite("Predictive coding energy")
struct PredictiveCodingEnergyTests {
    static let penalties: [ErrorPenalty] = [.squared, .logCosh, .huber(0.5)]

    func small(
        _ penalty: ErrorPenalty, activation: Activation = .tanh, rate: Double = 0.2
    ) -> SmallEnergy<PredictiveCodingEnergy> {
        SmallEnergy(
            PredictiveCodingEnergy(
                widths: [5, 7, 6, 3], activation: activation, penalty: penalty),
            input: [3, 5], target: [3, 3], seed: 7, rate: rate, steps: 5000)
    }

    @Test(
        "Whatever errors cost, nudging by less and less leads to backpropagation",
        arguments: penalties)
    func limit(penalty: ErrorPenalty) throws {
        let small = small(penalty)
        let truth = try backpropagated(
            small.network.model.layers, small.parameters, small.example)
        let errors = try [0.001, 0.01].map { nudging in
            let estimate = try FreePhaseContrast(.oneSided, nudging: nudging)
                .estimate(small.network, small.example)
            return (nudging, relativeError(estimate.gradients, truth))
        }
        #expect(abs(order(errors[0], errors[1]) - 1) < 0.05, "\(errors)")
        #expect(errors[0].1 < 0.01 && errors[0].1 > 1e-6)
    }

    @Test("The free phase stays at the forward pass, where the energy is flat in the weights")
    func forwardPass() throws {
        let small = small(.logCosh)
        let free = try small.network.freeEquilibrium(small.example)
        #expect(free.steps == 1)
        let nudged = try small.network.equilibrium(small.example, nudging: 0.1, from: free)
        #expect(nudged.steps > 10 && nudged.isSettled)
    }

    @Test("Penalties differ where errors are large")
    func penaltiesDiffer() throws {
        let gradients = try Self.penalties.map { penalty in
            let small = small(penalty)
            return try FreePhaseContrast(.oneSided, nudging: 3)
                .estimate(small.network, small.example).gradients
        }
        #expect(relativeError(gradients[1], gradients[0]) > 1e-3)
        #expect(relativeError(gradients[2], gradients[0]) > 1e-3)
    }

    @Test("A rate too large for the weights is named, with the activity")
    func divergence() throws {
        let small = small(.squared, rate: 1.9)
        #expect {
            try FreePhaseContrast(.oneSided, nudging: 0.1).estimate(small.network, small.example)
        } throws: { error in
            guard case EquilibriumError.diverged(let activity, let step, let rate, _) = error
            else { return false }
            return ["x1", "x2"].contains(activity) && step < 200 && rate == 1.9
                && "\(error)".contains("lower the rate")
        }
    }

    @Test("ReLU networks are followed as well")
    func rectified() throws {
        let small = small(.squared, activation: .relu)
        let truth = try backpropagated(
            small.network.model.layers, small.parameters, small.example)
        let estimate = try FreePhaseContrast(.symmetric, nudging: 1e-4)
            .estimate(small.network, small.example)
        #expect(relativeError(estimate.gradients, truth) < 1e-3)
    }
}
