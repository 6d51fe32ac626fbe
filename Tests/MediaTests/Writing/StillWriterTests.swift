import Glibc
import Media
import Testing

@Suite("Pictures, sequences and pipes get the frames' own samples")
struct StillWriterTests {
    private let exif: [UInt8] =
        Array("MM".utf8) + [0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0]
        + [0, 0, 0, 0]
    private let xmp = Array(
        "<x tiff:Orientation=\"6\"/><tiff:Orientation>8</tiff:Orientation>".utf8)

    private func frame(_ format: FrameFormat) -> Frame {
        patternFrames(1, width: 35, height: 21, format: format)[0]
    }

    private func raw(_ path: String, _ format: String, _ folder: ScratchFolder) -> [UInt8] {
        ffmpeg(["-i", path, "-pix_fmt", format, "-f", "rawvideo", folder.file("raw")])
        return contents(folder.file("raw"))
    }

    @Test(
        "PNG holds gray and RGB of 8 and 16 bits exactly, with alpha",
        arguments: [
            ("gray", FrameFormat(.gray), [0]), ("ya8", FrameFormat(.gray, hasAlpha: true), [0, 1]),
            ("rgb24", FrameFormat(.rgb), [2, 0, 1]),
            ("rgba", FrameFormat(.rgb, hasAlpha: true), [2, 0, 1, 3]),
            ("gray16le", FrameFormat(.gray, depth: 16), [0]),
            ("rgb48le", FrameFormat(.rgb, depth: 16), [2, 0, 1]),
            ("rgba64le", FrameFormat(.rgb, depth: 16, hasAlpha: true), [2, 0, 1, 3]),
        ])
    func png(_ name: String, _ format: FrameFormat, _ order: [Int]) throws {
        let folder = ScratchFolder()
        let frame = frame(format), path = folder.file("out.png")
        let writer = try StillWriter(path: path)
        try write([frame], writer)
        #expect(writer.conversion == nil)
        var expected: [UInt8] = []
        for y in 0..<frame.height {
            for x in 0..<frame.width {
                for index in order {
                    let value = frame.planes[index][x, y]
                    expected.append(UInt8(value & 255))
                    if format.depth > 8 { expected.append(UInt8(value >> 8)) }
                }
            }
        }
        let isSame = raw(path, name, folder) == expected
        #expect(isSame)
    }

    @Test(
        "JPEG keeps subsampling, and at quality 100 every sample within 4 of 255",
        arguments: [
            ("gray", FrameFormat(.gray)), ("yuvj420p", FrameFormat(.yuv420)),
            ("yuvj422p", FrameFormat(.yuv422)), ("yuvj444p", FrameFormat(.yuv444)),
        ])
    func jpeg(_ name: String, _ format: FrameFormat) throws {
        let folder = ScratchFolder()
        var frame = frame(format)
        frame.colour.isFullRange = true
        let path = folder.file("out.jpg")
        let writer = try StillWriter(path: path, quality: 100)
        try write([frame], writer)
        #expect(writer.conversion == nil)
        #expect(probed(path, "v:0", "stream=pix_fmt") == name)
        let got = raw(path, name, folder), expected = rawBytes([frame])
        #expect(got.count == expected.count)
        let worst = zip(got, expected).map { abs(Int($0) - Int($1)) }.max()
        #expect(worst! <= 4)
    }

