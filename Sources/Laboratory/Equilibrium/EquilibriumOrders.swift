// How the bias of equilibrium propagation's estimates grows with the nudging.
import Learning
import Tensors

/// One-sided, symmetric and N-point estimates of a small Hopfield network's gradient, against the
/// truth, over a range of nudgings.
struct EquilibriumOrders {
    /// The nudgings, and those by which an order is fitted: beyond, the equilibrium bends.
    static let nudgings = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1]
    static let largestFitted = 0.3
    /// Errors by which an order is fitted: below, digits end.
    static let smallestFitted = 1e-10

    /// An estimator and the power of the nudging that its bias has.
    struct Estimator: Sendable {
        let name: String, order: Int, tolerance: Double
        let estimate:
            @Sendable (EquilibriumNetwork<Model, Double>, EnergyExample<Double>, Double) throws ->
                EquilibriumEstimate<Double>
    }
    typealias Model = HopfieldEnergy<LogisticSquashing>

    static let estimators: [Estimator] =
        [
            Estimator(name: "one-sided", order: 1, tolerance: 0.1) {
                try FreePhaseContrast(.oneSided, nudging: $2).estimate($0, $1)
            },
            Estimator(name: "symmetric", order: 2, tolerance: 0.1) {
                try FreePhaseContrast(.symmetric, nudging: $2).estimate($0, $1)
            },
        ]
        + [4, 8].map { points in
            Estimator(name: "\(points) points", order: points, tolerance: Double(points) / 10) {
                try HolomorphicContrast(points: points, nudging: $2).estimate($0, $1)
            }
        }

    /// Relative errors by estimator and nudging, a number per start; NaN where it did not settle.
    private var errors: [[[Double]]] = []
    /// How far the truth is from finite differences of the loss, for each start.
    private var distances: [Double] = []

    /// Measures on as many starts as the setting says.
    init(_ setting: ExperimentSetting) throws {
        errors = Self.estimators.map { _ in Self.nudgings.map { _ in [] } }
        for seed in 1...setting.seeds {
            setting.observe("orders of the bias, start \(seed) of \(setting.seeds)")
            try measure(seed: UInt64(seed))
        }
    }

    private mutating func measure(seed: UInt64) throws {
        var random = RandomSource(seed: seed)
        let model = Model(widths: [6, 4, 4, 4], squashing: LogisticSquashing())
        var parameters: [String: Tensor<Double>] = [:]
        for declaration in model.declarations {
            parameters[declaration.path] = .normal(
                declaration.shape, deviation: 0.5, using: &random)
        }
        let example = EnergyExample<Double>(
            input: .uniform([1, 6], in: 0..<1, using: &random),
            target: .uniform([1, 4], in: 0..<1, using: &random))
        let network = EquilibriumNetwork<_, Double>(
            model, Relaxation(rate: 0.5, freeSteps: 2000, nudgedSteps: 2000, tolerance: 1e-15))
        network.setParameters(parameters)
        let truth = try RecurrentBackpropagation().estimate(network, example).gradients
        distances.append(try distance(truth, network, parameters, example, using: &random))
        for (index, estimator) in Self.estimators.enumerated() {
            for (position, nudging) in Self.nudgings.enumerated() {
                let error: Double
                do {
                    let estimate = try estimator.estimate(network, example, nudging)
                    error =
                        estimate.isSettled
                        ? GradientDistance(of: estimate.gradients, from: truth).relative : .nan
                } catch is EquilibriumError {
                    error = .nan
                }
                errors[index][position].append(error)
            }
        }
    }

    /// How far the gradient's slope in a random direction is from a central finite difference of
    /// the loss at the free equilibrium, relative.
    private func distance(
        _ gradient: [String: Tensor<Double>], _ network: EquilibriumNetwork<Model, Double>,
        _ parameters: [String: Tensor<Double>], _ example: EnergyExample<Double>,
        using random: inout RandomSource
    ) throws -> Double {
        var direction: [String: [Double]] = [:]
        for (path, value) in parameters.sorted(by: { $0.key < $1.key }) {
            direction[path] = (0..<value.count).map { _ in random.uniform(in: -1..<1) }
        }
        func loss(_ step: Double) throws -> Double {
            for (path, value) in parameters {
                let moved = zip(value.elements, direction[path]!).map { $0 + step * $1 }
                network.setParameters([path: Tensor(moved, shape: value.shape)])
            }
            defer { network.setParameters(parameters) }
            return try network.outcome(example, at: network.freeEquilibrium(example)).loss
        }
        // Five points: their error falls with the fourth power of the step, so that the step can be
        // long enough for rounding not to matter.
        let step = 3e-4
        let near = try loss(step) - loss(-step)
        let far = try loss(2 * step) - loss(-2 * step)
        let difference = (8 * near - far) / (12 * step)
        var slope = 0.0
        for (path, value) in gradient {
            for (a, b) in zip(value.elements, direction[path]!) { slope += a * b }
        }
        return abs(slope - difference) / abs(difference)
    }

    // MARK: - Showing

    /// The fitted order of an estimator, for each start.
    private func orders(_ estimator: Int) -> [Double] {
        (0..<distances.count).map { start in
            let points = Self.nudgings.indices.compactMap { position -> (x: Double, y: Double)? in
                let (nudging, error) = (Self.nudgings[position], errors[estimator][position][start])
                return nudging <= Self.largestFitted && error > Self.smallestFitted
                    ? (nudging, error) : nil
            }
            // The nudgings nearest to 0 that still have digits: there the first power rules.
            return fittedOrder(Array(points.prefix(3))) ?? .nan
        }
    }

    func report(to result: inout ExperimentResult) {
        var table = ResultTable(
            "Relative error of the gradient at the free equilibrium, and its order in λ",
            columns: ["estimate"] + Self.nudgings.map { "λ = \($0)" } + ["expected", "order"])
        var chart = Chart(
            "Bias of the estimates over the nudging", x: Chart.Axis("λ", isLogarithmic: true),
            y: Chart.Axis("relative error", isLogarithmic: true))
        for (index, estimator) in Self.estimators.enumerated() {
            let spreads = errors[index].map { Spread($0) }
            let order = Spread(orders(index))
            table.rows.append(
                [.text(estimator.name)] + spreads.map(\.cell) + [
                    .number(Double(estimator.order)), order.cell,
                ])
            chart.series.append(
                Chart.Series(
                    estimator.name,
                    zip(Self.nudgings, spreads).compactMap { nudging, spread in
                        spread.mean.isFinite && spread.mean > Self.smallestFitted
                            ? Chart.Point(nudging, spread.mean, error: spread.deviation) : nil
                    }))
            result.findings.append(
                ResultFinding(
                    "\(estimator.name): bias of order \(estimator.order) ± \(estimator.tolerance) "
                        + "at each start",
                    found: orders(index).map { $0.significant(3) }.joined(separator: ", "),
                    holds: orders(index).allSatisfy {
                        abs($0 - Double(estimator.order)) <= estimator.tolerance
                    }))
        }
        let farthest = distances.max() ?? .nan
        result.findings.append(
            ResultFinding(
                "the truth, recurrent backpropagation, equals finite differences to 1e-8",
                found: farthest.significant(3), holds: farthest <= 1e-8))
        result.tables.append(table)
        result.charts.append(chart)
    }
}
