// A weak nudge trains as well as backpropagation does.
import Learning
import Tensors

/// Trains one network by predictive coding with a weak nudge and by backpropagation, from the same starts.
public struct InfinitesimalTraining: Experiment {
    public let name = "infinitesimal-training"
    public let claim =
        "networks trained by predictive coding with a small nudge are as accurate as by backpropagation"
    public let source = "arXiv:2206.02629, training on MNIST"

    /// What the loss of a sample counts beside prediction errors.
    static let nudge = 0.1

    /// The experiment.
    public init() {}

    public func run(_ setting: ExperimentSetting) throws -> ExperimentResult {
        let pictures = try setting.digits()
        var training = RuleTraining()
        training.threads = setting.threads
        training.epochs = setting.data == nil ? 8 : 6
        var coding = PredictiveCoding()
        (coding.coordinates, coding.output, coding.steps) = (.errors, .nudged, 10)
        // The loss is a mean over the batch: each sample is pulled at with its part.
        coding.nudge = Self.nudge * Double(training.batch)
        var accuracies: [String: [Double]] = [:]
        var curves: [String: [[Double]]] = [:]
        let rules: [(String, any LearningRule)] = [
            ("predictive coding", coding), ("backpropagation", Backpropagation()),
        ]
        for seed in 1...max(setting.seeds, 1) {
            training.seed = UInt64(seed)
            let network = TrialNetwork.digits(batch: training.batch, seed: UInt64(seed))
            for (name, rule) in rules {
                let outcome = try training.run(network, by: rule, pictures) {
                    setting.observe("\(name), seed \(seed): round \($0 + 1) of \(training.epochs)")
                }
                accuracies[name, default: []].append(outcome.accuracies.last!)
                curves[name, default: []].append(outcome.accuracies)
            }
        }
        var result = ExperimentResult()
        var table = ResultTable(
            "MLP 784-128-64-10 on \(pictures.training.origin), \(pictures.training.count) pictures, λ = \(Self.nudge) a sample, T = \(coding.steps)",
            columns: ["rule", "test accuracy"])
        var chart = Chart(
            "Test accuracy on \(pictures.training.origin)",
            x: Chart.Axis("rounds over the pictures"),
            y: Chart.Axis("test accuracy"))
        for (name, _) in rules {
            table.append(.text(name), Spread(accuracies[name]!).cell)
            chart.series.append(
                Chart.Series(
                    name,
                    (0..<training.epochs).map { round in
                        let spread = Spread(curves[name]!.map { $0[round] })
                        return Chart.Point(Double(round + 1), spread.mean, error: spread.deviation)
                    }))
        }
        result.tables.append(table)
        result.charts.append(chart)
        let coded = Spread(accuracies["predictive coding"]!).mean
        let other = Spread(accuracies["backpropagation"]!).mean
        result.findings = [
            ResultFinding(
                "within half a point of backpropagation",
                found: "\((100 * (coded - other)).significant(2)) points",
                holds: abs(coded - other) <= 0.005)
        ]
        if setting.data != nil {
            result.findings.append(
                ResultFinding(
                    "97.5 % at least on MNIST", found: "\((100 * coded).significant(4)) %",
                    holds: coded >= 0.975))
        }
        return result
    }
}
