import TestSupport
import Testing

@testable import Media

@Suite("Upright, the fast way")
struct DirectUprightTests {
    /// A frame whose samples are as good as random.
    private func frame(_ format: FrameFormat, _ width: Int, _ height: Int) -> Frame {
        let planes = (0..<format.planeCount).map { index in
            let size = format.planeSize(index, width: width, height: height)
            return Plane(width: size.width, height: size.height) { x, y in
                (x &* 73 &+ y &* 151 &+ index &* 37 &+ x &* y &* 29) % 256
            }
        }
        return Frame(width: width, height: height, format: format, planes: planes)
    }

    @Test(
        "It gives the very bytes of the general way, however samples lie and pictures are turned",
        arguments: [ChromaSampling.gray, .yuv420, .yuv422, .yuv444, .rgb])
    func equality(sampling: ChromaSampling) throws {
        for (width, height) in [(1, 1), (2, 5), (17, 12)] {
            for rotation in [0, 90, 180, 270] {
                for isMirrored in [false, true] {
                    for chromaLocation: Int32 in [0, 2, 3] {
                        var frame = frame(FrameFormat(sampling), width, height)
                        (frame.rotation, frame.isMirrored) = (rotation, isMirrored)
                        frame.colour.chromaLocation = chromaLocation
                        let direct = try #require(DirectUpright(frame, isSquare: true)).pixels()
                        let isTurned = rotation == 90 || rotation == 270
                        let general = frame.sampled(
                            isTurned ? height : width, isTurned ? width : height,
                            of: (width, height))
                        #expect(
                            direct == general.pixels,
                            "\(sampling) \(width)x\(height) \(rotation) \(isMirrored)")
                    }
                }
            }
        }
    }

    @Test("What needs more than a pixel a sample is left to the general way")
    func refusals() {
        #expect(DirectUpright(frame(FrameFormat(.yuv420), 4, 4), isSquare: false) == nil)
        #expect(
            DirectUpright(frame(FrameFormat(.rgb, hasAlpha: true), 4, 4), isSquare: true) == nil)
        var hdr = frame(FrameFormat(.yuv420), 4, 4)
        hdr.colour.transfer = 18
        #expect(DirectUpright(hdr, isSquare: true) == nil)
    }
}
