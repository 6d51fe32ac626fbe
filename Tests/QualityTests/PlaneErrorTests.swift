import Glibc
import Media
import Quality
import Tensors
import TestSupport
import Testing

@Suite("Plane error") struct PlaneErrorTests {
    @Test("The error is the mean of squared differences, at any depth", arguments: [8, 10, 12])
    func definition(depth: Int) {
        var random = RandomSource(seed: UInt64(depth))
        let (width, height) = (131, 77)
        let a = (0..<width * height).map { _ in random.index(below: 1 << depth) }
        let b = (0..<width * height).map { _ in random.index(below: 1 << depth) }
        let error = PlaneError(
            reference: Plane(width: width, height: height, samples: a, depth: depth),
            test: Plane(width: width, height: height, samples: b, depth: depth), depth: depth)
        let sum = zip(a, b).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
        let mean = sum / Double(a.count)
        #expect(abs(error.meanSquared - mean) <= 1e-9 * mean)
        let peak = Double((1 << depth) - 1)
        #expect(abs(error.psnr - 10 * log10(peak * peak / mean)) < 1e-9)
    }

    @Test("Equal planes have no error and an infinite ratio")
    func equal() {
        let plane = Plane(width: 40, height: 3) { x, y in x * y }
        let error = PlaneError(reference: plane, test: plane, depth: 8)
        #expect(error.meanSquared == 0 && error.psnr == .infinity)
    }

    @Test("The largest differences do not overflow")
    func extremes() {
        let black = Plane(width: 4096, height: 64) { _, _ in 0 }
        let white = Plane(width: 4096, height: 64) { _, _ in 255 }
        #expect(PlaneError(reference: black, test: white, depth: 8).psnr == 0)
        let deepBlack = Plane(width: 4096, height: 64, bytesPerSample: 2) { _, _ in 0 }
        let deepWhite = Plane(width: 4096, height: 64, bytesPerSample: 2) { _, _ in 65535 }
        #expect(PlaneError(reference: deepBlack, test: deepWhite, depth: 16).psnr == 0)
    }
}
