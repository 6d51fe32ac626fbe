import Media
import Quality
import Tensors
import TestSupport
import Testing

@Suite("Structural similarity") struct StructuralSimilarityTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var width: Int, height: Int, depth: Int, noise: Double, base: Double, contrast: Double
        var testDescription: String { "\(width)x\(height) \(depth) bits, noise \(noise)" }
    }

    static let cases = [
        Case(width: 64, height: 40, depth: 8, noise: 3, base: 120, contrast: 60),
        Case(width: 300, height: 23, depth: 8, noise: 20, base: 128, contrast: 100),
        Case(width: 11, height: 11, depth: 10, noise: 5, base: 90, contrast: 30),
        Case(width: 77, height: 51, depth: 12, noise: 1, base: 60, contrast: 20),
        // Nearly flat and bright: where single precision would lose the variance.
        Case(width: 290, height: 30, depth: 8, noise: 0.4, base: 250, contrast: 1),
        Case(width: 280, height: 30, depth: 12, noise: 0.1, base: 245, contrast: 9),
    ]

    @Test("The fast kernel equals the definition to 1e-6", arguments: cases)
    func definition(item: Case) throws {
        let (a, b) = planes(item)
        let peak = Double((1 << item.depth) - 1)
        let expected = ReferenceStructuralSimilarity.means(rows(a), rows(b), peak: peak)
        let ssim = StructuralSimilarity(reference: a, test: b, depth: item.depth)
        #expect(abs(try #require(ssim.ssim) - expected.ssim) < 1e-6)
        #expect(ssim.multiScale == nil)
        let threaded = StructuralSimilarity(reference: a, test: b, depth: item.depth, threads: 3)
        #expect(threaded.ssim == ssim.ssim)
    }

    @Test("MS-SSIM equals the definition to 1e-6", arguments: [8, 10])
    func multiScale(depth: Int) throws {
        let item = Case(
            width: 201, height: 177, depth: depth, noise: 12, base: 120, contrast: 80)
        let (a, b) = planes(item)
        let peak = Double((1 << depth) - 1)
        let expected = ReferenceStructuralSimilarity.multiScale(rows(a), rows(b), peak: peak)
        let result = StructuralSimilarity(reference: a, test: b, depth: depth)
        #expect(abs(try #require(result.multiScale) - expected) < 1e-6)
    }

    @Test("Equal planes are fully similar; planes smaller than the window have no similarity")
    func limits() throws {
        let (a, _) = planes(StructuralSimilarityTests.cases[0])
        let same = StructuralSimilarity(reference: a, test: a, depth: 8)
        #expect(abs(try #require(same.ssim) - 1) < 1e-7)
        let tiny = Plane(width: 10, height: 40) { x, y in x + y }
        #expect(StructuralSimilarity(reference: tiny, test: tiny, depth: 8).ssim == nil)
    }

    private func planes(_ item: Case) -> (Plane, Plane) {
        var random = RandomSource(seed: 99)
        let unit = Double(1 << (item.depth - 8))
        func sample(_ x: Int, _ y: Int, _ noise: Double) -> Int {
            let wave = Double((x * 7 + y * 13) % 32) / 16 - 1 + Double((x / 9 + y / 7) % 3) / 2
            let value = item.base + item.contrast * wave / 2 + noise * random.normal()
            return Int(min(max(value * unit, 0), 256 * unit - 1).rounded(.down))
        }
        let bytes = item.depth > 8 ? 2 : 1
        let a = Plane(width: item.width, height: item.height, bytesPerSample: bytes) {
            sample($0, $1, 0)
        }
        let b = Plane(width: item.width, height: item.height, bytesPerSample: bytes) {
            sample($0, $1, item.noise)
        }
        return (a, b)
    }

    private func rows(_ plane: Plane) -> [[Double]] {
        (0..<plane.height).map { y in (0..<plane.width).map { Double(plane[$0, y]) } }
    }
}
