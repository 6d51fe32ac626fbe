import Learning
import Tensors
import Testing

@Suite("Free-phase contrast")
struct FreePhaseContrastTests {
    @Test("The symmetric estimate equals finite differences of the loss at the free equilibrium")
    func differences() throws {
        let small = denseHopfield(seed: 1)
        let estimate = try FreePhaseContrast(.symmetric, nudging: 1e-3)
            .estimate(small.network, small.example)
        #expect(estimate.free.isSettled)
        #expect(try small.distanceFromDifferences(estimate.gradients) < 1e-5)
        // What is measured must be able to say no.
        let twice = estimate.gradients.mapValues { $0.map { 1.01 * $0 } }
        #expect(try small.distanceFromDifferences(twice) > 5e-3)
    }

    @Test("One side is off by the nudging, two by its square", arguments: [1, 2, 3] as [UInt64])
    func orders(seed: UInt64) throws {
        let small = denseHopfield(seed: seed)
        let truth = try RecurrentBackpropagation().estimate(small.network, small.example)
        func slope(_ form: FreePhaseContrast.Form) throws -> Double {
            let points = try [0.003, 0.03].map { nudging in
                let estimate = try FreePhaseContrast(form, nudging: nudging)
                    .estimate(small.network, small.example)
                return (nudging, relativeError(estimate.gradients, truth.gradients))
            }
            return order(points[0], points[1])
        }
        #expect(try abs(slope(.oneSided) - 1) < 0.1)
        #expect(try abs(slope(.symmetric) - 2) < 0.1)
    }

    @Test("A convolutional network's estimate equals finite differences")
    func convolutions() throws {
        let small = convolutionalHopfield(seed: 4)
        let estimate = try FreePhaseContrast(.symmetric, nudging: 1e-3)
            .estimate(small.network, small.example)
        #expect(estimate.gradients.count == 6)
        #expect(try small.distanceFromDifferences(estimate.gradients) < 1e-5)
    }

    @Test("A nudging to the other side has the opposite bias")
    func otherSide() throws {
        let small = denseHopfield(seed: 2)
        let gradients = try [0.01, -0.01].map {
            try FreePhaseContrast(.oneSided, nudging: $0)
                .estimate(small.network, small.example).gradients
        }
        let truth = try RecurrentBackpropagation().estimate(small.network, small.example).gradients
        let mean = gradients[0].merging(gradients[1]) { a, b in
            Tensor(zip(a.elements, b.elements).map { ($0 + $1) / 2 }, shape: a.shape)
        }
        #expect(relativeError(mean, truth) < 0.05 * relativeError(gradients[0], truth))
    }
}