    @Test("Metadata is carried byte by byte, and an upright picture says so")
    func metadata() throws {
        let folder = ScratchFolder()
        let icc = (0..<70000).map { UInt8(truncatingIfNeeded: $0 * 31) }
        let original = StillMetadata(exif: exif, icc: icc, xmp: xmp)
        let upright = original.upright()
        #expect(upright.exif![19] == 1 && upright.exif![18] == 0)
        #expect(upright.exif!.count == exif.count)
        #expect(
            String(decoding: upright.xmp!, as: UTF8.self)
                == "<x tiff:Orientation=\"1\"/><tiff:Orientation>1</tiff:Orientation>")
        var frame = frame(FrameFormat(.yuv420))
        frame.colour.isFullRange = true
        try write([frame], try StillWriter(path: folder.file("out.jpg"), metadata: original))
        let bytes = contents(folder.file("out.jpg"))
        // APP1 with EXIF, APP1 with XMP, the profile cut into two APP2.
        #expect(position(of: Array("Exif\0\0".utf8) + exif, in: bytes) != nil)
        #expect(position(of: Array("http://ns.adobe.com/xap/1.0/\0".utf8) + xmp, in: bytes) != nil)
        let second = position(of: Array("ICC_PROFILE\0".utf8) + [2, 2], in: bytes)
        #expect(
            position(of: Array("ICC_PROFILE\0".utf8) + [1, 2] + Array(icc[..<65519]), in: bytes)
                != nil)
        #expect(
            second.map { Array(bytes[($0 + 14)...].prefix(70000 - 65519)) == Array(icc[65519...]) }
                == true
        )
    }

    @Test("PNG carries EXIF and XMP")
    func pngMetadata() throws {
        let folder = ScratchFolder()
        let path = folder.file("out.png")
        let metadata = StillMetadata(exif: exif, xmp: xmp)
        try write([frame(FrameFormat(.rgb))], try StillWriter(path: path, metadata: metadata))
        let bytes = contents(path)
        #expect(position(of: Array("eXIf".utf8) + exif, in: bytes) != nil)
        #expect(position(of: Array("iTXtXML:com.adobe.xmp\0\0\0\0\0".utf8) + xmp, in: bytes) != nil)
    }

    @Test("A full disk is 74 and leaves no picture", arguments: ["out.png", "out.jpg"])
    func diskFull(_ name: String) throws {
        let folder = ScratchFolder()
        var frame = frame(FrameFormat(.yuv444))
        frame.colour.isFullRange = true
        let writer = try StillWriter(path: folder.file(name), capacity: 100)
        let error = #expect(throws: OutputError.self) { try writer.write(frame) }
        #expect(error?.exitCode == 74)
        writer.abandon()
        #expect(folder.names.isEmpty)
    }

    @Test("A sequence is numbered, exact, and appears as a whole")
    func sequence() throws {
        let folder = ScratchFolder()
        let frames = patternFrames(3, width: 20, height: 10, format: FrameFormat(.rgb))
        let writer = try SequenceWriter(path: folder.file("f%03d.png"))
        for frame in frames { try writer.write(frame) }
        #expect(!folder.names.contains("f001.png"))
        try writer.finish()
        #expect(folder.names == ["f001.png", "f002.png", "f003.png"])
        ffmpeg([
            "-i", folder.file("f%03d.png"), "-pix_fmt", "gbrp", "-f", "rawvideo",
            folder.file("raw"),
        ])
        let isSame = contents(folder.file("raw")) == rawBytes(frames)
        #expect(isSame)
        let other = try SequenceWriter(path: folder.file("g%d.png"))
        try other.write(frames[0])
        other.abandon()
        #expect(!folder.names.contains { $0.hasPrefix("g") })
        #expect(SequencePattern("a%b.png") == nil && SequencePattern("%d%d.png") == nil)
        #expect(SequencePattern("100%%_%04d.png")?.path(7) == "100%_0007.png")
    }

    @Test(
        "yuv4mpeg has every sample, depth and range",
        arguments: [
            ("gray", FrameFormat(.gray)), ("yuv420p", FrameFormat(.yuv420)),
            ("yuv422p", FrameFormat(.yuv422)), ("yuv444p", FrameFormat(.yuv444)),
            ("yuv420p10le", FrameFormat(.yuv420, depth: 10)),
            ("yuv444p12le", FrameFormat(.yuv444, depth: 12)),
        ])
    func yuv4mpeg(_ name: String, _ format: FrameFormat) throws {
        let folder = ScratchFolder()
        let frames = patternFrames(3, width: 35, height: 21, format: format)
        var video = VideoDescription(frame: frames[0], frameRate: Rational(24000, 1001))
        video.sampleAspectRatio = Rational(4, 3)
        let path = folder.file("out.y4m")
        try write(frames, try Y4MWriter(path: path, video: video))
        #expect(probed(path, "v:0", "stream=pix_fmt,r_frame_rate") == "\(name),24000/1001")
        #expect(probed(path, "v:0", "stream=sample_aspect_ratio") == "4:3")
        let isSame = raw(path, name, folder) == rawBytes(frames)
        #expect(isSame)
    }

    @Test("A pipe gets the same bytes as a file; what yuv4mpeg cannot say is refused")
    func pipe() throws {
        let folder = ScratchFolder()
        let frames = patternFrames(2, width: 35, height: 21, format: FrameFormat(.yuv420))
        let video = VideoDescription(frame: frames[0])
        try write(frames, try Y4MWriter(path: folder.file("out.y4m"), video: video))
        let descriptor = open(folder.file("piped"), O_WRONLY | O_CREAT, 0o600)
        try write(frames, try Y4MWriter(path: "-", video: video, descriptor: descriptor))
        close(descriptor)
        #expect(contents(folder.file("piped")) == contents(folder.file("out.y4m")))
        let full = open("/dev/full", O_WRONLY)
        defer { close(full) }
        let error = #expect(throws: OutputError.self) {
            try Y4MWriter(path: "-", video: video, descriptor: full)
        }
        #expect(error?.exitCode == 74)
        let rgb = VideoDescription(frame: frame(FrameFormat(.rgb)))
        #expect(throws: OutputError.self) { try Y4MWriter(path: "-", video: rgb, descriptor: 2) }
    }

    private func position(of part: [UInt8], in whole: [UInt8]) -> Int? {
        guard part.count <= whole.count else { return nil }
        return (0...(whole.count - part.count)).first { start in
            whole[start] == part[0] && Array(whole[start..<start + part.count]) == part
        }
    }
}
