import Glibc
import Media
import Testing

@Suite("The way of every stream is planned before any work")
struct StreamPlanTests {
    private func plan(_ input: String, _ output: String, isStrict: Bool = false) throws
        -> StreamPlan
    {
        try StreamPlan(
            SourceStreams(path: input), into: Container(path: output)!, isStrict: isStrict,
            path: output)
    }

    @Test("A film keeps everything in mkv, and in mp4 all but its font")
    func film() throws {
        let folder = ScratchFolder()
        let film = folder.film()
        let same = try plan(film, "out.mkv")
        #expect(same.entries.map(\.action) == [.enhance] + Array(repeating: .copy, count: 5))
        #expect(same.warnings.isEmpty)
        let other = try plan(film, "out.mp4")
        let text = StreamPlan.Action.convert(to: "mov_text")
        #expect(other.entries.map(\.action).dropLast() == [.enhance, .copy, .copy, text, text])
        #expect(other.leftOut.map(\.index) == [5])
        #expect(
            other.warnings.count == 1 && other.warnings[0].contains("stream 5 (attachment, ttf)"))
        #expect(throws: OutputError.self) { try plan(film, "out.mp4", isStrict: true) }
    }

    @Test("A stream that must not be lost stops the job and names a container that would do")
    func mustNotBeLost() throws {
        let folder = ScratchFolder()
        let phone = folder.phone()
        let error = #expect(throws: OutputError.self) { try plan(phone, "out.mp4") }
        let line = error.map { "\($0)" } ?? ""
        #expect(line.contains("stream 1 (audio, amr_nb, ger)") && line.contains(".mkv"))
        #expect(error?.exitCode == 64)
        let wave = folder.clip("wave.mov", ["-c:a", "pcm_s16le"])
        let refused = #expect(throws: OutputError.self) { try plan(wave, "out.mp4") }
        #expect(refused.map { "\($0)".contains("pcm_s16le") && "\($0)".contains(".mkv") } == true)
        let film = folder.film()
        #expect(throws: OutputError.self) { try plan(film, "out.webm") }
        #expect(throws: OutputError.self) { try plan(film, "out.avi") }
        // Without a name of the person's own, a container is chosen that holds everything.
        #expect(StreamPlan.container(for: try SourceStreams(path: phone), preferring: .mp4) == .mov)
        #expect(
            StreamPlan.container(for: try SourceStreams(path: film), preferring: .webm) == .matroska
        )
    }

    @Test("Time code travels with the video, unknown tracks are left out with one line each")
    func dataTracks() throws {
        let folder = ScratchFolder()
        let known = try plan(folder.phone(), "out.mov")
        #expect(known.entries[2].action == .carried(by: "time code"))
        #expect(known.warnings.isEmpty)
        let unknown = try plan(folder.phoneWithUnknownTrack(), "out.mov")
        #expect(unknown.leftOut.map(\.index) == [2])
        #expect(unknown.warnings.count == 1 && unknown.warnings[0].contains("mebx"))
        let phone = folder.phoneWithUnknownTrack()
        #expect(throws: OutputError.self) { try plan(phone, "out.mov", isStrict: true) }
    }

    @Test("Bitmap subtitles cannot become text: mp4 is refused for PGS, mkv named")
    func bitmaps() throws {
        let folder = ScratchFolder()
        // An empty PGS stream is enough: the plan looks at the codec alone.
        var pgs: [UInt8] = []
        for time: UInt32 in [9000, 90000] {
            for (kind, body) in [(0x16, [UInt8](repeating: 0, count: 11)), (0x80, [])] {
                let stamp = (0..<4).map { UInt8(truncatingIfNeeded: time >> (24 - 8 * $0)) }
                pgs += Array("PG".utf8) + stamp + [0, 0, 0, 0, UInt8(kind), 0, UInt8(body.count)]
                pgs += body
            }
        }
        put(pgs, folder.file("subs.sup"))
        let path = folder.file("disc.mkv")
        ffmpeg([
            "-f", "lavfi", "-i", "testsrc2=s=64x48:d=2", "-i", folder.file("subs.sup"), "-c:v",
            "libx264", "-c:s", "copy", path,
        ])
        #expect(try plan(path, "out.mkv").entries[1].action == .copy)
        let error = #expect(throws: OutputError.self) { try plan(path, "out.mp4") }
        #expect(
            error.map { "\($0)".contains("hdmv_pgs_subtitle") && "\($0)".contains(".mkv") } == true)
    }

    @Test("A cover is copied into mp4 and attached in mkv")
    func cover() throws {
        let folder = ScratchFolder()
        ffmpeg([
            "-f", "lavfi", "-i", "testsrc2=s=32x32", "-frames:v", "1", folder.file("cover.png"),
        ])
        let clip = folder.clip()
        let path = folder.file("covered.mp4")
        ffmpeg([
            "-i", clip, "-i", folder.file("cover.png"), "-map", "0", "-map", "1", "-c", "copy",
            "-disposition:v:1", "attached_pic", path,
        ])
        #expect(try plan(path, "out.mp4").entries.last?.action == .copy)
        #expect(try plan(path, "out.mkv").entries.last?.action == .attach)
        let frames = enhancedFrames()
        for name in ["out.mp4", "out.mkv"] {
            try enhance(path, to: folder.file(name), frames: frames)
            let picture = folder.file(name + ".png")
            ffmpeg([
                "-i", folder.file(name), "-map", "0:v:1", "-c", "copy", "-f", "image2", picture,
            ])
            #expect(contents(picture) == contents(folder.file("cover.png")))
        }
    }
}
