import Glibc
import Media
import Testing

@Suite("The output describes its video as the source did")
struct VideoTrackTests {
    private func written(
        _ name: String, _ format: FrameFormat, in folder: ScratchFolder,
        settings: EncoderSettings = EncoderSettings(preset: "ultrafast"), width: Int = 64,
        height: Int = 48, edit: (inout VideoDescription) -> Void = { _ in }
    ) throws -> (path: String, writer: VideoWriter) {
        let frames = patternFrames(6, width: width, height: height, format: format)
        var video = VideoDescription(frame: frames[0], frameRate: Rational(25, 1))
        edit(&video)
        let path = folder.file(name)
        let writer = try VideoWriter(path: path, video: video, settings: settings)
        try write(frames, writer)
        return (path, writer)
    }

    @Test(
        "The encoder follows container and depth, and the samples' layout stays",
        arguments: [
            ("a.mp4", FrameFormat(.yuv420), "h264", "yuv420p"),
            ("b.mkv", FrameFormat(.yuv444), "h264", "yuv444p"),
            ("c.mov", FrameFormat(.gray), "h264", "yuv420p"),
            ("d.mp4", FrameFormat(.yuv420, depth: 10), "hevc", "yuv420p10le"),
            ("e.mkv", FrameFormat(.yuv422, depth: 12), "hevc", "yuv422p12le"),
            ("f.mkv", FrameFormat(.rgb), "h264", "gbrp"),
            ("g.mkv", FrameFormat(.yuv420, hasAlpha: true), "ffv1", "yuva420p"),
            ("h.avi", FrameFormat(.yuv420), "h264", "yuv420p"),
            ("i.ts", FrameFormat(.yuv420), "h264", "yuv420p"),
        ])
    func encoders(_ name: String, _ format: FrameFormat, _ codec: String, _ layout: String) throws {
        let folder = ScratchFolder()
        let (path, _) = try written(name, format, in: folder)
        let said = Set(ffprobe(path, ["-show_entries", "stream=codec_name,pix_fmt"]))
        #expect(said == ["\(codec),\(layout)"])
        #expect(
            ffprobe(path, ["-select_streams", "v:0", "-show_entries", "packet=size"]).count >= 6)
        if codec == "hevc", name.hasSuffix("mp4") {
            #expect(probed(path, "v:0", "stream=codec_tag_string") == "hvc1")
        }
    }

    @Test(
        "Where only the size is limited AV1 writes, unless the person speaks another encoder's words",
        arguments: [
            (EncoderSettings(), "libsvtav1"), (EncoderSettings(preset: "9"), "libsvtav1"),
            (EncoderSettings(preset: "slow"), "libx264"), (EncoderSettings(crf: 20), "libx264"),
            (EncoderSettings(tune: "grain"), "libx264"), (EncoderSettings(size: .max), "libx264"),
            (EncoderSettings(encoder: "x265"), "libx265"),
        ])
    func savingBits(_ settings: EncoderSettings, _ expected: String) throws {
        var video = VideoDescription(
            frame: patternFrames(1, width: 96, height: 80, format: FrameFormat(.yuv420))[0],
            frameRate: Rational(25, 1))
        func chosen(_ path: String) throws -> String {
            try VideoWriter.check(path: path, video: video, settings: settings).rawValue
        }
        #expect(try chosen("a.mp4") != "libsvtav1", "nothing limits the size")
        video.sourceBitrate = 100_000
        #expect(try chosen("a.mp4") == expected)
        #expect(try chosen("a.mov") == (expected == "libsvtav1" ? "libx264" : expected))
        video.fieldOrder = .topFirst
        if settings.encoder == nil { #expect(try chosen("a.mp4") == "libx264") }
        video.fieldOrder = .progressive
        video.colour.transfer = 16
        video.format.depth = 10
        if expected == "libsvtav1" { #expect(try chosen("a.mkv") == "libx265") }
    }

    @Test("An AV1 file that is given up leaves nothing, whatever it held", arguments: [0, 1, 7])
    func abandoned(_ count: Int) throws {
        let folder = ScratchFolder()
        let frames = patternFrames(8, width: 96, height: 80, format: FrameFormat(.yuv420))
        let path = folder.file("a.mkv")
        do {
            let writer = try VideoWriter(
                path: path, video: VideoDescription(frame: frames[0], frameRate: Rational(25, 1)),
                settings: EncoderSettings(encoder: "av1", preset: "12"))
            try frames.prefix(count).forEach(writer.write)
            writer.abandon()
        }
        #expect(access(path, F_OK) != 0)
    }

    @Test(
        "Pictures too small for SVT-AV1 become VP9 in WebM; whoever names that encoder is told so",
        arguments: [(64, 48), (48, 64), (63, 63), (16, 16)])
    func smallWebM(_ width: Int, _ height: Int) throws {
        let folder = ScratchFolder()
        let (path, writer) = try written(
            "a.webm", FrameFormat(.yuv420), in: folder, settings: EncoderSettings(crf: 40),
            width: width, height: height, edit: { $0.sourceBitrate = 100_000 })
        #expect(writer.encoder == .vp9)
        #expect(probed(path, "v:0", "stream=codec_name,width,height") == "vp9,\(width),\(height)")
        let error = #expect(throws: OutputError.self) {
            try written(
                "b.webm", FrameFormat(.yuv420), in: folder,
                settings: EncoderSettings(encoder: "av1"), width: width, height: height)
        }
        #expect("\(error!)".contains("\(width)x\(height)") && "\(error!)".contains("libvpx-vp9"))
        #expect(error?.exitCode == 64 && folder.names == ["a.webm"])
    }

    @Test("WebM gets AV1, or VP9 where AV1 lacks the layout")
    func webm() throws {
        let folder = ScratchFolder()
        let (av1, _) = try written(
            "a.webm", FrameFormat(.yuv420), in: folder, settings: EncoderSettings(preset: "12"),
            width: 96, height: 80)
        #expect(probed(av1, "v:0", "stream=codec_name") == "av1")
        let (vp9, _) = try written(
            "b.webm", FrameFormat(.yuv444), in: folder, settings: EncoderSettings(preset: "5"))
        #expect(probed(vp9, "v:0", "stream=codec_name") == "vp9")
    }

    @Test("What an encoder or container cannot hold is refused before any work")
    func refused() {
        let folder = ScratchFolder()
        for (name, format, encoder) in [
            ("a.mp4", FrameFormat(.yuv420, hasAlpha: true), nil),
            ("b.webm", FrameFormat(.gray), nil),
            ("c.mkv", FrameFormat(.yuv420, depth: 12), "libx264"),
            ("d.mp4", FrameFormat(.yuv420), "ffv1"), ("e.mkv", FrameFormat(.yuv420), "cinepak"),
        ] as [(String, FrameFormat, String?)] {
            #expect(throws: OutputError.self) {
                try written(name, format, in: folder, settings: EncoderSettings(encoder: encoder))
            }
        }
        #expect(throws: OutputError.self) {
            try written(
                "f.mkv", FrameFormat(.yuv420), in: folder,
                settings: EncoderSettings(options: [("no-such-option", "1")]))
        }
        #expect(throws: OutputError.self) {
            try written(
                "g.mkv", FrameFormat(.yuv420), in: folder, settings: EncoderSettings(preset: "warp")
            )
        }
        #expect(folder.names.isEmpty)
    }

    @Test(
        "Colour, range, chroma location and pixel aspect are carried",
        arguments: ["a.mp4", "b.mkv", "c.mov"])
    func colour(_ name: String) throws {
        let folder = ScratchFolder()
        for (depth, isFull) in [(8, true), (8, false), (10, false)] {
            let (path, _) = try written(
                "\(depth)\(isFull)" + name, FrameFormat(.yuv420, depth: depth), in: folder
            ) {
                $0.colour = ColourTags(
                    primaries: 9, transfer: 14, matrix: 9, chromaLocation: 3, isFullRange: isFull)
                $0.sampleAspectRatio = Rational(4, 3)
            }
            let video = try #require(try MediaSource(path: path).info.video?.video)
            #expect(
                video.colour
                    == ColourTags(
                        primaries: 9, transfer: 14, matrix: 9, chromaLocation: 3,
                        isFullRange: isFull))
            #expect(video.sampleAspectRatio == Rational(4, 3))
        }
    }

    @Test("Static HDR data is in the stream and in the container", arguments: ["a.mp4", "b.mkv"])
    func hdr(_ name: String) throws {
        let folder = ScratchFolder()
        var hdr = HDRInfo()
        hdr.fixed = HDRMetadata(
            mastering: HDRMetadata.MasteringDisplay(
                red: [Rational(34000, 50000), Rational(16000, 50000)],
                green: [Rational(13250, 50000), Rational(34500, 50000)],
                blue: [Rational(7500, 50000), Rational(3000, 50000)],
                white: [Rational(15635, 50000), Rational(16450, 50000)],
                minimumLuminance: Rational(50, 10000), maximumLuminance: Rational(1000, 1)),
            maximumContentLight: 1000, maximumFrameAverageLight: 400)
        hdr.dolbyVisionProfile = 8
        hdr.hasHDR10Plus = true
        let (path, writer) = try written(name, FrameFormat(.yuv420, depth: 10), in: folder) {
            $0.colour = ColourTags(
                primaries: 9, transfer: 16, matrix: 9, chromaLocation: 1, isFullRange: false)
            $0.hdr = hdr
        }
        #expect(writer.warnings.count == 2)
        let inContainer = try #require(try MediaSource(path: path).info.video?.video?.hdr.fixed)
        #expect(
            inContainer.maximumContentLight == 1000 && inContainer.maximumFrameAverageLight == 400)
        let display = try #require(inContainer.mastering), wanted = hdr.fixed.mastering!
        for (a, b) in [
            (display.red, wanted.red), (display.green, wanted.green), (display.blue, wanted.blue),
            (display.white, wanted.white),
        ] {
            for (x, y) in zip(a, b) { #expect(abs(x.value - y.value) < 1e-4) }
        }
        #expect(abs(display.maximumLuminance.value - 1000) < 0.01)
        // In the bitstream itself, by the decoder.
        ffmpeg(["-i", path, "-c", "copy", "-bsf:v", "hevc_mp4toannexb", folder.file("raw.hevc")])
        let said = ffprobe(
            folder.file("raw.hevc"),
            ["-show_frames", "-read_intervals", "%+#1", "-show_entries", "frame_side_data"]
        ).joined()
        #expect(said.contains("13250/50000") && said.contains("10000000/10000"))
        #expect(said.contains("1000,400"))
    }

    @Test("Dolby Vision profile 5 is refused with 65")
    func dolbyVision5() {
        let folder = ScratchFolder()
        let error = #expect(throws: MediaError.self) {
            try written("a.mp4", FrameFormat(.yuv420, depth: 10), in: folder) {
                var hdr = HDRInfo()
                hdr.dolbyVisionProfile = 5
                $0.hdr = hdr
            }
        }
        #expect(error?.exitCode == 65)
    }

    @Test(
        "Interlaced video is coded as such, in the order of its fields",
        arguments: [("a.mp4", FieldOrder.topFirst, "tt"), ("b.mkv", .bottomFirst, "bb")])
    func interlaced(_ name: String, _ order: FieldOrder, _ said: String) throws {
        let folder = ScratchFolder()
        for encoder in name.hasSuffix("mkv") ? [nil, "ffv1"] : [nil] {
            let (path, _) = try written(
                (encoder ?? "") + name, FrameFormat(.yuv420), in: folder,
                settings: EncoderSettings(encoder: encoder)
            ) { $0.fieldOrder = order }
            #expect(probed(path, "v:0", "stream=field_order") == said)
            let frames = ffprobe(
                path, ["-show_frames", "-show_entries", "frame=interlaced_frame,top_field_first"])
            let flags = Set(frames.map { String($0.prefix(3)) })
            #expect(flags == [order == .topFirst ? "1,1" : "1,0"])
        }
    }

    @Test("The index of an MP4 lies before its samples")
    func fastStart() throws {
        let folder = ScratchFolder()
        let (path, _) = try written("a.mp4", FrameFormat(.yuv420), in: folder)
        let bytes = contents(path)
        func position(_ name: String) -> Int? {
            let letters = Array(name.utf8)
            return (0..<bytes.count - 4).first { Array(bytes[$0..<$0 + 4]) == letters }
        }
        #expect(position("moov")! < position("mdat")!)
    }

    @Test("Odd sizes are coded with a repeated edge, and said so; FFV1 and VP9 need none")
    func oddSize() throws {
        let folder = ScratchFolder()
        let (path, writer) = try written(
            "a.mp4", FrameFormat(.yuv420), in: folder, width: 65, height: 49)
        #expect(probed(path, "v:0", "stream=width,height") == "66,50")
        #expect(writer.warnings.count == 1)
        let (exact, silent) = try written(
            "a.mkv", FrameFormat(.yuv420), in: folder, settings: EncoderSettings(encoder: "ffv1"),
            width: 65, height: 49)
        #expect(probed(exact, "v:0", "stream=width,height") == "65,49")
        #expect(silent.warnings.isEmpty)
    }
}
