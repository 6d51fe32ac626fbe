import Learning
import Networks
import Tensors
import Testing

/// Steps both ways on the same random gradients: the optimiser, and the formula in Double.
private func compare(
    _ optimiser: some Optimiser, steps: Int = 20, rate: Double = 0.01,
    formula: (_ p: inout Double, _ g: Double, _ memory: inout [Double], _ step: Int) -> Void
) -> Double {
    var optimiser = optimiser
    var random = RandomSource(seed: 7)
    var parameters = Parameters([("a", .normal([5, 7], using: &random))])
    var expected = parameters[0].elements.map { Double($0) }
    var memories = [[Double]](repeating: [0, 0], count: expected.count)
    for step in 1...steps {
        let gradient = Tensor<Float>.normal([5, 7], using: &random)
        optimiser.step(&parameters, ["a": gradient], rate: rate)
        for (i, g) in gradient.elements.enumerated() {
            formula(&expected[i], Double(g), &memories[i], step)
        }
    }
    return zip(parameters[0].elements, expected).map { abs(Double($0) - $1) }.max()!
}

@Suite("Optimisers")
struct OptimiserTests {
    @Test("Adam follows algorithm 1 of its paper, with decoupled decay", arguments: [0, 0.1])
    func adam(decay: Double) {
        let error = compare(Adam(beta1: 0.8, beta2: 0.95, epsilon: 1e-3, decay: decay)) {
            p, g, memory, step in
            memory[0] = 0.8 * memory[0] + 0.2 * g
            memory[1] = 0.95 * memory[1] + 0.05 * g * g
            var (c1, c2) = (1.0, 1.0)
            for _ in 0..<step { (c1, c2) = (c1 * 0.8, c2 * 0.95) }
            let m = memory[0] / (1 - c1)
            let v = memory[1] / (1 - c2)
            p = p - 0.01 * decay * p - 0.01 * m / (v.squareRoot() + 1e-3)
        }
        #expect(error < 5e-6)
    }

    @Test("Adam's first step is the learning rate in the gradient's direction")
    func firstStep() {
        var parameters = Parameters([("a", Tensor([0, 0, 0], shape: [3]))])
        var adam = Adam()
        adam.step(&parameters, ["a": Tensor([1e-3, -50, 0], shape: [3])], rate: 0.25)
        let a = parameters[0].elements
        #expect(abs(a[0] + 0.25) < 1e-5 && abs(a[1] - 0.25) < 1e-5 && a[2] == 0)
    }

    @Test(
        "Descent follows its formula, plain, with momentum and with Nesterov's",
        arguments: [(0.0, false), (0.9, false), (0.9, true)])
    func descent(momentum: Double, nesterov: Bool) {
        let optimiser = SGD(momentum: momentum, nesterov: nesterov, decay: 0.2)
        let error = compare(optimiser) { p, g, memory, _ in
            let slope = g + 0.2 * p
            memory[0] = momentum * memory[0] + slope
            p -= 0.01 * (nesterov ? slope + momentum * memory[0] : memory[0])
        }
        #expect(error < 5e-6)
    }

    @Test("Biases do not decay, and parameters without a gradient stay")
    func exceptions() {
        let start = Parameters([
            ("weight", Tensor([1, 1], shape: [1, 2])), ("bias", Tensor([1, 1], shape: [2])),
            ("frozen", Tensor([1, 1], shape: [1, 2])),
        ])
        let zero = ["weight": Tensor<Float>(shape: [1, 2]), "bias": Tensor<Float>(shape: [2])]
        let optimisers: [any Optimiser] = [Adam(decay: 0.5), SGD(decay: 0.5)]
        for var optimiser in optimisers {
            var parameters = start
            optimiser.step(&parameters, zero, rate: 0.1)
            #expect(parameters["weight"]!.elements.allSatisfy { abs($0 - 0.95) < 1e-6 })
            #expect(parameters["bias"] == start["bias"])
            #expect(parameters["frozen"] == start["frozen"])
        }
    }

    @Test("A copy of an optimiser is a snapshot: both go on to the same bits")
    func snapshot() {
        var random = RandomSource(seed: 8)
        var parameters = Parameters([("a", .normal([100], using: &random))])
        var adam = Adam()
        let gradients = (0..<6).map { _ in ["a": Tensor<Float>.normal([100], using: &random)] }
        for g in gradients[..<3] { adam.step(&parameters, g, rate: 0.1) }
        var (other, otherParameters) = (adam, parameters)
        for g in gradients[3...] { adam.step(&parameters, g, rate: 0.1) }
        for g in gradients[3...] { other.step(&otherParameters, g, rate: 0.1) }
        #expect(parameters.isIdentical(to: otherParameters))
        #expect(adam.memory == other.memory)
    }
}
