// Frames that say how much coarser they are to be coded.
import Media
import Testing

@Suite("Frames of several qualities")
struct CoarserFramesTests {
    /// Bytes of each frame of a file that is encoded at CRF 24.
    private static func bytes(
        _ encoder: String, coarser: (Int) -> Float, varies: Bool = true
    ) throws -> [Int] {
        let folder = ScratchFolder()
        let path = folder.file("out.mkv")
        let frames = patternFrames(24, width: 128, height: 96, format: FrameFormat(.yuv420))
            .enumerated().map { index, frame in
                var frame = frame
                frame.coarser = coarser(index)
                return frame
            }
        var settings = EncoderSettings(encoder: encoder, crf: 24, threads: 1)
        settings.variesQuality = varies
        let writer = try VideoWriter(
            path: path, video: VideoDescription(frame: frames[0], frameRate: Rational(25, 1)),
            settings: settings, overwrite: .replace)
        try write(frames, writer)
        let reader = try VideoReader(path: path)
        var bytes: [Int] = []
        while let frame = try reader.next() { bytes.append(frame.codedBytes ?? 0) }
        return bytes
    }

    @Test("Coarser frames take fewer bytes, finer ones more", arguments: ["libx264", "libx265"])
    func quality(_ encoder: String) throws {
        let plain = try Self.bytes(encoder) { _ in 0 }
        let mixed = try Self.bytes(encoder) { $0 < 12 ? -6 : 6 }
        #expect(plain.count == 24 && mixed.count == 24)
        func sum(_ bytes: [Int], _ range: Range<Int>) -> Double {
            Double(bytes[range].reduce(0, +))
        }
        #expect(sum(mixed, 0..<11) > 1.2 * sum(plain, 0..<11))
        #expect(sum(mixed, 14..<24) < 0.8 * sum(plain, 14..<24))
    }

    @Test("An encoder that was not told of it codes all frames alike")
    func untold() throws {
        let plain = try Self.bytes("libx264", coarser: { _ in 0 }, varies: false)
        #expect(try Self.bytes("libx264", coarser: { _ in 6 }, varies: false) == plain)
    }
}
