// Frames at another size or range.
import TestSupport
import Testing

@testable import Media

@Suite("Scaled frames")
struct FrameScalerTests {
    private func frame(
        _ width: Int, _ height: Int, _ sampling: ChromaSampling = .yuv420,
        _ luma: (Int, Int) -> Int
    ) -> Frame {
        let format = FrameFormat(sampling)
        return Frame(
            width: width, height: height, format: format,
            planes: (0..<3).map { index in
                let size = format.planeSize(index, width: width, height: height)
                return Plane(width: size.width, height: size.height) { x, y in
                    index == 0 ? luma(x, y) : 100 + 20 * index
                }
            })
    }

    @Test("An odd last column and row are cut, and no sample changes")
    func cropping() throws {
        let odd = frame(33, 17) { 16 + (7 * $0 + 3 * $1) % 200 }
        let scaler = FrameScaler(width: 32, height: 16, from: (32, 16), sampling: .yuv420)
        let even = try scaler(odd)
        #expect(even.width == 32 && even.planes[0].height == 16 && even.planes[1].width == 16)
        for y in 0..<16 {
            for x in 0..<32 { #expect(even.planes[0][x, y] == odd.planes[0][x, y]) }
        }
    }

    @Test("Reduction keeps flat colours and averages finer detail away, 4:4:4 too")
    func reduction() throws {
        for sampling in [ChromaSampling.yuv420, .yuv444] {
            let fine = frame(128, 96, sampling) { x, y in (x + y) % 2 == 0 ? 90 : 110 }
            let scaler = FrameScaler(width: 64, height: 48, from: (128, 96), sampling: sampling)
            let coarse = try scaler(fine)
            #expect(coarse.planes[0].samples.allSatisfy { abs($0 - 100) <= 2 })
            #expect(coarse.planes[1].samples.allSatisfy { $0 == 120 })
            #expect(coarse.planes[2].width == (sampling == .yuv420 ? 32 : 64))
        }
    }

    @Test("Limited range becomes full range, black and white to its ends")
    func range() throws {
        let scaler = FrameScaler(
            width: 32, height: 16, from: (32, 16), sampling: .yuv420, isFullRange: true)
        let full = try scaler(frame(32, 16) { x, _ in x < 16 ? 16 : 235 })
        #expect(full.colour.isFullRange == true)
        #expect(full.planes[0][2, 8] <= 1 && full.planes[0][30, 8] >= 254)
    }
}
