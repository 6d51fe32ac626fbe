import Glibc
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
        // Half the bits: six steps coarser. Eight times the bits: twelve finer.
        #expect(SizeTrial.guesses(frame(40), 17, allowed: 1)[0] == coarse[0] + 6)
        #expect(SizeTrial.guesses(frame(40), 4, allowed: 8)[0] == max(coarse[0] - 12, 4))
    }

    @Test(
        "A size that somebody names is used to nine tenths and never exceeded",
        arguments: [
            ("libx264", 2.0, "keep"), ("libx264", 2.0, "60k"), ("libx264", 2.0, "0.7x"),
            ("libx264", 14.0, "3x"), ("libx264", 14.0, "900k"), ("libx265", 2.0, "60k"),
            ("libx265", 14.0, "3x"),
        ])
    func named(_ encoder: String, _ seconds: Double, _ size: String) throws {
        let input = folder("in.mkv"), output = folder("out.mp4")
        ffmpeg(
            "-f lavfi -i mandelbrot=s=320x192:r=25:start_scale=0.5,noise=alls=12:allf=t"
                + " -f lavfi -i sine -t \(seconds) -c:v libx264 -crf 32 -c:a aac -b:a 48k"
                + " -pix_fmt yuv420p '\(input)'")
        var request = VideoJobRequest(input: input, output: output)
        request.encoding.encoder = encoder
        request.encoding.preset = "veryfast"
        let policy = try #require(SizePolicy(size))
        request.encoding.size = policy
        _ = try VideoJob(request).run(nil)
        let before = try PacketScan(path: input), after = try PacketScan(path: output)
        let share: Double
        switch policy {
        case .factor(let factor):
            share = Double(after.videoBytes) / Double(before.videoBytes) / factor
        case .bytes(let bytes): share = Double(readBytes(output).count) / Double(bytes)
        default: share = 0
        }
        #expect(share > 0.9 && share <= 1, "\(share)")
    }

    @Test("A size beyond what the finest quality takes is not filled with nothing")
    func large() throws {
        let input = folder("in.mkv")
        ffmpeg("-f lavfi -i testsrc2=s=128x96:r=25:d=2 -c:v libx264 -pix_fmt yuv420p '\(input)'")
        let sizes = try [SizePolicy.bytes(50_000_000), .max].map { size in
            let output = folder("\(size).mp4")
            var request = VideoJobRequest(input: input, output: output)
            request.encoding.size = size
            request.fields = .given(.progressive)
            _ = try VideoJob(request).run(nil)
            return readBytes(output).count
        }
        #expect(sizes[0] == sizes[1])
    }

    @Test("The search ends at the best that was tried, on curves with steps too")
    func search() {
        // Bits halve every six steps, but in stairs of two.
        func ratio(_ quality: Double) -> Double { exp2((30 - (quality / 2).rounded() * 2) / 6) }
        for allowed in [0.3, 1, 2.5, 7] {
            var search = SizeSearch(allowed: allowed, finest: 12)
            var rounds = 0
            var qualities = [25.0, 29]
            while rounds < 12 {
                var spent = SizeTrial.Spent(qualities)
                spent.source = 1_000_000
                spent.output = qualities.map { Int(1e6 * ratio($0)) }
                search.note(spent)
                if search.isDone { break }
                qualities = search.next
                rounds += 1
            }
            let best = search.best!
            #expect(best.ratio <= allowed)
            // One stair finer would not fit, unless nothing finer is wanted.
            #expect(ratio(best.quality - 2) > allowed || best.quality <= 12)
        }
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
