// Frames a second of the whole path: decode, motion, packets, network; then the whole command.
import Compute
import Enhancement
import Glibc
import Media

/// Measures how fast video is enhanced at the usual sizes.
enum FrameRates {
    private static let sizes = [(416, 240), (854, 480), (1280, 720), (1920, 1080)]

    /// Prints a table: frames/s without the encoder with its split, and of the whole command.
    ///
    /// - Parameter source: A pristine clip; it is scaled and compressed for each line.
    static func report(source: String, model: EnhancementModel, program: String?) throws {
        print("frames/s, encoder apart (waiting for the decoder | motion | packets | network, ms)")
        for (width, height) in sizes {
            for depth in [8, 10] {
                let clip = try clip(source, width, height, depth)
                let rate = try pipelineRate(clip, model)
                let whole = try program.map { try commandRate($0, clip) }
                print(
                    "\(width)x\(height) \(depth) bit:", rate,
                    whole.map { "whole \(rounded($0))" } ?? "")
                fflush(nil)
            }
        }
    }

    private static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }

    /// A compressed clip of the given size, made once.
    private static func clip(
        _ source: String, _ width: Int, _ height: Int, _ depth: Int
    ) throws -> String {
        let path = "/tmp/percept-bench-\(width)x\(height)-\(depth).mp4"
        guard access(path, F_OK) != 0 else { return path }
        let format = depth == 8 ? "yuv420p" : "yuv420p10le"
        let encoder = depth == 8 ? "libx264" : "libx265 -x265-params log-level=error"
        let command =
            "ffmpeg -v error -y -stream_loop 1 -i '\(source)' -vf scale=\(width):\(height) -an "
            + "-pix_fmt \(format) -c:v \(encoder) -crf 30 -frames:v 96 '\(path)'"
        guard system(command) == 0 else { throw BenchmarkFailure(what: command) }
        return path
    }

    private static func pipelineRate(_ clip: String, _ model: EnhancementModel) throws -> String {
        let reader = try VideoReader(path: clip)
        let enhancer = try FrameEnhancer(
            model, width: reader.width, height: reader.height,
            options: EnhancementOptions(threads: 2))
        let outcome = try FramePipeline().run(from: reader, through: enhancer, to: NullSink())
        let frames = Double(outcome.framesOut)
        func part(_ seconds: Double) -> String { "\(rounded(seconds / frames * 1000))" }
        let times = outcome.times
        return
            "\(rounded(frames / outcome.elapsed)) (\(part(outcome.waitedForDecoder)) | "
            + "\(part(times.motion)) | \(part(times.packets)) | \(part(times.network)))"
    }

    private static func commandRate(_ program: String, _ clip: String) throws -> Double {
        let output = "/tmp/percept-bench-output.mp4"
        let start = seconds()
        let command = "'\(program)' enhance '\(clip)' -o \(output) -y -q"
        guard system(command) == 0 else { throw BenchmarkFailure(what: command) }
        let elapsed = seconds() - start
        unlink(output)
        return 96 / elapsed
    }
}

/// A destination that keeps nothing.
private final class NullSink: FrameSink {
    var bytesWritten: Int { 0 }
    func write(_ frame: Frame) throws {}
    func finish() throws {}
    func abandon() {}
}

/// A command that a measurement needs and that failed.
struct BenchmarkFailure: Error, CustomStringConvertible {
    let what: String
    var description: String { "this failed: \(what)" }
}
