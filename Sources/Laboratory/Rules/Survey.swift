// Predictive coding as classifier, as generator and as controller.
import Graphs
import Learning
import Tensors

/// One rule in three roles: it tells digits, draws them, and steers a mass.
public struct Survey: Experiment {
    public let name = "survey"
    public let claim = "predictive coding serves as classifier, as generator and as controller"
    public let source = "arXiv:2202.09467, sections on classification, generation and control"
    /// Float for the digits, Double for the mass.
    public let precisions: [NumberPrecision] = []

    /// The experiment.
    public init() {}

    public func run(_ setting: ExperimentSetting) throws -> ExperimentResult {
        var result = ExperimentResult()
        let pictures = try setting.digits()
        try classify(pictures, setting, &result)
        try generate(pictures, setting, &result)
        control(setting, &result)
        return result
    }

    // MARK: - Classifier

    private func classify(
        _ pictures: (training: LabelledPictures, test: LabelledPictures),
        _ setting: ExperimentSetting, _ result: inout ExperimentResult
    ) throws {
        var training = RuleTraining()
        (training.threads, training.epochs) = (setting.threads, setting.data == nil ? 8 : 6)
        var coding = PredictiveCoding()
        // Clamped: each sample pulls in full.
        (coding.coordinates, coding.steps, coding.nudge) = (.errors, 10, Double(training.batch))
        let accuracies = try (1...max(setting.seeds, 1)).map { seed in
            training.seed = UInt64(seed)
            let network = TrialNetwork.digits(
                batch: training.batch, widths: [784, 256, 10], seed: UInt64(seed))
            return try training.run(network, by: coding, pictures) {
                setting.observe("classifier, seed \(seed): round \($0 + 1) of \(training.epochs)")
            }.accuracies.last!
        }
        var table = ResultTable(
            "classifier 784-256-10, output clamped, T = \(coding.steps)",
            columns: ["pictures", "test accuracy"])
        table.append(.text(pictures.training.origin), Spread(accuracies).cell)
        result.tables.append(table)
        let mean = Spread(accuracies).mean
        let least = setting.data == nil ? 0.95 : 0.975
        result.findings.append(
            ResultFinding(
                "told rightly: \((100 * least).significant(3)) % at least on \(pictures.training.origin)",
                found: "\((100 * mean).significant(4)) %", holds: mean >= least))
    }

    // MARK: - Generator

    private func generate(
        _ pictures: (training: LabelledPictures, test: LabelledPictures),
        _ setting: ExperimentSetting, _ result: inout ExperimentResult
    ) throws {
        // Which digit and sixteen numbers that mean nothing go in, pixels come out.
        let codes = 16
        var coding = PredictiveCoding()
        (coding.coordinates, coding.steps) = (.errors, 10)
        var training = RuleTraining()
        (training.threads, training.epochs) = (setting.threads, 4)
        coding.nudge = Double(training.batch)
        let some = pictures.training.prefix(setting.isFull ? 60_000 : 10_000)
        var told = 0, drawn = 0
        for seed in 1...UInt64(max(setting.seeds, 1)) {
            var random = RandomSource(seed: seed)
            var judge = BackpropagatedNet(
                [784, 128, 10], .classes, threads: setting.threads, using: &random)
            setting.observe("judge, seed \(seed)")
            try judge.train(some.pictures, to: some.targets(), epochs: 5, using: &random)
            training.seed = seed
            let network = TrialNetwork(
                "generator", input: [10 + codes], target: [784], batch: training.batch, seed: seed
            ) { sketch, x in
                sketch.linear(
                    sketch.linear(x, "layers.0", 10 + codes, 128).tanh, "layers.1", 128, 784)
            }
            let asked = try training.generator(network, by: coding, some, codes: codes, draws: 10) {
                setting.observe("generator, seed \(seed): round \($0 + 1) of \(training.epochs)")
            }
            told += zip(try judge(asked.pictures).largestColumns, asked.labels).count { $0 == $1 }
            drawn += asked.count
        }
        var table = ResultTable(
            "generator \(10 + codes)-128-784, told what to draw; another network says what it sees",
            columns: ["pictures", "drawn", "recognised"])
        let part = Double(told) / Double(drawn)
        table.append(.text(some.origin), .number(Double(drawn)), .number(part))
        result.tables.append(table)
        result.findings.append(
            ResultFinding(
                "90 % of what is drawn is recognised", found: "\((100 * part).significant(3)) %",
                holds: part >= 0.9))
        result.notes.append(
            "What is drawn of a digit is near its mean picture: a network that is shown which digit, and nothing of how it is "
                + "written, can do no better by squared errors.")
    }

    // MARK: - Controller

    private func control(_ setting: ExperimentSetting, _ result: inout ExperimentResult) {
        setting.observe("controller")
        let plant = DoubleIntegrator()
        var table = ResultTable(
            "a mass pushed to rest at 0, 100 steps of 0.1 s, cost x'Qx + u'Ru",
            columns: ["begins at", "LQR", "active inference", "ratio"])
        var worst = 0.0
        for start in [(1.0, 0.0), (-2, 1), (0, 2), (3, -1)] {
            let optimal = plant.cost(from: start, plant.optimalPush)
            var inference = plant.inference()
            let active = plant.cost(from: start) { inference.push($0) }
            worst = max(worst, active / optimal)
            table.append(
                .text("\(start.0) m, \(start.1) m/s"), .number(optimal), .number(active),
                .number(active / optimal))
        }
        result.tables.append(table)
        result.findings.append(
            ResultFinding(
                "the controller costs 1.1 times the optimal one's at most",
                found: "\(worst.significant(4)) times", holds: worst <= 1.1))
    }
}
