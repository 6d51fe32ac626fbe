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

    @Test(
        "A quarter turn makes 4:4:4 of 4:2:2: every sample is kept, and it is said",
        arguments: [8, 10])
    func fullChroma(_ depth: Int) throws {
        let suffix = depth == 8 ? "" : "10le"
        let input = portrait("yuv422p" + suffix), output = folder("out.avi")
        var request = VideoJobRequest(input: input, output: output)
        request.encoding.encoder = "ffv1"
        let result = try VideoJob(request).run(nil)
        #expect(result.warnings.filter { $0.contains("4:2:2 becomes 4:4:4") }.count == 1)
        let before = try VideoReader(path: input), after = try VideoReader(path: output)
        #expect(after.format == FrameFormat(.yuv444, depth: depth))
        #expect(after.width == 64 && after.height == 96)
        var count = 0
        while let a = try before.next() {
            let b = try #require(try after.next())
            // Against the clock: the first row becomes the first column, upwards.
            #expect(a.rotation == 270)
            var wrong = 0
            for y in 0..<a.height {
                for x in 0..<a.width {
                    if a.planes[0][x, y] != b.planes[0][y, a.width - 1 - x] { wrong += 1 }
                    guard x % 2 == 0 else { continue }
                    for index in 1...2
                    where a.planes[index][x / 2, y] != b.planes[index][y, a.width - 1 - x] {
                        wrong += 1
                    }
                }
            }
            #expect(wrong == 0)
            count += 1
        }
        #expect(count == 10)
        // Measured against the original, frames lie and are sampled the same way.
        let meter = try GainMeter(reference: input, start: nil, end: nil, threads: 1)
        try meter.measureDelivered(output, turning: result.turning)
        #expect(meter.delivered.means == [100, 100, 100])
    }

    @Test("The default encoder takes what a quarter turn makes of 4:2:2")
    func defaultEncoder() throws {
        let request = VideoJobRequest(input: portrait("yuv422p"), output: folder("out.avi"))
        #expect(try VideoJob(request).run(nil).encoder == "libx264")
        #expect(try VideoReader(path: folder("out.avi")).format.sampling == .yuv444)
    }

    /// An interlaced clip, top field first, that is to be shown turned.
    private func fields(_ rotation: Int) -> String {
        let path = folder("fields.mov")
        ffmpeg(
            "-f lavfi -i testsrc2=s=160x128:r=50 -vf tinterlace=interleave_top -frames:v 24"
                + " -c:v libx264 -qp 20 -flags +ildct+ilme -x264opts tff=1 '\(folder("flat.mov"))'")
        ffmpeg(
            "-i '\(folder("flat.mov"))' -c copy -metadata:s:v:0 rotate=\(rotation) '\(path)'")
        return path
    }

    @Test("Upside down, interlaced video keeps its fields and changes their order")
    func halfTurn() throws {
        let input = fields(180), output = folder("out.avi")
        var request = VideoJobRequest(input: input, output: output)
        request.encoding.encoder = "ffv1"
        let job = try VideoJob(request)
        #expect(job.fieldPattern == .topFirst)
        _ = try job.run(nil)
        let written = [input, output].map {
            ffmpeg("-i '\($0)' -fps_mode passthrough -f rawvideo -pix_fmt yuv420p -")
        }
        #expect(written[0].count == 24 * 160 * 128 * 3 / 2 && written[0] == written[1])
        // The pictures themselves say which field is first.
        let again = VideoJobRequest(input: output, output: folder("again.mkv"))
        #expect(try VideoJob(again).fieldPattern == .bottomFirst)
    }

    @Test("A quarter turn of interlaced video is refused, naming what would do")
    func refused() throws {
        let job = try VideoJob(VideoJobRequest(input: fields(90), output: folder("out.avi")))
        let error = #expect(throws: OutputError.self) { _ = try job.run(nil) }
        let line = "\(error!)"
        #expect(line.contains("interlaced video that is to be turned by"), "\(line)")
        #expect(line.contains(".mp4 or .mov") && error?.exitCode == 64)
        #expect(!folder.names.contains("out.avi"))
    }
}
