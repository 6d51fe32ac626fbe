import Media
import Testing

@Suite("Closed captions inside the pictures")
struct CaptionTests {
    /// Frames that say "HI" over and over in CEA-608, two characters a frame, with odd parity.
    private func captioned(_ count: Int) -> [Frame] {
        let pairs: [[UInt8]] = [[0x94, 0x20], [0x94, 0xD0], [0xC8, 0x49], [0x94, 0x2F]]
        return patternFrames(
            count, width: 64, height: 48, format: FrameFormat(.yuv420), timeBase: Rational(1, 25)
        ).enumerated().map { index, frame in
            var frame = frame
            frame.captions = [0xFC] + pairs[index % pairs.count]
            return frame
        }
    }

    private func captions(_ path: String) throws -> [[UInt8]] {
        let reader = try VideoReader(path: path)
        var all: [[UInt8]] = []
        while let frame = try reader.next() { all.append(frame.captions) }
        return all
    }

    @Test(
        "Captions come out of x264 with the pictures that they went in with",
        arguments: ["out.mp4", "out.mkv", "out.ts"])
    func carried(_ name: String) throws {
        let folder = ScratchFolder()
        let path = folder.file(name), frames = captioned(20)
        let writer = try VideoWriter(
            path: path, video: VideoDescription(frame: frames[0]),
            settings: EncoderSettings(encoder: "libx264"))
        try write(frames, writer)
        #expect(try captions(path) == frames.map(\.captions))
        #expect(writer.warnings.isEmpty)
        let seen = ffprobe(path, ["-show_entries", "frame_side_data=side_data_type"])
        #expect(seen.contains { $0.contains("ATSC A53") })
    }

    @Test("Captions of MPEG-2 broadcasts are read")
    func broadcast() throws {
        let folder = ScratchFolder()
        let frames = captioned(20)
        let path = folder.file("in.mp4"), broadcast = folder.file("in.ts")
        try write(
            frames,
            try VideoWriter(
                path: path, video: VideoDescription(frame: frames[0]),
                settings: EncoderSettings(encoder: "libx264")))
        ffmpeg(["-i", path, "-c:v", "mpeg2video", "-bf", "2", broadcast])
        #expect(try captions(broadcast).filter { !$0.isEmpty } == frames.map(\.captions))
    }

    @Test("An encoder that cannot carry captions says so once; without captions it says nothing")
    func lost() throws {
        let folder = ScratchFolder()
        let frames = captioned(5)
        for (name, count) in [("with.webm", 1), ("without.webm", 0)] {
            let writer = try VideoWriter(
                path: folder.file(name), video: VideoDescription(frame: frames[0]),
                settings: EncoderSettings(encoder: "libvpx-vp9"))
            try write(
                frames.map {
                    var frame = $0
                    if count == 0 { frame.captions = [] }
                    return frame
                }, writer)
            #expect(writer.warnings.filter { $0.contains("captions") }.count == count)
        }
    }
}
