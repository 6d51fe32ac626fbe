// Other ways to backpropagation: feedback that fades, and energies of other errors.
import Learning
import Networks
import Tensors

/// Contrastive Hebbian learning with a small feedback gain, and predictive coding whose errors cost
/// something else than their squares, against backpropagation.
struct EquilibriumLimits {
    static let gains = [1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001]
    static let nudgings = [1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001]
    static let penalties: [(name: String, penalty: ErrorPenalty)] = [
        ("squares", .squared), ("log cosh", .logCosh), ("Huber, width 0.1", .huber(0.1)),
    ]

    /// Relative errors to backpropagation, by gain, and by penalty and nudging; one per start.
    private var byGain = gains.map { _ in [Double]() }
    private var byPenalty = penalties.map { _ in nudgings.map { _ in [Double]() } }
    private let starts: Int

    /// Measures on as many starts as the setting says.
    init(_ setting: ExperimentSetting) throws {
        starts = setting.seeds
        for seed in 1...starts {
            setting.observe("limits, start \(seed) of \(starts)")
            try measureGains(seed: UInt64(seed))
            try measurePenalties(seed: UInt64(seed))
        }
    }

    private func start(
        _ model: some EnergyModel, deviation: Double, using random: inout RandomSource
    ) -> [String: Tensor<Double>] {
        var parameters: [String: Tensor<Double>] = [:]
        for declaration in model.declarations {
            parameters[declaration.path] = .normal(
                declaration.shape, deviation: deviation, using: &random)
        }
        return parameters
    }

    private mutating func measureGains(seed: UInt64) throws {
        for (index, gain) in Self.gains.enumerated() {
            // The same numbers for every gain.
            var random = RandomSource(seed: seed)
            let model = HopfieldEnergy(
                widths: [6, 4, 4, 4], squashing: LogisticSquashing(), feedbackGain: gain)
            let parameters = start(model, deviation: 0.5, using: &random)
            let example = EnergyExample<Double>(
                input: .uniform([1, 6], in: 0..<1, using: &random),
                target: .uniform([1, 4], in: 0..<1, using: &random))
            let network = EquilibriumNetwork<_, Double>(
                model, Relaxation(rate: 1, freeSteps: 2000, nudgedSteps: 2000, tolerance: 1e-15))
            network.setParameters(parameters)
            let truth = try ForwardGradient.estimate(model, parameters, example)
            let estimate = try ContrastiveHebbian().estimate(network, example)
            byGain[index].append(GradientDistance(of: estimate.gradients, from: truth).relative)
        }
    }

    private mutating func measurePenalties(seed: UInt64) throws {
        for (index, penalty) in Self.penalties.enumerated() {
            var random = RandomSource(seed: seed)
            let model = PredictiveCodingEnergy(
                widths: [10, 12, 8, 5], activation: .tanh, penalty: penalty.penalty)
            let parameters = start(model, deviation: 0.4, using: &random)
            let example = EnergyExample<Double>(
                input: .uniform([1, 10], using: &random),
                target: .uniform([1, 5], using: &random))
            let network = EquilibriumNetwork<_, Double>(
                model, Relaxation(rate: 0.1, freeSteps: 1, nudgedSteps: 5000, tolerance: 1e-11))
            network.setParameters(parameters)
            let truth = try ForwardGradient.estimate(model.layers, parameters, example)
            for (position, nudging) in Self.nudgings.enumerated() {
                let estimate = try FreePhaseContrast(.oneSided, nudging: nudging)
                    .estimate(network, example)
                byPenalty[index][position].append(
                    GradientDistance(of: estimate.gradients, from: truth).relative)
            }
        }
    }

    // MARK: - Showing

    func report(to result: inout ExperimentResult) {
        reportGains(to: &result)
        reportPenalties(to: &result)
    }

    /// The order between 0.01 and 0.001, for each start.
    private func orders(_ errors: [[Double]], _ abscissae: [Double]) -> [Double] {
        (0..<starts).map { start in
            fittedOrder(
                zip(abscissae, errors).filter { $0.0 <= 0.01 }.map { ($0, $1[start]) }) ?? .nan
        }
    }

    private func finding(_ what: String, _ orders: [Double]) -> ResultFinding {
        ResultFinding(
            "\(what), order 1 ± 0.1 at each start",
            found: orders.map { $0.significant(3) }.joined(separator: ", "),
            holds: orders.allSatisfy { abs($0 - 1) <= 0.1 })
    }

    private func points(_ abscissae: [Double], _ errors: [[Double]]) -> [Chart.Point] {
        zip(abscissae, errors.map { Spread($0) }).map {
            Chart.Point($0, $1.mean, error: $1.deviation)
        }
    }

    private func reportGains(to result: inout ExperimentResult) {
        var table = ResultTable(
            "Contrastive Hebbian learning: relative error to backpropagation",
            columns: ["feedback gain", "relative error"])
        for (gain, errors) in zip(Self.gains, byGain) {
            table.append(.number(gain), Spread(errors).cell)
        }
        var chart = Chart(
            "Contrastive Hebbian learning over the feedback gain",
            x: Chart.Axis("feedback gain γ", isLogarithmic: true),
            y: Chart.Axis("relative error to backpropagation", isLogarithmic: true))
        chart.series.append(Chart.Series("clamped - free", points(Self.gains, byGain)))
        result.tables.append(table)
        result.charts.append(chart)
        result.findings.append(
            finding(
                "contrastive Hebbian learning nears backpropagation as the feedback gain falls",
                orders(byGain, Self.gains)))
    }

    private func reportPenalties(to result: inout ExperimentResult) {
        var table = ResultTable(
            "Predictive coding by what errors cost: relative error to backpropagation",
            columns: ["λ"] + Self.penalties.map(\.name))
        for (position, nudging) in Self.nudgings.enumerated() {
            table.rows.append(
                [.number(nudging)] + byPenalty.map { Spread($0[position]).cell })
        }
        var chart = Chart(
            "Energies of other errors over the nudging",
            x: Chart.Axis("λ", isLogarithmic: true),
            y: Chart.Axis("relative error to backpropagation", isLogarithmic: true))
        for (index, penalty) in Self.penalties.enumerated() {
            chart.series.append(
                Chart.Series(penalty.name, points(Self.nudgings, byPenalty[index])))
            result.findings.append(
                finding(
                    "errors that cost \(penalty.name) near backpropagation as λ falls",
                    orders(byPenalty[index], Self.nudgings)))
        }
        result.tables.append(table)
        result.charts.append(chart)
    }
}
