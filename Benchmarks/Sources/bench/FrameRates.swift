// Frames a second of the whole command at default options, and where the time goes.
import Glibc
import Terminal

/// Measures how fast the built program enhances video at the usual sizes.
struct FrameRates {
    /// The program and a pristine clip, which is scaled and compressed for each line.
    let program: String, source: String
    /// Instruction sets to measure: nil is all that the machine has.
    var instructionSets: [String?] = [nil, "AVX2"]
    /// Sizes to measure, as "1920x1080"; all where none is named.
    var wanted: [String] = []

    // Enough frames for a steady pace, few enough for the smallest machine.
    private static let sizes = [
        (width: 416, height: 240, frames: 80), (854, 480, 40), (1280, 720, 24), (1920, 1080, 16),
    ]

    /// Prints a line for each size, depth and instruction set.
    ///
    /// - Returns: peak memory by name, for `Thresholds`.
    func report() throws -> [String: Double] {
        var measured: [String: Double] = [:]
        print(
            """

            the whole command at default options. Frames/s: by the wall clock, with start-up and the
            trial of qualities; once it runs, as a long clip sees it; and with the encoder apart (frames
            go to /dev/null). Milliseconds a frame: decoding alone, the parts of the enhancer, and what
            the encoder adds. Then seconds before it runs, and peak memory
                                                    frames/s                              ms a frame       s    MiB
                                       whole running   apart  decode  motion packets network  encode  before   peak
            """)
        for (width, height, frames) in Self.sizes
        where wanted.isEmpty || wanted.contains("\(width)x\(height)") {
            for depth in [8, 10] {
                let clip = try clip(width, height, depth)
                for set in instructionSets {
                    let name = "\(width)x\(height) \(depth) bit" + (set.map { " \($0)" } ?? "")
                    let count = set == nil ? frames : frames / 2
                    let line = try measure(clip, frames: count, instructionSet: set)
                    print(line.row(name))
                    fflush(nil)
                    measured["peak memory, \(name)"] = line.peak
                }
            }
        }
        return measured
    }

    /// What one line of the table says: frames/s, milliseconds a frame, bytes.
    private struct Line {
        var whole = 0.0, running = 0.0, apart = 0.0
        var decode = 0.0, motion = 0.0, packets = 0.0, network = 0.0, encode = 0.0
        var before = 0.0, peak = 0.0

        func row(_ name: String) -> String {
            let numbers = [
                whole, running, apart, decode, motion, packets, network, encode, before,
            ]
            return padded(name, 24, left: true)
                + numbers.map { padded(fixed($0, decimals: 1), 8) }.joined()
                + padded(fixed(peak / 1048576, decimals: 0), 7)
        }

        private func padded(_ text: String, _ width: Int, left: Bool = false) -> String {
            let space = String(repeating: " ", count: max(width - text.count, 0))
            return left ? text + space : space + text
        }
    }

    private func measure(
        _ clip: String, frames: Int, instructionSet: String?
    ) throws -> Line {
        let seconds = "--end \(Double(frames) / 25)"
        let output = BenchmarkFolder.path + "/output.mp4"
        let (whole, report) = try run("'\(clip)' -o '\(output)' \(seconds)", instructionSet)
        let (_, apart) = try run("'\(clip)' -o - \(seconds)", instructionSet)
        let (_, decoding) = try run("'\(clip)' -o - --strength 0 \(seconds)", instructionSet)
        guard let count = report["framesOut"]?.double, count > 0,
            let running = report["seconds"]?.double, let apart = apart["seconds"]?.double,
            let decoding = decoding["seconds"]?.double
        else { throw BenchmarkFailure(what: "a report of \(clip)") }
        func part(_ name: String) -> Double {
            (report["time"]?[name]?.double ?? 0) / count * 1000
        }
        return Line(
            whole: count / whole, running: count / running, apart: count / apart,
            decode: decoding / count * 1000, motion: part("motion"), packets: part("packets"),
            network: part("network"), encode: max(running - apart, 0) / count * 1000,
            before: whole - running, peak: report["peakMemoryBytes"]?.double ?? 0)
    }

    /// Runs the program; returns its seconds and its report.
    private func run(
        _ arguments: String, _ instructionSet: String?
    ) throws -> (seconds: Double, report: JSONValue) {
        let report = BenchmarkFolder.path + "/report.json"
        let environment = instructionSet.map { "ONEDNN_MAX_CPU_ISA=\($0) " } ?? ""
        let command = "'\(program)' enhance -y -q --report '\(report)' \(arguments)"
        let start = seconds()
        try shell("\(environment)\(command) >/dev/null")
        let elapsed = seconds() - start
        return (elapsed, try JSONValue(parsing: bytes(of: report)))
    }

    /// A compressed clip of the given size, made once: H.264 at 8 bits, HEVC at 10.
    private func clip(_ width: Int, _ height: Int, _ depth: Int) throws -> String {
        let path = BenchmarkFolder.path + "/\(width)x\(height)-\(depth).mp4"
        guard access(path, F_OK) != 0 else { return path }
        let format = depth == 8 ? "yuv420p" : "yuv420p10le"
        let encoder = depth == 8 ? "libx264" : "libx265 -x265-params log-level=error"
        try shell(
            "ffmpeg -v error -y -stream_loop 1 -i '\(source)' "
                + "-vf scale=\(width):\(height):flags=bicubic -an -pix_fmt \(format) "
                + "-c:v \(encoder) -preset veryfast -crf 30 -frames:v 120 '\(path).part.mp4' "
                + "&& mv '\(path).part.mp4' '\(path)'")
        return path
    }
}

/// Where clips and outputs of measurements lie.
enum BenchmarkFolder {
    static let path: String = {
        mkdir(".build", 0o755)
        mkdir(".build/bench", 0o755)
        return ".build/bench"
    }()
}

/// What a file holds.
func bytes(of path: String) throws -> [UInt8] {
    guard let file = fopen(path, "rb") else { throw BenchmarkFailure(what: path) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    while case let byte = getc(file), byte != EOF { bytes.append(UInt8(byte)) }
    return bytes
}

/// Runs a command of the shell.
func shell(_ command: String) throws {
    guard system(command) == 0 else { throw BenchmarkFailure(what: command) }
}

/// A command that a measurement needs and that failed.
struct BenchmarkFailure: Error, CustomStringConvertible {
    let what: String
    var description: String { "this failed: \(what)" }
}
