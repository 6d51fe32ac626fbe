// What counts whole frames gets whole frames: AVI's time base is a frame.
import Media
import TestSupport
import Testing

@testable import Enhancement

@Suite("The frame rate of AVI", .serialized)
struct FrameRateTests {
    private let folder = TemporaryFolder()

    private func lines(_ path: String, _ entries: String) -> [String] {
        let result = shell(
            "ffprobe -v error -select_streams v -show_entries \(entries) -of csv=p=0 '\(path)'")
        return String(decoding: result.output, as: UTF8.self).split(separator: "\n").map {
            $0.hasSuffix(",") ? String($0.dropLast()) : String($0)
        }
    }

    @Test(
        "A constant rate is written as it is, whatever the source counts in",
        arguments: [
            ("in.mov", "25", "-video_track_timescale 600", "25/1"),
            ("in.mp4", "30000/1001", "-video_track_timescale 90000", "30000/1001"),
            ("in.mkv", "30", "-vf setpts=PTS+0.5", "30/1"),
            ("in.mkv", "24000/1001", "", "24000/1001"),
        ])
    func constant(_ name: String, _ rate: String, _ words: String, _ expected: String) throws {
        let input = folder(name), output = folder("out.avi")
        ffmpeg(
            "-f lavfi -i testsrc2=s=64x48:r=\(rate) -frames:v 40 \(words) -fps_mode passthrough"
                + " -c:v libx264 -qp 20 -pix_fmt yuv420p '\(input)'")
        let result = try VideoJob(VideoJobRequest(input: input, output: output)).run(nil)
        #expect(result.outcome.framesOut == 40 && result.warnings.isEmpty, "\(result.warnings)")
        #expect(lines(output, "stream=r_frame_rate,avg_frame_rate") == ["\(expected),\(expected)"])
        // One packet a frame, and none between.
        let times = lines(output, "packet=dts").compactMap { Int($0) }
        #expect(times == Array(times[0]..<times[0] + 40))
    }

    @Test("A variable rate is refused before any work, naming what holds it")
    func variable() throws {
        let input = folder("in.mkv"), output = folder("out.avi")
        ffmpeg(
            "-f lavfi -i testsrc2=s=64x48:r=30 -frames:v 60"
                + " -vf \"settb=1/9000,setpts='if(lt(N,30),N,30+(N-30)*1.7)/30/TB'\" -fps_mode vfr"
                + " -enc_time_base 1:9000 -c:v libx264 -qp 20 -pix_fmt yuv420p '\(input)'")
        let job = try VideoJob(VideoJobRequest(input: input, output: output))
        let error = #expect(throws: OutputError.self) { _ = try job.run(nil) }
        #expect("\(error!)".contains("variable frame rate") && "\(error!)".contains(".mkv"))
        #expect(error?.exitCode == 64 && !folder.names.contains("out.avi"))
        let other = VideoJobRequest(input: input, output: folder("out.mkv"))
        #expect(try VideoJob(other).run(nil).outcome.framesOut == 60)
    }
}
