import Glibc
import Media
import Testing

@Suite("Every frame keeps its time")
struct VideoTimeTests {
    private func frames(
        _ ticks: [Int64], _ timeBase: Rational, last: Int64, height: Int = 48
    ) -> [Frame] {
        let made = patternFrames(
            ticks.count, width: 64, height: height, format: FrameFormat(.yuv420), timeBase: timeBase
        )
        return zip(made, ticks.indices).map { frame, index in
            var frame = frame
            frame.timestamp = ticks[index]
            frame.duration = index + 1 < ticks.count ? ticks[index + 1] - ticks[index] : last
            return frame
        }
    }

    @Test(
        "MP4 and MOV hold the source's ticks exactly: 29.97, 23.976, Apple's 600, milliseconds, VFR",
        arguments: [
            (Rational(1, 30000), (0..<30).map { $0 * 1001 }, Int64(1001)),
            (Rational(1, 24000), (0..<30).map { 48048 + $0 * 1001 }, 1001),
            (Rational(1001, 30000), (0..<30).map { $0 }, 1),
            (Rational(1, 600), (0..<30).map { $0 * 20 }, 20),
            (Rational(1, 1000), [0, 33, 67, 100, 133, 900, 901, 2000, 2033, 5000], 500),
            (Rational(1, 90000), [3003, 6006, 6007, 50000, 90001, 90500], 3003),
        ] as [(Rational, [Int64], Int64)])
    func exact(_ timeBase: Rational, _ ticks: [Int64], _ last: Int64) throws {
        let folder = ScratchFolder()
        for name in ["out.mp4", "out.mov"] {
            let all = frames(ticks, timeBase, last: last), path = folder.file(name)
            let writer = try VideoWriter(
                path: path, video: VideoDescription(frame: all[0], frameRate: Rational(30, 1)))
            try write(all, writer)
            let scale = Int64(timeBase.numerator)
            #expect(videoTicks(path) == ticks.map { $0 * scale })
            #expect(probed(path, "v:0", "stream=time_base") == "1/\(timeBase.denominator)")
            // The last frame is shown as long as it was.
            let end = Double(ticks.last! + last) * timeBase.value
            let said = Double(probed(path, nil, "format=duration"))!
            #expect(
                abs(said - end) < 0.002
                    || abs(said - (end - Double(ticks[0]) * timeBase.value)) < 0.002)
        }
    }

    @Test("Matroska holds every tick to the nearest millisecond")
    func milliseconds() throws {
        let folder = ScratchFolder()
        let ticks = (0..<60).map { Int64($0) * 1001 }, path = folder.file("out.mkv")
        let all = frames(ticks, Rational(1, 30000), last: 1001)
        try write(
            all,
            try VideoWriter(
                path: path, video: VideoDescription(frame: all[0], frameRate: Rational(30000, 1001))
            ))
        #expect(videoTicks(path) == ticks.map { ($0 + 15) / 30 })
    }

    @Test("Frames whose time does not advance move by one tick and are counted")
    func repeated() throws {
        let folder = ScratchFolder()
        let all = frames([0, 10, 10, 9, 40], Rational(1, 1000), last: 10)
        let writer = try VideoWriter(
            path: folder.file("out.mp4"), video: VideoDescription(frame: all[0]))
        try write(all, writer)
        #expect(videoTicks(folder.file("out.mp4")) == [0, 10, 11, 12, 40])
        #expect(writer.adjustedTimestamps == 2 && writer.warnings.count == 1)
    }

    @Test("Frames closer together than the container's tick stay apart")
    func closerThanATick() throws {
        let folder = ScratchFolder(), path = folder.file("out.mkv")
        let all = frames([0, 100, 101, 102, 4000], Rational(1, 12800), last: 512)
        let writer = try VideoWriter(path: path, video: VideoDescription(frame: all[0]))
        try write(all, writer)
        #expect(videoTicks(path) == [0, 8, 9, 10, 313])
        #expect(writer.adjustedTimestamps == 2)
    }

    @Test(
        "AV1 takes films of any rate: a frame in 50 seconds, 480 a second",
        arguments: [Rational(1, 50), Rational(480, 1)])
    func unusualRates(_ rate: Rational) throws {
        let folder = ScratchFolder(), path = folder.file("out.mp4")
        let unit = Rational(rate.denominator, rate.numerator)
        let all = frames([0, 1, 2, 3], unit, last: 1, height: 64)
        var settings = EncoderSettings()
        settings.encoder = "libsvtav1"
        try write(
            all,
            try VideoWriter(
                path: path, video: VideoDescription(frame: all[0], frameRate: rate),
                settings: settings))
        let times = packetTimes(path, "v:0").sorted()
        #expect(zip(times, [0, 1, 2, 3]).allSatisfy { abs($0 - $1 / rate.value) < 1e-5 })
        #expect(times.count == 4)
    }

    @Test(
        "What is read, written without loss and read again is the same, frame by frame",
        arguments: ["yuv420p", "yuv422p10le", "yuv444p", "gray", "gbrp", "yuva420p"])
    func roundTrip(_ name: String) throws {
        let folder = ScratchFolder()
        let input = folder.file("in.mkv"), output = folder.file("out.mkv")
        ffmpeg([
            "-f", "lavfi", "-i", "testsrc2=s=66x50:r=30000/1001:d=1", "-pix_fmt", name, "-c:v",
            "ffv1",
            input,
        ])
        let first = try VideoReader(path: input)
        var frames: [Frame] = []
        while let frame = try first.next() { frames.append(frame) }
        #expect(frames.count == 30)
        let plan = try StreamPlan(SourceStreams(path: input), into: .matroska, path: output)
        let writer = try VideoWriter(
            path: output, video: VideoDescription(info: plan.source.info, frame: frames[0]),
            settings: EncoderSettings(encoder: "ffv1"), copying: plan)
        try write(frames, writer)
        let second = try VideoReader(path: output)
        for frame in frames {
            let copy = try #require(try second.next())
            #expect(copy.timestamp == frame.timestamp && copy.timeBase == frame.timeBase)
            #expect(copy.format == frame.format && copy.colour == frame.colour)
            let isSame = rawBytes([copy]) == rawBytes([frame])
            #expect(isSame)
        }
        #expect(try second.next() == nil)
    }
}
