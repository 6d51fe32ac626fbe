import Glibc
import Media
import Testing

@Suite("Nothing of the source but its video changes")
struct StreamCopierTests {
    @Test("A phone's film keeps sound, rotation, time code, dates and Apple's metadata")
    func phone() throws {
        let folder = ScratchFolder()
        let input = folder.phoneWithUnknownTrack(), output = folder.file("out.mov")
        let frames = enhancedFrames().map { frame in
            var frame = frame
            frame.rotation = 90
            return frame
        }
        let warnings = try enhance(input, to: output, frames: frames)
        #expect(warnings.count == 1)
        #expect(packetHashes(output, "a:0") == packetHashes(input, "a:0"))
        #expect(packetHashes(output, "a:0").count == 100)
        for tag in [
            "com.apple.quicktime.make", "com.apple.quicktime.location.ISO6709", "creation_time",
        ] {
            let value = probed(input, nil, "format_tags=\(tag)")
            #expect(!value.isEmpty && probed(output, nil, "format_tags=\(tag)") == value)
        }
        #expect(probed(output, "a:0", "stream_tags=language") == "ger")
        #expect(
            probed(output, "a:0", "stream_tags=creation_time")
                == probed(input, "a:0", "stream_tags=creation_time"))
        #expect(probed(output, "v:0", "stream_tags=timecode").contains("01:00:00:00"))
        #expect(probed(output, "d:0", "stream=codec_tag_string") == "tmcd")
        #expect(try MediaSource(path: output).info.video?.video?.rotation == 90)
    }

    @Test("Damaged sound is left out packet by packet and counted, or stops the job")
    func damagedSound() throws {
        let folder = ScratchFolder(), input = folder.file("in.ts")
        ffmpeg(["-i", folder.clip(), "-c", "copy", input])
        var bytes = contents(input)
        let packets = packetHashes(input, "a:0").count
        // The first two bytes of a packet of AAC say that it is one.
        let starts = bytes.indices.dropLast().filter { bytes[$0] == 0xff && bytes[$0 + 1] == 0xf1 }
        try #require(starts.count > 40)
        bytes[starts[31] + 1] = 0xe0
        put(bytes, input)

        let output = folder.file("out.mkv")
        let warnings = try enhance(input, to: output, frames: enhancedFrames())
        #expect(warnings.count == 1)
        let warning = try #require(warnings.first)
        #expect(warning.contains("damaged") && warning.contains("stream 1 (audio, aac)"))
        let kept = packetHashes(output, "a:0").count
        #expect(kept < packets && kept > packets - 8)

        var plan = try StreamPlan(
            SourceStreams(path: input), into: .matroska, path: folder.file("strict.mkv"))
        plan.stopsAtDamage = true
        let frames = enhancedFrames()
        let writer = try VideoWriter(
            path: folder.file("strict.mkv"), video: VideoDescription(frame: frames[0]),
            settings: EncoderSettings(preset: "ultrafast"), copying: plan)
        #expect {
            try write(frames, writer)
        } throws: { error in
            (error as? MediaError)?.exitCode == 65 && "\(error)".contains("stream 1 (audio, aac)")
        }
        #expect(access(folder.file("strict.mkv"), F_OK) != 0)
    }

    @Test("Every way to hold a camera survives")
    func orientations() throws {
        let folder = ScratchFolder()
        for rotation in [0, 90, 180, 270] {
            for isMirrored in [false, true] {
                let output = folder.file("\(rotation)\(isMirrored).mp4")
                var frames = enhancedFrames()
                frames.removeLast(48)
                for index in frames.indices {
                    frames[index].rotation = rotation
                    frames[index].isMirrored = isMirrored
                }
                let writer = try VideoWriter(
                    path: output, video: VideoDescription(frame: frames[0]))
                try write(frames, writer)
                let video = try MediaSource(path: output).info.video?.video
                #expect(video?.rotation == rotation && video?.isMirrored == isMirrored)
                #expect(throws: OutputError.self) {
                    guard rotation != 0 || isMirrored else {
                        throw OutputError.unknownContainer(path: "", known: "")
                    }
                    try VideoWriter.check(
                        path: "out.avi", video: VideoDescription(frame: frames[0]),
                        settings: EncoderSettings())
                }
            }
        }
    }

    @Test("An action camera's telemetry is copied")
    func telemetry() throws {
        let folder = ScratchFolder()
        let input = folder.renamingTimeCode(
            to: "gpmd", in: folder.clip("made.mp4", ["-timecode", "01:00:00:00"]))
        let output = folder.file("out.mp4")
        let warnings = try enhance(input, to: output, frames: enhancedFrames())
        #expect(warnings.isEmpty)
        #expect(packetHashes(input, "d:0").count == 1)
        #expect(packetHashes(output, "d:0") == packetHashes(input, "d:0"))
        #expect(probed(output, "d:0", "stream=codec_tag_string").contains("gpmd"))
    }

    @Test("A film keeps both languages, subtitles, chapters and its font")
    func film() throws {
        let folder = ScratchFolder()
        let input = folder.film(), output = folder.file("out.mkv")
        let warnings = try enhance(
            input, to: output, frames: enhancedFrames(timeBase: Rational(1, 1000), step: 40))
        #expect(warnings.isEmpty)
        for stream in ["a:0", "a:1", "s:0", "s:1"] {
            #expect(packetHashes(output, stream) == packetHashes(input, stream))
            #expect(!packetHashes(output, stream).isEmpty)
            #expect(packetTimes(output, stream) == packetTimes(input, stream))
            for entry in ["stream_tags=language,title", "stream_disposition=default,forced"] {
                #expect(probed(output, stream, entry) == probed(input, stream, entry))
            }
        }
        #expect(
            probed(output, nil, "chapter=start_time,end_time:chapter_tags=title")
                == probed(input, nil, "chapter=start_time,end_time:chapter_tags=title"))
        #expect(probed(output, nil, "chapter_tags=title").contains("Two"))
        #expect(probed(output, nil, "format_tags=title") == "Film")
        tool([
            "ffmpeg", "-v", "quiet", "-dump_attachment:t:0", folder.file("dumped.ttf"), "-i",
            output,
        ])
        #expect(contents(folder.file("dumped.ttf")) == contents(folder.file("font.ttf")))
    }

    @Test("Text subtitles become the container's own and say the same at the same time")
    func convertsSubtitles() throws {
        let folder = ScratchFolder()
        let input = folder.film(), output = folder.file("out.mp4"), back = folder.file("back.mkv")
        try enhance(input, to: output, frames: enhancedFrames())
        #expect(probed(output, "s:0", "stream=codec_name") == "mov_text")
        try enhance(output, to: back, frames: enhancedFrames())
        #expect(probed(back, "s:1", "stream=codec_name") == "subrip")
        for path in [output, back] {
            ffmpeg(["-copyts", "-i", path, "-map", "0:s:1", "-c:s", "srt", folder.file("said.srt")])
            let said = String(decoding: contents(folder.file("said.srt")), as: UTF8.self)
            #expect(said.contains("00:00:00,200 --> 00:00:00,900\nHello"))
            #expect(said.contains("00:00:01,000 --> 00:00:01,800\n<i>World</i>"))
        }
        #expect(probed(output, nil, "chapter_tags=title") == "One|Two")
    }

    @Test(
        "Sound and picture keep their offset, whatever it is",
        arguments: [(0.0, "out.mp4"), (0.35, "out.mp4"), (0.35, "out.mkv"), (-0.3, "out.mov")])
    func offset(_ delay: Double, _ name: String) throws {
        let folder = ScratchFolder()
        let clip = folder.clip(), input = folder.file("in.mp4"), output = folder.file(name)
        // A late sound, or a late picture.
        let late = delay >= 0 ? ["-map", "0:v", "-map", "1:a"] : ["-map", "1:v", "-map", "0:a"]
        ffmpeg(
            ["-i", clip, "-itsoffset", "\(abs(delay))", "-i", clip] + late + ["-c", "copy", input])
        let first = videoTicks(input)[0]
        let frames = enhancedFrames().map { frame in
            var frame = frame
            frame.timestamp += first
            return frame
        }
        try enhance(input, to: output, frames: frames)
        #expect(packetHashes(output, "a:0") == packetHashes(input, "a:0"))
        let before = packetTimes(input, "a:0")[0] - packetTimes(input, "v:0")[0]
        let after = packetTimes(output, "a:0")[0] - packetTimes(output, "v:0")[0]
        #expect(abs(before - delay) < 0.05)
        #expect(abs(after - before) <= 0.0011)
        // Matroska and QuickTime have a place for sound that begins early: the picture stays.
        #expect(abs(packetTimes(output, "v:0")[0] - packetTimes(input, "v:0")[0]) < 0.0006)
    }

    @Test(
        "The padding of Opus moves neither sound nor picture",
        arguments: [
            ("in.mp4", "out.mkv"), ("in.mkv", "out.mkv"), ("in.webm", "out.webm"),
            ("in.mp4", "out.webm"), ("in.mkv", "out.mp4"),
        ])
    func opus(_ source: String, _ name: String) throws {
        let folder = ScratchFolder()
        let input = folder.file(source), output = folder.file(name)
        let codec = source == "in.webm" ? ["-c:v", "libvpx-vp9"] : ["-c:v", "libx264", "-bf", "2"]
        ffmpeg(
            ["-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=2,format=yuv420p"]
                + ["-f", "lavfi", "-i", "sine=d=2:r=48000"] + codec + ["-c:a", "libopus", input])
        let first = Int64((packetTimes(input, "v:0")[0] * 1000).rounded())
        let frames = enhancedFrames(timeBase: Rational(1, 1000), step: 40).map { frame in
            var frame = frame
            frame.timestamp += first
            return frame
        }
        let plan = try StreamPlan(
            SourceStreams(path: input), into: Container(path: output)!, path: output)
        let writer = try VideoWriter(
            path: output, video: VideoDescription(frame: frames[0], frameRate: Rational(25, 1)),
            settings: EncoderSettings(encoder: name == "out.webm" ? "libvpx-vp9" : "libx264"),
            copying: plan)
        try write(frames, writer)
        #expect(packetHashes(output, "a:0") == packetHashes(input, "a:0"))
        for stream in ["a:0", "v:0"] {
            let before = packetTimes(input, stream), after = packetTimes(output, stream)
            #expect(before.count == after.count)
            let largest = zip(before, after).map { abs($0 - $1) }.max() ?? 1
            #expect(largest <= 0.0011, "\(stream): \(before[0]) became \(after[0])")
        }
    }

    @Test("A cut shifts every stream by the same time", arguments: ["out.mp4", "out.mkv"])
    func cut(_ name: String) throws {
        let folder = ScratchFolder()
        let input = folder.film(), output = folder.file(name)
        // From 0.4 s to 1.2 s: frames 10 to 29.
        let base = Rational(1, 1000)
        let frames = Array(enhancedFrames(timeBase: base, step: 40)[10..<30])
        let timeline = Timeline(timeBase: base, origin: 400, start: 400, end: 1200)
        try enhance(input, to: output, frames: frames, timeline: timeline)
        #expect(packetTimes(output, "v:0").count == 20)
        #expect(packetTimes(output, "v:0")[0] == 0)
        for stream in ["a:0", "a:1"] {
            let before = packetTimes(input, stream).filter { $0 >= 0.4 && $0 < 1.2 }
            let after = packetTimes(output, stream)
            #expect(after.count == before.count && !after.isEmpty)
            for (a, b) in zip(after, before) { #expect(abs(a - (b - 0.4)) <= 0.0011) }
        }
        // The first subtitle was already shown at the cut; the second begins within it.
        ffmpeg(["-copyts", "-i", output, "-map", "0:s:1", "-c:s", "srt", folder.file("said.srt")])
        let said = String(decoding: contents(folder.file("said.srt")), as: UTF8.self)
        #expect(said.contains("00:00:00,000 --> 00:00:00,500\nHello"))
        #expect(said.contains("00:00:00,600 -->"))
        #expect(
            ffprobe(output, ["-show_entries", "chapter=start_time,end_time"])
                == ["0.000000,0.500000", "0.500000,0.800000"])
    }

    @Test("A cut advances the time code by the frames that are cut away")
    func timecode() throws {
        let folder = ScratchFolder()
        let input = folder.phone(), output = folder.file("out.mov")
        let frames = Array(enhancedFrames()[30...]).map { frame in
            var frame = frame
            frame.rotation = 90
            return frame
        }
        let start = frames[0].timestamp
        let timeline = Timeline(timeBase: frames[0].timeBase, origin: start, start: start)
        try enhance(input, to: output, frames: frames, timeline: timeline)
        #expect(probed(output, "v:0", "stream_tags=timecode").contains("01:00:01:05"))
    }

    @Test("A source without sound, and a source of video alone, are fine")
    func noAudio() throws {
        let folder = ScratchFolder()
        let input = folder.clip("silent.mp4", ["-an"])
        try enhance(input, to: folder.file("out.mp4"), frames: enhancedFrames())
        #expect(
            ffprobe(folder.file("out.mp4"), ["-show_entries", "stream=codec_type"]) == ["video"])
    }

    @Test("Sound of a transport stream loses only its packaging")
    func transportStream() throws {
        let folder = ScratchFolder()
        let input = folder.clip("in.ts"), output = folder.file("out.mkv")
        let base = Rational(1, 90000), start = videoTicks(input)[0]
        let frames = enhancedFrames(timeBase: base, step: 3600).map { frame in
            var frame = frame
            frame.timestamp += start
            return frame
        }
        try enhance(
            input, to: output, frames: frames, timeline: Timeline(timeBase: base, origin: start))
        let decoded = [input, output].map {
            tool(["ffmpeg", "-v", "error", "-i", $0, "-map", "0:a", "-f", "md5", "-"]).output
        }
        #expect(decoded[0] == decoded[1] && decoded[0].hasPrefix("MD5="))
        let before = packetTimes(input, "a:0")[0] - packetTimes(input, "v:0")[0]
        let after = packetTimes(output, "a:0")[0] - packetTimes(output, "v:0")[0]
        #expect(abs(after - before) <= 0.0011)
    }
}
