// Inference learning is another rule than backpropagation, Z-IL is the same: what networks end at.
import Learning
import Tensors

/// Trains a CNN and a many-to-one RNN by inference learning, Z-IL and backpropagation, from the same starts.
public struct InferenceAccuracy: Experiment {
    public let name = "il-accuracy"
    public let claim = "inference learning approximates backpropagation's accuracy, Z-IL equals it"
    public let source = "arXiv:2103.03725, CNN and many-to-one RNN"

    /// The experiment.
    public init() {}

    public func run(_ setting: ExperimentSetting) throws -> ExperimentResult {
        let limit = setting.isFull ? 60_000 : 6000
        let pictures = try setting.pictures(training: limit, test: setting.isFull ? 10_000 : 2000)
        var training = RuleTraining()
        (training.threads, training.epochs) = (setting.threads, setting.isFull ? 4 : 6)
        var inference = PredictiveCoding()
        // Clamped, each sample in full: inference learning as it is known.
        (inference.nudge, inference.steps) = (Double(training.batch), 20)
        let rules: [(String, any LearningRule)] = [
            ("IL", inference), ("Z-IL", ZeroDivergence()), ("backpropagation", Backpropagation()),
        ]
        var result = ExperimentResult()
        var table = ResultTable(
            "test accuracy on \(pictures.training.origin), \(pictures.training.count) pictures, \(training.epochs) rounds",
            columns: ["network"] + rules.map(\.0) + [
                "largest difference of Z-IL and backpropagation"
            ])
        var worst = 0.0, apart = 0.0
        for kind in 0..<2 {
            var accuracies = [[Double]](repeating: [], count: rules.count)
            var name = ""
            for seed in 1...max(setting.seeds, 1) {
                training.seed = UInt64(seed)
                let network =
                    kind == 0
                    ? TrialNetwork.digitConvolutions(batch: training.batch, seed: UInt64(seed))
                    : .digitRows(batch: training.batch, seed: UInt64(seed))
                name = network.name
                for (index, (rule, how)) in rules.enumerated() {
                    let outcome = try training.run(network, by: how, pictures) {
                        setting.observe(
                            "\(network.name), \(rule), seed \(seed): round \($0 + 1) of \(training.epochs)"
                        )
                    }
                    accuracies[index].append(outcome.accuracies.last!)
                }
            }
            let distance = zip(accuracies[1], accuracies[2]).map { abs($0 - $1) }.max()!
            table.rows.append(
                [.text(name)] + accuracies.map { Spread($0).cell } + [.number(distance)])
            worst = max(worst, distance)
            apart = max(apart, abs(Spread(accuracies[0]).mean - Spread(accuracies[2]).mean))
        }
        result.tables.append(table)
        result.findings = [
            ResultFinding(
                "Z-IL ends where backpropagation does (0.3 points in Float, whose last bits differ)",
                found: "\((100 * worst).significant(2)) points", holds: worst <= 0.003),
            ResultFinding(
                "inference learning comes within 3 points of it",
                found: "\((100 * apart).significant(2)) points behind at most",
                holds: apart <= 0.03),
        ]
        return result
    }
}
