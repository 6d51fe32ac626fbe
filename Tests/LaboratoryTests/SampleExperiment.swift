// A small real experiment for tests: what Monte Carlo's error is.
import Tensors

@testable import Laboratory

/// The error of π by throwing darts falls with the square root of their number.
struct DartsExperiment: Experiment {
    let name = "darts"
    let claim = "The error of a Monte Carlo estimate falls with the square root of the samples."
    let source = "Metropolis and Ulam, 1949"
    /// Whether the finding is made to fail.
    var isWrong = false

    func run(_ setting: ExperimentSetting) throws -> ExperimentResult {
        var result = ExperimentResult()
        var table = ResultTable("error of π", columns: ["darts", "root mean square error"])
        var chart = Chart(
            "Error of π", x: .init("darts", isLogarithmic: true),
            y: .init("error", isLogarithmic: true))
        var points: [Chart.Point] = []
        for count in [100, 10_000] {
            setting.observe("\(count) darts")
            let errors = (1...setting.seeds).map { seed in
                var random = RandomSource(seed: UInt64(seed))
                let squares = (0..<50).map { _ in
                    let error = estimate(count, using: &random) - .pi
                    return error * error
                }
                return (squares.reduce(0, +) / 50).squareRoot()
            }
            let mean = errors.reduce(0, +) / Double(errors.count)
            let square = errors.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            let deviation = (square / Double(errors.count)).squareRoot()
            table.append(.number(Double(count)), .spread(mean: mean, deviation: deviation))
            points.append(.init(Double(count), mean, error: deviation))
        }
        chart.series = [.init("darts", points)]
        result.tables = [table]
        result.charts = [chart]
        let ratio = points[0].y / points[1].y
        result.findings = [
            ResultFinding(
                "a hundred times the darts make the error 5 to 20 times smaller",
                found: "\(ratio.significant(3)) times", holds: !isWrong && (5...20).contains(ratio))
        ]
        result.notes = ["Seeds are 1 to \(setting.seeds)."]
        return result
    }

    private func estimate(_ count: Int, using random: inout RandomSource) -> Double {
        var hits = 0
        for _ in 0..<count {
            let (x, y) = (random.uniform(), random.uniform())
            if x * x + y * y < 1 { hits += 1 }
        }
        return 4 * Double(hits) / Double(count)
    }
}

/// An experiment that has nothing to measure with.
struct MissingExperiment: Experiment {
    let name = "missing"
    let claim = "Nothing."
    let source = "nowhere"
    func run(_ setting: ExperimentSetting) throws -> ExperimentResult {
        throw ExperimentError("photographs are wanted; name their folder with --data")
    }
}
