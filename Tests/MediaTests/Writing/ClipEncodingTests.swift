// Short clips through each encoder: nothing lost but quality, and the quantiser that was asked for.
import TestSupport
import Testing

@testable import Media

@Suite("Clips through encoders")
struct ClipEncodingTests {
    let folder = TemporaryFolder()

    /// Noise over a moving ramp: something to code in every frame.
    private func frames(_ count: Int = 8, isFullRange: Bool = false) -> [Frame] {
        (0..<count).map { time in
            var frame = Frame(
                width: 96, height: 64, format: FrameFormat(.yuv420),
                planes: [(96, 64), (48, 32), (48, 32)].map { width, height in
                    Plane(width: width, height: height) { x, y in
                        60 + (3 * x + 2 * y + 5 * time) % 120 + (x * 7919 + y * 104729 + time * 31)
                            % 17
                    }
                })
            frame.colour.isFullRange = isFullRange
            return frame
        }
    }

    private func encode(_ encoding: ClipEncoding, _ name: String) throws -> [Frame] {
        let path = folder(name)
        let isFull = encoding.encoder == "mjpeg"
        try encoding.write(
            frames(isFullRange: isFull), to: path, frameRate: Rational(25, 1), scratch: path)
        let reader = try VideoReader(path: path)
        var decoded: [Frame] = []
        while let frame = try reader.next() { decoded.append(frame) }
        return decoded
    }

    private static let cases: [(ClipEncoding, Float)] = [
        (
            ClipEncoding(
                "libx264", [.init("qp", "28"), .init("x264-params", "ipratio=1:pbratio=1")],
                in: .mp4), 16
        ),
        (
            ClipEncoding(
                "libx265",
                [.init("x265-params", "qp=28:ipratio=1:pbratio=1:pools=1:log-level=none")]), 16
        ),
        (ClipEncoding("mpeg2video", [.init("bf", "2")], quantiserScale: 8, in: .mpegTS), 16),
        (ClipEncoding("mpeg1video", quantiserScale: 8), 16),
        (ClipEncoding("mpeg4", quantiserScale: 8, in: .avi), 16),
        (ClipEncoding("libxvid", [.init("bf", "0")], quantiserScale: 8, in: .avi), 16),
        (
            ClipEncoding(
                "libvpx-vp9",
                [.init("crf", "28"), .init("b", "0"), .init("qmin", "28"), .init("qmax", "28")],
                in: .webm), 15.25
        ),
    ]

    @Test(
        "A constant quantiser comes back as the same luma step from every codec",
        arguments: cases)
    func steps(_ encoding: ClipEncoding, _ step: Float) throws {
        let decoded = try encode(encoding, "q" + encoding.container.fileExtension)
        #expect(decoded.count == 8)
        for frame in decoded.dropLast() {
            let steps = try #require(frame.quantisers).lumaSteps.sorted()
            #expect(abs(steps[steps.count / 2] / step - 1) < 0.15, "\(steps[steps.count / 2])")
        }
    }

    @Test("An encoder that is given up before its first frame ends, and leaves no file")
    func givenUp() throws {
        for (encoder, name) in [("libsvtav1", "a.mkv"), ("libx264", "b.mkv")] {
            let path = folder(name)
            #expect(throws: EncodingStopped.self) {
                try ClipEncoding(encoder, []).write(
                    frames(), to: path, frameRate: Rational(25, 1), scratch: path,
                    shouldStop: { true })
            }
            #expect(!folder.names.contains { $0.hasPrefix(name) })
        }
    }

    @Test("AV1 and JPEG get coarser as asked, and keep every frame")
    func coarser() throws {
        func step(_ encoding: ClipEncoding, _ name: String) throws -> Float {
            let decoded = try encode(encoding, name)
            #expect(decoded.count == 8)
            return try #require(decoded[0].quantisers?.meanLumaStep)
        }
        let jpeg = try [3, 12].map { (scale: Int) in
            try step(ClipEncoding("mjpeg", quantiserScale: scale, in: .avi), "\(scale).avi")
        }
        #expect(jpeg[1] > 2 * jpeg[0])
        let av1 = try ["20", "50"].map {
            let told: [ClipEncoding.Option] = [
                .init("preset", "10"), .init("qp", $0), .init("svtav1-params", "lp=1"),
            ]
            return try step(ClipEncoding("libsvtav1", told), "\($0).mkv")
        }
        #expect(av1[1] > 2 * av1[0])
    }

    @Test("Two passes end in a file of every frame", arguments: ["libx264", "libx265", "libxvid"])
    func passes(_ encoder: String) throws {
        let decoded = try encode(
            ClipEncoding(encoder, [.init("b", "60000")], passes: 2), "\(encoder).mkv")
        #expect(decoded.count == 8)
        // The statistics of the first pass were there for the second.
        let own = folder.names.contains { $0.hasSuffix(".log") }
        #expect(own == (encoder != "libxvid"), "\(folder.names)")
    }

    @Test("FFV1 gives every sample back, and equal clips give equal files")
    func lossless() throws {
        let decoded = try encode(.lossless, "a.mkv")
        for (frame, original) in zip(decoded, frames()) {
            #expect(frame.planes.map(\.samples) == original.planes.map(\.samples))
        }
        _ = try encode(.lossless, "b.mkv")
        #expect(decoded.count == 8 && readBytes(folder("a.mkv")) == readBytes(folder("b.mkv")))
    }

    @Test("Unknown encoders and options are named; a stop leaves nothing behind")
    func refusals() {
        func write(_ encoding: ClipEncoding, stop: Bool = false) throws {
            try encoding.write(
                frames(), to: folder("x.mkv"), frameRate: Rational(25, 1), scratch: folder("x"),
                shouldStop: { stop })
        }
        #expect(throws: OutputError.self) { try write(ClipEncoding("libnothing")) }
        #expect(throws: OutputError.self) { try write(ClipEncoding("libx264", [.init("qq", "1")])) }
        #expect(throws: EncodingStopped.self) { try write(.lossless, stop: true) }
        #expect(!folder.names.contains { $0.hasPrefix("x.mkv") }, "\(folder.names)")
    }
}
