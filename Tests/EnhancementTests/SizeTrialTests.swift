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

    @Test("Guesses follow the source's quantisers and the size, and stay within useful qualities")
    func guesses() throws {
        let scale = try #require(Encoder.x264.qualityScale)
        let coarse = scale.guesses(lumaStep: 40, allowed: 2)
        #expect(coarse[0] > 20 && coarse[1] == coarse[0] + 4)
        #expect(scale.guesses(lumaStep: 2, allowed: 2) == [17, 21])
        #expect((20...24).contains(scale.guesses(lumaStep: nil, allowed: 2)[0]))
        // Half the bits: six steps coarser. Eight times the bits: twelve finer.
        #expect(scale.guesses(lumaStep: 40, allowed: 1)[0] == coarse[0] + 6)
        #expect(scale.wide.guesses(lumaStep: 40, allowed: 8)[0] == max(coarse[0] - 12, 12))
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
        let job = try VideoJob(request)
        let told = try job.run(nil).encoderOptions.map { "\($0.key)=\($0.value)" }
        let before = try PacketScan(path: input), after = try PacketScan(path: output)
        let share: Double
        switch policy {
        case .factor(let factor):
            share = Double(after.videoBytes) / Double(before.videoBytes) / factor
        case .bytes(let bytes): share = Double(readBytes(output).count) / Double(bytes)
        default: share = 0
        }
        #expect(share > 0.9 && share <= 1, "\(share), \(job.fieldPattern), \(told)")
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

    @Test(
        "A clip is tried as a whole while its frames fit into 256 MB; windows of others never overlap",
        arguments: [(8, 80, 0), (8, 81, 2), (10, 40, 0), (10, 45, 1), (10, 80, 2), (8, 1000, 3)])
    func windows(_ depth: Int, _ frames: Int, _ count: Int) {
        var frame = Frame(width: 16, height: 16, format: FrameFormat(.yuv420, depth: depth))
        (frame.width, frame.height) = (1920, 1080)
        var video = VideoDescription(frame: frame, frameRate: Rational(25, 1))
        video.duration = Double(frames) / 25
        let trial = SizeTrial(
            path: "in.mkv", reading: ReadOptions(), start: 2, end: nil, video: video, allowed: 2,
            settings: EncoderSettings(), outputPath: "out.mkv", stage: { nil },
            shouldStop: { false })
        let windows = trial.windows(rate: 25)
        guard count > 0 else {
            #expect(windows.count == 1 && windows[0].isWhole)
            return
        }
        #expect(windows.count == count && windows.allSatisfy { !$0.isWhole })
        for (one, next) in zip(windows, windows.dropFirst()) { #expect(one.end! <= next.start!) }
        #expect(windows[0].start! >= 2 && windows.last!.end! <= 2 + Double(frames) / 25 + 0.001)
    }

    @Test(
        "For a size that somebody named, three of a hundred frames are tried; the more, the nearer the aim",
        arguments: [(1000, 3), (20_000, 18), (200_000, 64)])
    func share(_ frames: Int, _ count: Int) {
        let frame = Frame(width: 64, height: 64, format: FrameFormat(.yuv420, depth: 8))
        var video = VideoDescription(frame: frame, frameRate: Rational(25, 1))
        video.duration = Double(frames) / 25
        var trial = SizeTrial(
            path: "in.mkv", reading: ReadOptions(), start: nil, end: nil, video: video, allowed: 2,
            settings: EncoderSettings(size: .keep), outputPath: "out.mkv", stage: { nil },
            shouldStop: { false })
        let windows = trial.windows(rate: 25)
        #expect(windows.count == count)
        for (one, next) in zip(windows, windows.dropFirst()) { #expect(one.end! <= next.start!) }
        #expect(trial.share(of: windows) == 0.97)
        trial.isGuarded = false
        let share = [3: 0.925, 18: 0.969, 64: 0.97][count]!
        #expect(abs(trial.share(of: windows) - share) < 0.001)
        #expect(trial.share(of: [SizeTrial.Window(start: nil, end: nil, isWhole: true)]) == 0.98)
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
            #expect(ratio(best.quality - 2) > 0.995 * allowed || best.quality <= 12)
        }
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
