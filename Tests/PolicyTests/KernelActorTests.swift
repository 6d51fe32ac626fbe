import Glibc
import Tensors
import Testing

@testable import Policy

@Suite struct KernelActorTests {
    @Test(
        "Actions are the kernel's weighted means of what was shown, states divided by their deviations"
    )
    func means() throws {
        var random = RandomSource(seed: 1)
        let states = Tensor<Float>.normal([60, 2], using: &random)
        // Another scale, and a number that never changes.
        let shown = Tensor<Float>(shape: [60, 3]) { x in
            for row in 0..<60 {
                (x[3 * row], x[3 * row + 1], x[3 * row + 2]) = (
                    states[row, 0], 1000 * states[row, 1], 7
                )
            }
        }
        let actions = Tensor<Float>.uniform([60, 2], using: &random)
        var actor = KernelActor(stateCount: 3, box: ActionBox(2))
        try actor.learn(shown, actions)
        let query: [Float] = [0.3, -400, 7]
        let found = try actor.action(for: query)
        let deviations = (0..<2).map { column -> Double in
            let x = (0..<60).map { Double(shown[$0, column]) }
            let mean = x.reduce(0, +) / 60
            return (x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 60).squareRoot()
        }
        let width = pow(60.0, -1 / 7)
        var (sums, whole) = ([0.0, 0.0], 0.0)
        for row in 0..<60 {
            var distance = 0.0
            for column in 0..<2 {
                let x = (Double(shown[row, column]) - Double(query[column])) / deviations[column]
                distance += x * x
            }
            let weight = exp(-distance / (2 * width * width))
            whole += weight
            for column in 0..<2 { sums[column] += weight * Double(actions[row, column]) }
        }
        for column in 0..<2 {
            #expect(abs(Double(found[column]) - sums[column] / whole) < 1e-3)
        }
    }

    @Test("The oldest examples are forgotten first")
    func forgetting() throws {
        var actor = KernelActor(stateCount: 1, box: ActionBox(1), capacity: 4, interval: 1)
        for value in [Float(-1), 0.25, 0.5] {
            try actor.learn(
                Tensor([0, 1], shape: [2, 1]), Tensor(repeating: value, shape: [2, 1]))
        }
        #expect(actor.count == 4)
        #expect(abs(try actor.action(for: [0.5])[0] - 0.375) < 1e-5)
    }
}
