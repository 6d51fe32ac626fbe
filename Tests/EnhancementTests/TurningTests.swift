// Portrait video into a container that cannot say so: the samples themselves are turned.
import Media
import TestSupport
import Testing

@testable import Enhancement

@Suite("Turning of video")
struct TurningTests {
    private let folder = TemporaryFolder()

    /// A clip whose container says that it should be shown turned.
    private func portrait(_ format: String = "yuv420p") -> String {
        let path = folder("portrait.mov")
        ffmpeg(
            "-f lavfi -i testsrc2=s=96x64:r=25:d=0.4 -c:v libx264 -qp 20 -pix_fmt \(format)"
                + " '\(folder("flat.mov"))'")
        ffmpeg("-i '\(folder("flat.mov"))' -c copy -metadata:s:v:0 rotate=90 '\(path)'")
        return path
    }

    @Test("A phone's portrait video becomes upright samples in .avi, and it is said once")
    func upright() throws {
        let input = portrait(), output = folder("out.avi")
        var request = VideoJobRequest(input: input, output: output)
        request.encoding.encoder = "ffv1"
        let result = try VideoJob(request).run(nil)
        let turned = result.warnings.filter { $0.contains("turned upright") }
        #expect(turned.count == 1, "\(result.warnings)")
        let reader = try VideoReader(path: output)
        #expect(reader.width == 64 && reader.height == 96)
        // ffmpeg turns the picture itself where it writes plain samples.
        let written = [input, output].map {
            ffmpeg("-i '\($0)' -fps_mode passthrough -f rawvideo -pix_fmt yuv420p -")
        }
        #expect(written[0].count == 10 * 64 * 96 * 3 / 2)
        #expect(written[0] == written[1])
    }

    @Test("Matroska shows the picture upright, whatever FFmpeg can write")
    func matroska() throws {
        let input = portrait(), output = folder("out.mkv")
        let result = try VideoJob(VideoJobRequest(input: input, output: output)).run(nil)
        let frame = try #require(try VideoReader(path: output).next())
        let shown = frame.upright()
        #expect(shown.width == 64 && shown.height == 96)
        let isTurned = frame.rotation == 0
        #expect(result.warnings.contains { $0.contains("turned upright") } == isTurned)
        // The gain is measured on frames that lie the same way.
        let meter = try GainMeter(reference: input, start: nil, end: nil, threads: 1)
        try meter.measureDelivered(output, turning: result.turning)
        #expect(meter.delivered.means[0] > 35)
    }

    @Test("What cannot be turned without loss is refused, naming what would do")
    func refused() throws {
        let job = try VideoJob(
            VideoJobRequest(input: portrait("yuv422p"), output: folder("out.avi")))
        let error = #expect(throws: OutputError.self) { _ = try job.run(nil) }
        #expect("\(error!)".contains("use .mp4 or .mov"))
        #expect(!folder.names.contains("out.avi"))
    }
}
