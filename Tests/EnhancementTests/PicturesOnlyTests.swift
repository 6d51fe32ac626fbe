// yuv4mpeg and pictures have no place for sound, subtitles and captions: each is named once.
import Media
import TestSupport
import Testing

@testable import Enhancement

@Suite("Outputs that hold nothing but pictures")
struct PicturesOnlyTests {
    private let folder = TemporaryFolder()

    /// A film of 64x48 with sound, subtitles and, if asked for, closed captions in its pictures.
    private func film(hasCaptions: Bool) throws -> String {
        var video = folder("bare.mp4")
        ffmpeg(
            "-f lavfi -i testsrc2=s=64x48:r=25:d=0.4 -c:v libx264 -qp 20 -pix_fmt yuv420p '\(video)'"
        )
        if hasCaptions {
            let reader = try VideoReader(path: video)
            video = folder("captioned.mp4")
            let first = try #require(try reader.next())
            let writer = try VideoWriter(
                path: video, video: VideoDescription(frame: first), overwrite: .replace)
            var next: Frame? = first
            while var frame = next {
                frame.captions = [0xFC, 0x94, 0x20]
                try writer.write(frame)
                next = try reader.next()
            }
            try writer.finish()
        }
        writeBytes(
            Array("1\n00:00:00,000 --> 00:00:00,300\nHello\n\n".utf8), to: folder("subs.srt"))
        let path = folder("film.mkv")
        ffmpeg(
            "-i '\(video)' -f lavfi -i sine=d=0.4 -i '\(folder("subs.srt"))' -c:v copy -c:a flac"
                + " -c:s srt -metadata:s:a language=ger '\(path)'")
        return path
    }

    private static let outputs = ["out.y4m", "frame-%03d.png"]

    @Test(
        "Sound and subtitles are left out with one line each, before any work", arguments: outputs)
    func streams(_ name: String) throws {
        var request = VideoJobRequest(input: try film(hasCaptions: false), output: folder(name))
        let job = try VideoJob(request)
        let warnings = try #require(job.streams?.warnings)
        #expect(warnings.count == 2)
        #expect(warnings[0].hasPrefix("stream 1 (audio, flac, ger) is left out: "))
        #expect(warnings[1].hasPrefix("stream 2 (subtitle, subrip) is left out: "))
        #expect(job.streams?.leftOut.map(\.index) == [1, 2])
        let result = try job.run(nil)
        #expect(!result.warnings.contains { $0.contains("left out") })
        #expect(result.outcome.framesOut == 10)
        request.isStrictAboutStreams = true
        request.overwrite = .replace
        let before = folder.names
        let error = #expect(throws: OutputError.self) { try VideoJob(request) }
        #expect(error?.exitCode == 64 && "\(error!)".contains("stream 1 (audio, flac, ger)"))
        #expect("\(error!)".contains(".mkv would hold it"))
        #expect(folder.names == before)
    }

    @Test("Closed captions are named once, or stop the job at once", arguments: outputs)
    func captions(_ name: String) throws {
        var request = VideoJobRequest(input: try film(hasCaptions: true), output: folder(name))
        let result = try VideoJob(request).run(nil)
        #expect(result.warnings.filter { $0.contains("closed captions") }.count == 1)
        // No stream of its own stands in the way: the captions alone do.
        ffmpeg("-i '\(request.input)' -map 0:v -c copy '\(folder("pictures.mkv"))'")
        request.input = folder("pictures.mkv")
        request.output = folder("strict-" + name)
        request.isStrictAboutStreams = true
        let before = folder.names
        let error = #expect(throws: OutputError.self) { _ = try VideoJob(request).run(nil) }
        #expect(error?.exitCode == 64 && "\(error!)".contains("closed captions"))
        #expect(folder.names == before)
    }

    @Test(
        "A strict job stops before an encoder that loses captions, and runs with one that does not")
    func strictEncoders() throws {
        _ = try film(hasCaptions: true)
        var request = VideoJobRequest(input: folder("captioned.mp4"), output: folder("out.mkv"))
        request.isStrictAboutStreams = true
        request.encoding.encoder = "ffv1"
        let error = #expect(throws: OutputError.self) { _ = try VideoJob(request).run(nil) }
        #expect("\(error!)".contains("ffv1") && "\(error!)".contains("libx264"))
        #expect(!folder.names.contains("out.mkv"))
        request.encoding.encoder = "libx264"
        #expect(try VideoJob(request).run(nil).warnings.isEmpty)
        let frame = try #require(try VideoReader(path: folder("out.mkv")).next())
        #expect(frame.captions == [0xFC, 0x94, 0x20])
    }
}
