// Files as cameras, phones and rippers make them, in miniature.
import Media

/// A video of 50 frames, 64x48 at 25 a second, in the order of ffmpeg's arguments.
private let video = ["-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=2,format=yuv420p"]
private let x264 = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "2"]

extension ScratchFolder {
    /// Mono AMR: valid frame headers around arbitrary bits, which decoders accept.
    func amr() -> String {
        var bytes = Array("#!AMR\n".utf8)
        var state: UInt32 = 1
        for _ in 0..<100 {
            bytes.append(0x3C)
            for _ in 0..<31 {
                state = state &* 1_664_525 &+ 1_013_904_223
                bytes.append(UInt8(truncatingIfNeeded: state >> 24))
            }
        }
        put(bytes, file("voice.amr"))
        return file("voice.amr")
    }

    /// Two events, one of them in italics.
    func srt() -> String {
        let text = """
            1
            00:00:00,200 --> 00:00:00,900
            Hello

            2
            00:00:01,000 --> 00:00:01,800
            <i>World</i>


            """
        put(Array(text.utf8), file("subs.srt"))
        return file("subs.srt")
    }

    /// A phone's QuickTime film: rotated, mono AMR, time code, Apple's metadata, a track nobody knows.
    func phone() -> String {
        let made = file("made.mov"), path = file("phone.mov")
        ffmpeg(
            video + ["-i", amr()] + x264 + [
                "-c:a", "copy", "-timecode", "01:00:00:00", "-metadata:s:a", "language=ger",
                "-movflags", "use_metadata_tags", "-metadata",
                "com.apple.quicktime.make=Apple", "-metadata",
                "com.apple.quicktime.location.ISO6709=+52.5+013.4/", "-metadata",
                "creation_time=2024-05-06T07:08:09Z", made,
            ])
        put(contents(made), path)
        return path
    }

    /// The same whose time code track is renamed to one of Apple's `mebx` tracks.
    func phoneWithUnknownTrack() -> String { renamingTimeCode(to: "mebx", in: phone()) }

    /// Gives the time code track of a file another kind: a data track as cameras write them.
    func renamingTimeCode(to kind: String, in path: String) -> String {
        var bytes = contents(path)
        let from = Array("tmcd".utf8), to = Array(kind.utf8)
        for index in 0..<(bytes.count - 4) where bytes[index] == from[0] {
            guard Array(bytes[index..<index + 4]) == from else { continue }
            bytes.replaceSubrange(index..<index + 4, with: to)
        }
        put(bytes, path)
        return path
    }

    /// A film as rippers make it: two languages, two subtitles, chapters, a font, a cover.
    func film() -> String {
        let chapters = """
            ;FFMETADATA1
            title=Film
            [CHAPTER]
            TIMEBASE=1/1000
            START=0
            END=900
            title=One
            [CHAPTER]
            TIMEBASE=1/1000
            START=900
            END=2000
            title=Two

            """
        put(Array(chapters.utf8), file("chapters.txt"))
        put((0..<1024).map { UInt8(truncatingIfNeeded: $0 * 7) }, file("font.ttf"))
        ffmpeg(["-i", srt(), file("subs.ass")])
        let path = file("film.mkv")
        ffmpeg(
            video + [
                "-f", "lavfi", "-i", "sine=d=2:r=48000", "-f", "lavfi", "-i", "sine=d=2:f=800",
            ]
                + ["-i", file("subs.ass"), "-i", srt(), "-i", file("chapters.txt")]
                + ["-map", "0", "-map", "1", "-map", "2", "-map", "3", "-map", "4"]
                + ["-map_metadata", "5", "-map_chapters", "5", "-attach", file("font.ttf")]
                + ["-metadata:s:t", "mimetype=application/x-truetype-font"] + x264
                + ["-c:a", "flac", "-c:s:0", "ass", "-c:s:1", "srt"]
                + ["-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=deu"]
                + ["-metadata:s:a:1", "title=Kommentar", "-disposition:a:1", "default"]
                + ["-disposition:a:0", "0", path])
        return path
    }

    /// An MP4 with AAC and, optionally, more of ffmpeg's output arguments.
    func clip(_ name: String = "clip.mp4", _ more: [String] = []) -> String {
        ffmpeg(
            video + ["-f", "lavfi", "-i", "sine=d=2:r=48000"] + x264 + ["-c:a", "aac"] + more
                + [file(name)])
        return file(name)
    }
}

/// Frames that stand for the enhanced ones of the fixtures: 50 at 25 a second.
func enhancedFrames(timeBase: Rational = Rational(1, 12800), step: Int64 = 512) -> [Frame] {
    patternFrames(
        50, width: 64, height: 48, format: FrameFormat(.yuv420), timeBase: timeBase, step: step)
}

/// Writes `frames` beside the copied streams of `input`, and returns the writer's warnings.
@discardableResult
func enhance(
    _ input: String, to output: String, frames: [Frame], timeline: Timeline? = nil,
    isStrict: Bool = false, edit: (inout VideoDescription) -> Void = { _ in }
) throws -> [String] {
    let plan = try StreamPlan(
        SourceStreams(path: input), into: Container(path: output)!, isStrict: isStrict, path: output
    )
    var video = VideoDescription(frame: frames[0], frameRate: Rational(25, 1))
    edit(&video)
    let writer = try VideoWriter(
        path: output, video: video, settings: EncoderSettings(preset: "ultrafast"), copying: plan,
        timeline: timeline)
    try write(frames, writer)
    return writer.warnings
}

/// Times of a stream's packets in seconds, in order of presentation.
func packetTimes(_ path: String, _ stream: String) -> [Double] {
    let entries = ["-select_streams", stream, "-show_entries", "packet=pts_time"]
    return ffprobe(path, entries).compactMap { line in
        line.split(separator: ",").first.flatMap { Double($0) }
    }.sorted()
}

/// Ticks of the video's packets in order of presentation.
func videoTicks(_ path: String) -> [Int64] {
    ffprobe(path, ["-select_streams", "v:0", "-show_entries", "packet=pts"]).compactMap { line in
        line.split(separator: ",").first.flatMap { Int64($0) }
    }.sorted()
}

/// The value of one entry of one stream, or of the file (`format=...`, no stream).
func probed(_ path: String, _ stream: String?, _ entry: String) -> String {
    let which = stream.map { ["-select_streams", $0] } ?? []
    return ffprobe(path, which + ["-show_entries", entry]).joined(separator: "|")
}
