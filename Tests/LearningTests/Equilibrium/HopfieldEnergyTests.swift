import Learning
import Networks
import Tensors
import Testing

@Suite("Hopfield energy")
struct HopfieldEnergyTests {
    /// A chain of one input and two neurons.
    func chain(rate: Double = 1, gain: Double = 1) throws -> (first: Double, second: Double) {
        let model = HopfieldEnergy(
            widths: [1, 1, 1], squashing: LogisticSquashing(), feedbackGain: gain)
        let network = EquilibriumNetwork<_, Double>(
            model, Relaxation(rate: rate, freeSteps: 1000, tolerance: 1e-15))
        network.setParameters([
            "0.weight": Tensor([0.8], shape: [1, 1]), "0.bias": Tensor([0.1], shape: [1]),
            "1.weight": Tensor([-0.6], shape: [1, 1]), "1.bias": Tensor([0.4], shape: [1]),
        ])
        let free = try network.freeEquilibrium(
            EnergyExample(
                input: Tensor([0.5], shape: [1, 1]), target: Tensor([1], shape: [1, 1])))
        return (free.activities["s1"]!.item, free.activities["s2"]!.item)
    }

    func logistic(_ x: Double) -> Double { 1 / (1 + Double.exp(-4 * (x - 0.5))) }

    @Test("Each layer hears the one before and, by the gain, the one after", arguments: [1, 0.25])
    func drives(gain: Double) throws {
        let (first, second) = try chain(gain: gain)
        #expect(abs(first - logistic(0.8 * 0.5 + 0.1 + gain * -0.6 * second)) < 1e-14)
        #expect(abs(second - logistic(-0.6 * first + 0.4)) < 1e-14)
    }

    @Test("Slower steps lead to the same equilibrium")
    func slower() throws {
        let (fast, slow) = try (chain(), chain(rate: 0.2))
        #expect(abs(fast.first - slow.first) < 1e-13 && abs(fast.second - slow.second) < 1e-13)
    }

    @Test("Convolutions and dense layers declare their parameters in order")
    func declarations() {
        let model = HopfieldEnergy(
            [
                .convolution(ConvolutionLayer("a", 1, 2)), .dense(LinearLayer("b", 8, 3)),
            ], squashing: HardSquashing())
        #expect(model.declarations.map(\.path) == ["a.weight", "a.bias", "b.weight", "b.bias"])
        #expect(model.activities == ["s1", "s2"] && model.clampedActivity == "s2")
    }
}
