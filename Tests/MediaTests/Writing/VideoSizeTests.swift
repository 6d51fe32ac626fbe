import Glibc
import Media
import Testing

@Suite("The size of the output is what was asked for")
struct VideoSizeTests {
    /// Noise that changes in every frame: the hardest picture for an encoder.
    private func noise(_ count: Int, width: Int = 128, height: Int = 96, depth: Int = 8) -> [Frame]
    {
        var state: UInt64 = 7
        return patternFrames(
            count, width: width, height: height, format: FrameFormat(.yuv420, depth: depth),
            timeBase: Rational(1, 25)
        ).map { frame in
            for plane in frame.planes {
                plane.withUnsafeMutableBytes { base in
                    for index in 0..<plane.bytesPerRow * plane.height / plane.bytesPerSample {
                        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                        if depth == 8 {
                            base.storeBytes(
                                of: UInt8(truncatingIfNeeded: state >> 56), toByteOffset: index,
                                as: UInt8.self)
                        } else {
                            base.storeBytes(
                                of: UInt16(truncatingIfNeeded: state >> 54),
                                toByteOffset: 2 * index,
                                as: UInt16.self)
                        }
                    }
                }
            }
            return frame
        }
    }

    private func bits(_ path: String) -> Double {
        let sizes = ffprobe(path, ["-select_streams", "v:0", "-show_entries", "packet=size"])
        return sizes.compactMap { $0.split(separator: ",").first.flatMap { Double($0) } }
            .reduce(0, +) * 8
    }

    private func bitrate(
        _ policy: SizePolicy, _ name: String, source: Int64 = 300_000, depth: Int = 8,
        encoder: String? = nil
    ) throws -> Double {
        let folder = ScratchFolder()
        let frames = noise(75, depth: depth)
        var video = VideoDescription(frame: frames[0], frameRate: Rational(25, 1))
        video.duration = 3
        video.sourceBitrate = source
        let preset = encoder == nil ? "veryfast" : nil
        let writer = try VideoWriter(
            path: folder.file(name), video: video,
            settings: EncoderSettings(encoder: encoder, preset: preset, size: policy))
        try write(frames, writer)
        return bits(folder.file(name)) / 3
    }

    @Test(
        "By default no more than twice the source's video bits, even for noise",
        arguments: [("a.mp4", 8), ("b.mkv", 10)])
    func auto(_ name: String, _ depth: Int) throws {
        let rate = try bitrate(.auto, name, depth: depth)
        #expect(rate <= 600_000 * 1.02)
        #expect(rate >= 300_000)
        #expect(try bitrate(.max, name, depth: depth) > 1_200_000)
    }

    @Test("A factor and a size in bytes are met from below", arguments: [0.5, 1, 3])
    func factor(_ factor: Double) throws {
        let rate = try bitrate(.factor(factor), "a.mp4", source: 600_000)
        #expect(rate <= 600_000 * factor * 1.02)
        #expect(rate >= 600_000 * factor * 0.6)
    }

    @Test("A whole file stays within its bytes, sound included")
    func bytes() throws {
        let folder = ScratchFolder()
        let input = folder.clip(), output = folder.file("out.mp4")
        let plan = try StreamPlan(SourceStreams(path: input), into: .mp4, path: output)
        let frames = noise(50)
        var video = VideoDescription(frame: frames[0], frameRate: Rational(25, 1))
        video.duration = 2
        let writer = try VideoWriter(
            path: output, video: video,
            settings: EncoderSettings(preset: "veryfast", size: .bytes(200_000)), copying: plan)
        try write(frames, writer)
        #expect(contents(output).count <= 200_000)
        #expect(contents(output).count >= 120_000)
        #expect(packetHashes(output, "a:0") == packetHashes(input, "a:0"))
    }

    @Test(
        "A full disk stops the writer with 74 at once or at the end, and the old file stays",
        arguments: ["out.mp4", "out.mkv"])
    func diskFull(_ name: String) throws {
        let folder = ScratchFolder()
        let path = folder.file(name)
        put(Array("old".utf8), path)
        let frames = noise(60)
        // Limits within the header, among the packets, and in the very last flush.
        let complete = folder.file("whole" + name)
        try write(
            frames, try VideoWriter(path: complete, video: VideoDescription(frame: frames[0])))
        let size = contents(complete).count
        unlink(complete)
        for capacity in [10, 1000, size / 2, size - 100] {
            let error = #expect(throws: OutputError.self) {
                let writer = try VideoWriter(
                    path: path, video: VideoDescription(frame: frames[0]), overwrite: .replace,
                    capacity: capacity)
                try write(frames, writer)
            }
            #expect(error?.exitCode == 74)
            #expect(folder.names == [name])
            #expect(contents(path) == Array("old".utf8))
        }
    }

    @Test("An abandoned writer leaves nothing")
    func abandoned() throws {
        let folder = ScratchFolder()
        let frames = noise(5)
        do {
            let writer = try VideoWriter(
                path: folder.file("out.mkv"), video: VideoDescription(frame: frames[0]))
            for frame in frames { try writer.write(frame) }
            #expect(folder.names.count == 1)
        }
        #expect(folder.names.isEmpty)
    }
}
