// Pictures, sequences and yuv4mpeg come in sample for sample; fields are recognised.
import Media
import TestSupport
import Testing

@Suite(.serialized) struct StillAndPipeTests {
    let folder = TemporaryFolder()

    @Test(
        "PNG of every kind comes in sample for sample",
        arguments: [
            ("gray", "gray", 8), ("rgb24", "gbrp", 8), ("rgba", "gbrap", 8),
            ("rgb48be", "gbrp16le", 16),
            ("gray16be", "gray16le", 16),
        ])
    func png(_ written: String, _ planar: String, _ depth: Int) throws {
        let path = folder("a.png")
        ffmpeg("-f lavfi -i testsrc2=s=37x23 -frames:v 1 -pix_fmt \(written) '\(path)'")
        let still = try StillReader(path: path)
        #expect(still.format.depth == depth)
        let frame = try #require(try still.next())
        #expect(try still.next() == nil)
        let expected = ffmpeg("-i '\(path)' -f rawvideo -pix_fmt \(planar) -")
        #expect(firstDifference(rawBytes(frame), expected) == nil)
    }

    @Test(
        "JPEG gives its own planes and its quantiser",
        arguments: ["yuvj420p", "yuvj422p", "yuvj444p"])
    func jpeg(_ format: String) throws {
        let path = folder("a.jpg")
        ffmpeg("-f lavfi -i testsrc2=s=75x53 -frames:v 1 -pix_fmt \(format) -qscale:v 3 '\(path)'")
        let still = try StillReader(path: path)
        let frame = try #require(try still.next())
        #expect(frame.format.name == format.replacingJ)
        #expect(frame.colour.isFullRange == true)
        #expect((frame.quantisers?.lumaSteps.first ?? 0) > 1)
        let expected = ffmpeg("-i '\(path)' -f rawvideo -pix_fmt \(format) -")
        let actual = rawBytes(frame)
        #expect(actual.count == expected.count)
        // Two integer transforms may round apart by a little.
        let worst = zip(actual, expected).map { abs(Int($0) - Int($1)) }.max() ?? 0
        #expect(worst <= 3)
    }

