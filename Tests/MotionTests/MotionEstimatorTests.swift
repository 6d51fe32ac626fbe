import Glibc
import Media
import Motion
import Tensors
import TestSupport
import Testing

@Suite("Motion estimator") struct MotionEstimatorTests {
    @Test(
        "A moved texture is followed to a fraction of a sample",
        arguments: [(0.0, 0.0), (1.5, -0.75), (-7.25, 3.5), (20, 12.5), (-64, 40), (64, -64)])
    func translation(motion: (Double, Double)) {
        let (width, height) = (1280, 720)
        let here = texture(width, height, shift: (0, 0))
        let there = texture(width, height, shift: motion)
        let flow = estimate(here, there)
        // Parts that left the picture cannot be followed: the middle counts.
        var worst: Float = 0
        var sum: Float = 0
        var count: Float = 0
        for y in stride(from: 60, to: flow.x.shape[0] - 60, by: 3) {
            for x in stride(from: 60, to: flow.x.shape[1] - 60, by: 3) {
                let (ex, ey) = (flow.x[y, x] - Float(motion.0), flow.y[y, x] - Float(motion.1))
                let error = (ex * ex + ey * ey).squareRoot()
                worst = max(worst, error)
                sum += error
                count += 1
            }
        }
        #expect(sum / count < 0.15, "mean error \(sum / count)")
        #expect(worst < 1, "worst error \(worst)")
        #expect(flow.meanConfidence > 0.8)
    }

    @Test("Equal pictures do not move, flat ones neither")
    func still() {
        let here = texture(97, 61, shift: (0, 0))
        let flow = estimate(here, here)
        #expect(flow.x.elements.allSatisfy { $0 == 0 } && flow.y.elements.allSatisfy { $0 == 0 })
        #expect(flow.error.elements.allSatisfy { $0 == 0 })
        let flat = Plane(width: 97, height: 61) { _, _ in 80 }
        let other = Plane(width: 97, height: 61) { _, _ in 90 }
        #expect(estimate(flat, other).x.elements.allSatisfy { abs($0) < 1e-3 })
    }

    @Test("Results do not depend on the number of threads, nor on the memory they are put in")
    func threads() {
        let here = texture(431, 241, shift: (0, 0)), there = texture(431, 241, shift: (3.5, 1))
        let a = MotionPyramid(luma: here, depth: 8, threads: 1)
        let b = MotionPyramid(luma: there, depth: 8, threads: 3)
        let estimator = MotionEstimator(width: 431, height: 241)
        let one = estimator.estimate(from: a, to: b, threads: 1)
        var again = estimator.estimate(from: b, to: a, threads: 2)
        estimator.estimate(from: a, to: b, into: &again, threads: 3)
        #expect(one.x == again.x && one.y == again.y && one.error == again.error)
    }

    @Test("Any size works", arguments: [(1, 1), (2, 9), (7, 5), (16, 16), (33, 31), (65, 130)])
    func sizes(size: (Int, Int)) {
        let here = texture(size.0, size.1, shift: (0, 0))
        let there = texture(size.0, size.1, shift: (1, 1))
        let flow = estimate(here, there)
        #expect(flow.x.shape == [(size.1 + 1) / 2, (size.0 + 1) / 2])
        let finite = (flow.x.elements + flow.y.elements).allSatisfy { $0.isFinite }
        #expect(finite)
    }

    @Test("Deeper samples give the motion of their 8-bit picture", arguments: [10, 12])
    func depths(depth: Int) {
        let here = texture(200, 120, shift: (0, 0)), there = texture(200, 120, shift: (2.5, -1))
        func deeper(_ plane: Plane) -> Plane {
            Plane(width: plane.width, height: plane.height, bytesPerSample: 2) {
                plane[$0, $1] << (depth - 8)
            }
        }
        let shallow = estimate(here, there)
        let deep = estimate(deeper(here), deeper(there), depth: depth)
        #expect(shallow.x == deep.x && shallow.y == deep.y)
    }

    @Test("A seed that is right wins over a search that cannot see that far")
    func seed() {
        // A fine pattern whose coarse levels are flat: only the seed knows the motion.
        let pattern: (Int, Int) -> Int = { x, y in
            128 + Int(90 * sin(Double(x) * 0.9) * cos(Double(y) * 0.8 + Double(x / 37)))
        }
        let here = Plane(width: 256, height: 128, pattern)
        let there = Plane(width: 256, height: 128) { pattern($0 - 14, $1 - 2) }
        var guess = Flow(width: 256, height: 128)
        guess.x = Tensor(repeating: 14, shape: guess.x.shape)
        guess.y = Tensor(repeating: 2, shape: guess.y.shape)
        let a = MotionPyramid(luma: here, depth: 8), b = MotionPyramid(luma: there, depth: 8)
        let estimator = MotionEstimator(width: 256, height: 128)
        let seeded = estimator.estimate(from: a, to: b, seed: guess)
        let alone = estimator.estimate(from: a, to: b)
        func mean(_ t: Tensor<Float>) -> Float { t.elements.reduce(0, +) / Float(t.count) }
        #expect(mean(seeded.error) < mean(alone.error) * 0.5)
    }

    private func estimate(_ here: Plane, _ there: Plane, depth: Int = 8) -> Flow {
        MotionEstimator(width: here.width, height: here.height).estimate(
            from: MotionPyramid(luma: here, depth: depth),
            to: MotionPyramid(luma: there, depth: depth))
    }

    /// Waves of many scales, sampled `shift` away: what was at (x, y) is at (x, y) + shift.
    private func texture(_ width: Int, _ height: Int, shift: (Double, Double)) -> Plane {
        Plane(width: width, height: height) { x, y in
            let (u, v) = (Double(x) - shift.0, Double(y) - shift.1)
            var value = 128.0
            value += 25 * sin(u * 0.011 + v * 0.017) + 25 * cos(u * 0.023 - v * 0.013 + 1)
            value += 20 * sin(u * 0.071 + cos(v * 0.031) * 2) + 20 * cos(v * 0.093 - u * 0.041)
            value += 12 * sin(u * 0.31 + v * 0.22) * cos(v * 0.27 - u * 0.19)
            return Int(min(max(value, 0), 255).rounded())
        }
    }
}
