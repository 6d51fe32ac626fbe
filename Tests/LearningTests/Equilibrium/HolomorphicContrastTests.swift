import Learning
import Tensors
import Testing

@Suite("Holomorphic contrast")
struct HolomorphicContrastTests {
    /// How far the estimate of N points is from the truth.
    func error(
        _ small: SmallEnergy<HopfieldEnergy<LogisticSquashing>>, _ truth: Gradients, points: Int,
        nudging: Double
    ) throws -> Double {
        let estimate = try HolomorphicContrast(points: points, nudging: nudging)
            .estimate(small.network, small.example)
        return relativeError(estimate.gradients, truth)
    }

    @Test("N points are off by the N-th power of the nudging", arguments: [1, 2, 3] as [UInt64])
    func orders(seed: UInt64) throws {
        let small = denseHopfield(seed: seed)
        let truth = try RecurrentBackpropagation().estimate(small.network, small.example).gradients
        for (points, nudgings, tolerance) in [(4, [0.03, 0.1], 0.3), (6, [0.06, 0.15], 0.6)] {
            let errors = try nudgings.map {
                ($0, try error(small, truth, points: points, nudging: $0))
            }
            #expect(abs(order(errors[0], errors[1]) - Double(points)) < tolerance, "\(errors)")
        }
    }

    @Test("Two points are the symmetric estimate")
    func two() throws {
        let small = denseHopfield(seed: 2)
        let symmetric = try FreePhaseContrast(.symmetric, nudging: 0.1)
            .estimate(small.network, small.example).gradients
        #expect(try error(small, symmetric, points: 2, nudging: 0.1) < 1e-12)
    }

    @Test("An odd number of points cancels as many powers")
    func odd() throws {
        let small = denseHopfield(seed: 1)
        let truth = try RecurrentBackpropagation().estimate(small.network, small.example).gradients
        let errors = try [0.02, 0.06].map { ($0, try error(small, truth, points: 3, nudging: $0)) }
        #expect(abs(order(errors[0], errors[1]) - 3) < 0.3, "\(errors)")
    }

    @Test("Convolutions are evaluated over complex numbers, too")
    func convolutions() throws {
        let small = convolutionalHopfield(seed: 6)
        let truth = try RecurrentBackpropagation().estimate(small.network, small.example).gradients
        #expect(try error(small, truth, points: 8, nudging: 0.1) < 1e-6)
        #expect(try error(small, truth, points: 2, nudging: 0.1) > 1e-3)
    }
}
