import Media
import TestSupport
import Testing

@testable import Enhancement

@Suite("The quality that fits the size is found by trial")
struct SizeTrialTests {
    private let folder = TemporaryFolder()

    @Test("The line through both points meets the target, and stays within useful qualities")
    func line() throws {
        let scale = try #require(Encoder.x264.qualityScale)
        var spent = SizeTrial.Spent()
        spent.qualities = [20, 24]
        spent.source = 1000
        spent.output = [4000, 2000]
        let fit = try #require(spent.fit(target: 2, on: scale))
        #expect(fit.quality == 24 && abs(fit.ratio - 2) < 1e-9)
        let between = try #require(spent.fit(target: 2 * 2.0.squareRoot(), on: scale))
        #expect(between.quality == 22)
        // Already small at the finest useful quality: no bits are wasted beyond it.
        spent.output = [500, 250]
        let small = try #require(spent.fit(target: 2, on: scale))
        #expect(small.quality == 17 && small.ratio < 1)
        // Whole steps only, and never more bits than allowed.
        spent.qualities = [30, 34]
        spent.output = [3000, 1000]
        let whole = try #require(spent.fit(target: 2, on: Encoder.svtAV1.qualityScale!))
        #expect(whole.quality == 32 && whole.ratio <= 2)
        spent.output = [500, 500]
        #expect(spent.fit(target: 2, on: scale) == nil)
        spent.source = 0
        #expect(spent.fit(target: 2, on: scale) == nil)
    }

    @Test(
        "A copied clip takes the bits that were allowed: short clips as a whole, long ones by samples",
        arguments: [
            ("libx264 -crf 34", "mkv", "av1", 2.0, 1.7...2.05),
            ("libx264 -crf 34", "mov", "h264", 2.0, 1.8...2.05),
            ("libx265 -crf 36", "mp4", "av1", 2.0, 1.7...2.1),
            ("libx265 -crf 36", "mov", "hevc", 2.0, 1.75...2.1),
            ("libx264 -crf 32", "mkv", "av1", 12.0, 1.4...2.2),
        ])
    func ratio(
        _ encoder: String, _ container: String, _ expected: String, _ seconds: Double,
        _ range: ClosedRange<Double>
    ) throws {
        let input = folder("in.mkv"), output = folder("out." + container)
        ffmpeg(
            "-f lavfi -i mandelbrot=s=320x192:r=25:start_scale=0.5,noise=alls=12:allf=t"
                + " -t \(seconds) -c:v \(encoder) -pix_fmt yuv420p '\(input)'")
        var request = VideoJobRequest(input: input, output: output)
        if expected == "av1" { request.encoding.preset = "10" }
        let job = try VideoJob(request)
        _ = try job.run(nil)
        let (before, after) = (try PacketScan(path: input), try PacketScan(path: output))
        let ratio = Double(after.videoBytes) / Double(before.videoBytes)
        #expect(range.contains(ratio), "\(ratio)")
        #expect(after.packets == before.packets)
        // AV1 where the container has it; else H.264 stays H.264, HEVC stays HEVC.
        let codec = try MediaSource(path: output).info.video?.codec
        #expect(codec == expected)
    }
}
