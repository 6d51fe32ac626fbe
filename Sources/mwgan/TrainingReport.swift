// What `mwgan train` leaves beside the weights: curves as CSV and SVG, and sample pictures.
import Enhancement
import FileNames
import Glibc
import Learning
import Media
import Networks
import Terminal

/// Measures held-out tiles while a run goes on, and draws what was measured.
final class TrainingReport {
    /// Every how many steps held-out tiles are measured.
    static let measuringInterval = 500

    private let tiles: HeldOutTiles?
    private let path: String?
    private let samples: String?, sampleInterval: Int
    private let display: (String) -> Void
    private var gains: TrainingLog?
    private var lastMeasured: Int?, lastDrawn: Int?

    /// A report of what the options ask for.
    ///
    /// - Parameters:
    ///   - tiles: what is measured and shown; nil: nothing.
    ///   - path: the CSV of every step; the others are named after it.
    ///   - samples: folder of the pictures, made if need be.
    /// - Throws: `MediaError` where the folder cannot be made.
    init(
        _ tiles: HeldOutTiles?, path: String?, samples: String?, every interval: Int,
        say: @escaping (String) -> Void
    ) throws {
        self.tiles = tiles
        self.path = path
        self.samples = samples
        sampleInterval = interval
        display = say
        if let samples { try Folder.make(samples) }
    }

    /// What the trainer calls.
    var watch: TrainingWatch? {
        guard tiles != nil else { return nil }
        var (a, b) = (Self.measuringInterval, samples == nil ? 0 : sampleInterval)
        while b != 0 { (a, b) = (b, a % b) }
        return TrainingWatch(interval: a) { try self.look(at: $0, $1, isLast: false) }
    }

    /// Measures and draws the end, and the curves.
    func finish(_ step: Int, _ parameters: Parameters) throws {
        try look(at: step, parameters, isLast: true)
        try drawCurves()
    }

    private func look(at step: Int, _ parameters: Parameters, isLast: Bool) throws {
        guard let tiles else { return }
        let measures = step != lastMeasured && (step % Self.measuringInterval == 0 || isLast)
        let draws = step != lastDrawn && (step % sampleInterval == 0 || isLast)
        if measures {
            lastMeasured = step
            let result = try tiles.measure(parameters)
            display(
                "held out, step \(step): \(fixed(result.before, decimals: 2)) dB, gain "
                    + "\(fixed(result.gain, decimals: 3)) dB")
            if let path {
                if gains == nil {
                    gains = try TrainingLog(
                        Self.gainPath(path), header: "step,before,gain", resumingAt: step - 1)
                }
                try gains?.append("\(step),\(Float(result.before)),\(Float(result.gain))")
            }
        }
        if draws, let samples {
            lastDrawn = step
            let digits = String(repeating: "0", count: max(0, 7 - "\(step)".count)) + "\(step)"
            try tiles.picture(parameters).write(to: "\(samples)/step-\(digits).png")
        }
        if measures, step > 0 { try drawCurves() }
    }

    /// `run.csv` has its gains in `run.held-out.csv` and its curves in `run.svg`.
    static func gainPath(_ path: String) -> String { stem(path) + ".held-out.csv" }
    static func chartPath(_ path: String) -> String { stem(path) + ".svg" }

    private static func stem(_ path: String) -> String {
        path.hasSuffix(".csv") ? String(path.dropLast(4)) : path
    }

    private func drawCurves() throws {
        guard let path else { return }
        let losses = Self.columns(path, x: 0, y: 3).filter { $0.y.isFinite }
        guard losses.count > 1 else { return }
        let blue = "#1f5fa8", green = "#2c7a3f"
        var panels = [
            LineChart.Panel(
                "loss (squared error over that of the compressed pictures)",
                [
                    .init("each step", colour: blue, points: thinned(losses), isFaint: true),
                    .init("smoothed", colour: blue, points: thinned(smoothed(losses))),
                ])
        ]
        let gains = Self.columns(Self.gainPath(path), x: 0, y: 2)
        if tiles != nil, !gains.isEmpty {
            panels.append(
                LineChart.Panel(
                    "gain on held-out tiles, dB of luma PSNR",
                    [.init("held out", colour: green, points: gains)]))
        }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        try CommonOptions.write(
            LineChart(title: name, axis: "step", panels: panels).svg, to: Self.chartPath(path))
    }

    /// Two columns of a CSV file, its first line left out.
    private static func columns(_ path: String, x: Int, y: Int) -> [(x: Double, y: Double)] {
        guard let file = fopen(path.fileName, "r") else { return [] }
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var room = 0
        defer { free(line) }
        var points: [(x: Double, y: Double)] = []
        while getline(&line, &room, file) > 0, let line {
            let fields = String(cString: line).split(whereSeparator: { $0 == "," || $0 == "\n" })
            guard fields.count > max(x, y), let a = Double(fields[x]), let b = Double(fields[y])
            else { continue }
            points.append((a, b))
        }
        return points
    }

    /// A running mean whose memory is a twentieth of the run, fifty steps at least; it begins when half
    /// of that has been seen.
    private func smoothed(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
        let memory = max(50, points.count / 20)
        let keep = 1 - 1 / Double(memory)
        var sum = 0.0, weight = 0.0
        let means = points.map { point in
            sum = keep * sum + (1 - keep) * point.y
            weight = keep * weight + 1 - keep
            return (point.x, sum / weight)
        }
        return points.count > memory ? Array(means.dropFirst(memory / 2)) : means
    }

    /// At most 800 points: means of neighbours.
    private func thinned(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
        let size = (points.count + 799) / 800
        return stride(from: 0, to: points.count, by: size).map { start in
            let part = points[start..<min(start + size, points.count)]
            let count = Double(part.count)
            return (part.reduce(0) { $0 + $1.x } / count, part.reduce(0) { $0 + $1.y } / count)
        }
    }
}