    @Test("Cut, oversized and empty pictures are refused")
    func badPictures() throws {
        let (png, jpeg) = (folder("a.png"), folder("a.jpg"))
        ffmpeg("-f lavfi -i testsrc2=s=200x200 -frames:v 1 '\(png)'")
        ffmpeg("-f lavfi -i testsrc2=s=200x200 -frames:v 1 -qscale:v 3 '\(jpeg)'")
        for path in [png, jpeg] {
            #expect(
                throws: MediaError.tooManyPixels(path: path, width: 200, height: 200, limit: 39_999)
            ) {
                _ = try StillReader(path: path, options: ReadOptions(maximumStillPixels: 39_999))
            }
            let bytes = readBytes(path)
            writeBytes(bytes[..<(bytes.count / 2)], to: path)
            #expect(throws: MediaError.self) { _ = try StillReader(path: path) }
        }
        let half = try StillReader(path: jpeg, options: ReadOptions(isLenient: true))
        #expect(half.concealedCount == 1)
    }

    @Test(
        "yuv4mpeg gives every sample",
        arguments: [
            "yuv420p", "yuv422p", "yuv444p", "gray", "yuv420p10le", "yuv444p12le",
        ])
    func y4m(_ format: String) throws {
        let path = folder("a.y4m")
        ffmpeg("-f lavfi -i testsrc2=s=37x23:r=24:d=0.5 -pix_fmt \(format) -strict -1 '\(path)'")
        let reader = try Y4MReader(path: path)
        let frames = try allFrames(reader)
        #expect(frames.count == 12)
        #expect(reader.frameRate == Rational(24, 1))
        let expected = ffmpeg("-i '\(path)' -f rawvideo -pix_fmt \(format) -")
        #expect(firstDifference(frames.flatMap(rawBytes), expected) == nil)
        let bytes = readBytes(path)
        writeBytes(bytes[..<(bytes.count - 100)], to: path)
        #expect(throws: MediaError.self) { _ = try allFrames(Y4MReader(path: path)) }
    }

    @Test("A sequence starts at any number and has no gaps")
    func sequence() throws {
        ffmpeg("-f lavfi -i testsrc2=s=32x32:r=10:d=0.5 -start_number 7 '\(folder("f%04d.png"))'")
        let rate = Rational(10, 1)
        let frames = try allFrames(SequenceReader(pattern: folder("f%04d.png"), frameRate: rate))
        #expect(frames.map(\.timestamp) == [0, 1, 2, 3, 4])
        _ = shell("rm '\(folder("f0009.png"))'")
        #expect(throws: MediaError.self) {
            _ = try SequenceReader(pattern: folder("f%04d.png"), frameRate: rate)
        }
    }

    @Test(
        "Fields are recognised whatever the flags say",
        arguments: [
            ("null", FieldPattern.progressive), ("setfield=tff", .progressive),
            ("tinterlace=interleave_top,setfield=prog", .topFirst),
            ("tinterlace=interleave_bottom,setfield=prog", .bottomFirst), ("telecine", .telecine),
            ("telecine=first_field=bottom", .telecine),
        ])
    func fields(_ filter: String, _ pattern: FieldPattern) throws {
        let path = folder("f.mkv")
        // A smooth texture on the move: rows of one sample, as in test charts, comb by themselves.
        let texture = "color=gray:s=320x240:r=50:d=2,noise=alls=100:all_seed=3,gblur=sigma=2"
        ffmpeg(
            "-f lavfi -i '\(texture),eq=contrast=3,scroll=h=0.012:v=0.005,\(filter)'"
                + " -pix_fmt yuv420p -c:v ffv1 '\(path)'")
        var detector = FieldOrderDetector()
        for frame in try allFrames(VideoReader(path: path)).prefix(45) { detector.add(frame) }
        #expect(detector.pattern == pattern)
    }

    @Test(
        "Fields of real clips are recognised", .enabled(if: dataFolder != nil),
        arguments: ["ntia_aspen_640x352", "davis_breakdance_416x240", "sam3_dancers_640x360"])
    func realFields(_ name: String) throws {
        let clip = dataFolder! + "/video/\(name).mkv"
        let expected: [(String, FieldPattern)] = [
            ("null", .progressive), ("tinterlace=interleave_top,setfield=prog", .topFirst),
            ("tinterlace=interleave_bottom,setfield=prog", .bottomFirst), ("telecine", .telecine),
            ("telecine=first_field=bottom:pattern=32", .telecine),
            ("telecine=pattern=2332", .telecine),
        ]
        for (filter, pattern) in expected {
            let path = folder("f.mkv")
            ffmpeg("-i '\(clip)' -vf '\(filter)' -c:v libx264 -preset veryfast -crf 23 '\(path)'")
            var detector = FieldOrderDetector()
            for frame in try allFrames(VideoReader(path: path)).prefix(45) { detector.add(frame) }
            #expect(detector.pattern == pattern, "\(filter)")
        }
    }

    @Test("An upright picture is what ffmpeg shows, within rounding")
    func upright() throws {
        let path = folder("u.png")
        ffmpeg("-f lavfi -i testsrc2=s=40x30 -frames:v 1 -pix_fmt rgb24 '\(path)'")
        var frame = try #require(try StillReader(path: path).next())
        #expect(
            firstDifference(
                frame.upright().pixels, ffmpeg("-i '\(path)' -f rawvideo -pix_fmt rgb24 -")) == nil)
        frame.rotation = 90
        let turned = ffmpeg("-i '\(path)' -vf transpose=clock -f rawvideo -pix_fmt rgb24 -")
        #expect(firstDifference(frame.upright().pixels, turned) == nil)
        frame.isMirrored = true
        let both = ffmpeg("-i '\(path)' -vf hflip,transpose=clock -f rawvideo -pix_fmt rgb24 -")
        #expect(firstDifference(frame.upright().pixels, both) == nil)
    }
}

extension String {
    fileprivate var replacingJ: String { "yuv" + dropFirst(4) }
}
