import Media
import TestSupport
import Testing

@testable import Enhancement

@Suite("The quality that fits the size is found by trial")
struct SizeTrialTests {
    private let folder = TemporaryFolder()

    @Test("The line through both points meets the target, and stays within useful qualities")
    func line() throws {
        var spent = SizeTrial.Spent()
        spent.qualities = [20, 24]
        spent.source = 1000
        spent.output = [4000, 2000]
        let fit = try #require(spent.fit(target: 2, finest: 17))
        #expect(fit.quality == 24 && abs(fit.ratio - 2) < 1e-9)
        let between = try #require(spent.fit(target: 2 * 2.0.squareRoot(), finest: 17))
        #expect(between.quality == 22)
        // Already small at the finest useful quality: no bits are wasted beyond it.
        spent.output = [500, 250]
        let small = try #require(spent.fit(target: 2, finest: 17))
        #expect(small.quality == 17 && small.ratio < 1)
        spent.output = [500, 500]
        #expect(spent.fit(target: 2, finest: 17) == nil)
        spent.source = 0
        #expect(spent.fit(target: 2, finest: 17) == nil)
    }

    @Test("Guesses follow the source's quantisers and never leave the useful range")
    func guesses() {
        func frame(_ step: Float?) -> Frame {
            var frame = Frame(width: 16, height: 16, format: FrameFormat(.yuv420))
            frame.quantisers = step.map {
                QuantiserMap(blockSize: 16, columns: 1, rows: 1, values: [$0], lumaSteps: [$0])
            }
            return frame
        }
        let coarse = SizeTrial.guesses(frame(40), 17)
        let fine = SizeTrial.guesses(frame(2), 17)
        #expect(coarse[0] > 20 && coarse[1] == coarse[0] + 4)
        #expect(fine == [17, 21])
        #expect(SizeTrial.guesses(frame(nil), 17)[0] == 19)
    }

    @Test(
        "A copied clip takes the bits that were allowed: short clips as a whole, long ones by samples",
        arguments: [
            ("libx264 -crf 34", 2.0, 1.8...2.05), ("libx265 -crf 36", 2.0, 1.75...2.1),
            ("libx264 -crf 32", 12.0, 1.4...2.2),
        ])
    func ratio(_ encoder: String, _ seconds: Double, _ range: ClosedRange<Double>) throws {
        let input = folder("in.mkv"), output = folder("out.mkv")
        ffmpeg(
            "-f lavfi -i mandelbrot=s=320x192:r=25:start_scale=0.5,noise=alls=12:allf=t"
                + " -t \(seconds) -c:v \(encoder) -pix_fmt yuv420p '\(input)'")
        let job = try VideoJob(VideoJobRequest(input: input, output: output))
        _ = try job.run(nil)
        let (before, after) = (try PacketScan(path: input), try PacketScan(path: output))
        let ratio = Double(after.videoBytes) / Double(before.videoBytes)
        #expect(range.contains(ratio), "\(ratio)")
        #expect(after.packets == before.packets)
        // What the output follows: H.264 stays H.264, HEVC stays HEVC.
        let codec = try MediaSource(path: output).info.video?.codec
        #expect(codec == (encoder.hasPrefix("libx265") ? "hevc" : "h264"))
    }
}
