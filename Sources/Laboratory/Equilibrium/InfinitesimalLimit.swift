// The claim that energy-based learning becomes backpropagation as the nudging goes to 0.
import Learning
import Networks
import Tensors

/// Predictive coding's gradient against backpropagation's, for less and less nudging.
public struct InfinitesimalLimit: Experiment {
    public let name = "infinitesimal-limit"
    public let claim =
        "The gradient of a nudged energy becomes backpropagation's as the nudging λ goes to 0."
    public let source = "arXiv:2206.02629, the limit and PC-Nudge"
    public let precisions: [NumberPrecision] = [.f64, .f32]

    static let nudgings = [1, 0.1, 0.01, 0.001, 0.0001, 0.000001]
    /// Where the order of the error is read: above, activations bend; below, digits end.
    static let orderRange = 0.001...0.1

    /// The experiment.
    public init() {}

    /// How inference is done.
    private enum Inference: CaseIterable {
        case converged, short
        /// In Float, whatever was chosen.
        case single

        /// What it is called where the others compute in Float or Double.
        func label(_ precision: NumberPrecision) -> String {
            let numbers = precision == .f64 && self != .single ? "Double" : "Float"
            return switch self {
            case .converged: "\(numbers), converged"
            case .short: "\(numbers), 50 steps of 0.1"
            case .single: "\(numbers), 200 steps of 0.1"
            }
        }

        var relaxation: Relaxation {
            switch self {
            case .converged:
                Relaxation(rate: 0.5, freeSteps: 1, nudgedSteps: 1000, tolerance: 1e-12)
            case .short: Relaxation(rate: 0.1, freeSteps: 0, nudgedSteps: 50)
            case .single: Relaxation(rate: 0.1, freeSteps: 0, nudgedSteps: 200)
            }
        }
    }

    /// Distances from backpropagation, for each start.
    private typealias Distances = [GradientDistance]

    public func run(_ setting: ExperimentSetting) throws -> ExperimentResult {
        var result = ExperimentResult()
        let seeds = max(5, setting.seeds)
        let precision = setting.precision ?? .f64
        for (activation, label) in [(Activation.relu, "ReLU"), (.tanh, "tanh")] {
            var series: [Inference: [Double: Distances]] = [:]
            for seed in 1...seeds {
                setting.observe("\(label), start \(seed) of \(seeds)")
                for (inference, distances) in try measure(
                    activation, precision, seed: UInt64(seed))
                {
                    for (nudging, distance) in distances {
                        series[inference, default: [:]][nudging, default: []].append(distance)
                    }
                }
            }
            result.tables += tables(series, precision, label)
            result.charts.append(chart(series, precision, label))
            result.findings += findings(series, label)
        }
        result.notes = [
            "MLP 784-128-64-10, PyTorch's default start, input U(-1, 1), a one-hot target, one "
                + "example, \(seeds) starts; the truth is backpropagation in Double.",
            "Where a ReLU changes sides between λ and 0, its start alone can raise 1 - cosine tenfold "
                + "at λ = 0.1 and above.",
            "Inference that stops early leaves an error that no smaller λ removes.",
            "In Float the errors x - μ of a small λ drown in the rounding of x: best at 0.01.",
        ]
        return result
    }

    // MARK: - Measuring

    private func measure(
        _ activation: Activation, _ precision: NumberPrecision, seed: UInt64
    ) throws -> [Inference: [(Double, GradientDistance)]] {
        var random = RandomSource(seed: seed)
        let model = PredictiveCodingEnergy(widths: [784, 128, 64, 10], activation: activation)
        let start = Dictionary(
            uniqueKeysWithValues: model.declarations.map {
                ($0.path, $0.initialiser.tensor($0.shape, using: &random))
            })
        let parameters = start.mapValues { $0.converted(to: Double.self) }
        let input = Tensor<Double>.uniform([1, 784], using: &random)
        var target = Tensor<Double>(repeating: 0, shape: [1, 10])
        target[0, random.index(below: 10)] = 1
        let example = EnergyExample(input: input, target: target)
        let truth = try ForwardGradient.estimate(model.layers, parameters, example)
        var found: [Inference: [(Double, GradientDistance)]] = [:]
        for inference in Inference.allCases {
            found[inference] = try Self.nudgings.map { nudging in
                let distance =
                    inference == .single || precision == .f32
                    ? try distance(
                        model, inference, start,
                        EnergyExample(
                            input: input.converted(to: Float.self),
                            target: target.converted(to: Float.self)), nudging, truth)
                    : try distance(model, inference, parameters, example, nudging, truth)
                return (nudging, distance)
            }
        }
        return found
    }

    private func distance<Scalar: TensorScalar>(
        _ model: PredictiveCodingEnergy, _ inference: Inference,
        _ parameters: [String: Tensor<Scalar>], _ example: EnergyExample<Scalar>,
        _ nudging: Double, _ truth: [String: Tensor<Double>]
    ) throws -> GradientDistance {
        let network = EquilibriumNetwork<_, Scalar>(model, inference.relaxation)
        network.setParameters(parameters)
        let estimate = try FreePhaseContrast(.oneSided, nudging: nudging)
            .estimate(network, example)
        return GradientDistance(of: estimate.gradients, from: truth)
    }

    // MARK: - Showing

    private func tables(
        _ series: [Inference: [Double: Distances]], _ precision: NumberPrecision, _ label: String
    ) -> [ResultTable] {
        let columns = ["λ"] + Inference.allCases.map { $0.label(precision) }
        func table(_ what: String, _ value: (GradientDistance) -> Double) -> ResultTable {
            var table = ResultTable("\(what), \(label)", columns: columns)
            for nudging in Self.nudgings {
                table.rows.append(
                    [.number(nudging)]
                        + Inference.allCases.map { Spread(series[$0]![nudging]!.map(value)).cell })
            }
            return table
        }
        return [
            table("1 - cosine to backpropagation", \.angular),
            table("relative error to backpropagation", \.relative),
        ]
    }

    private func chart(
        _ series: [Inference: [Double: Distances]], _ precision: NumberPrecision, _ label: String
    ) -> Chart {
        var chart = Chart(
            "Error of the gradient over the nudging, \(label)",
            x: Chart.Axis("λ", isLogarithmic: true),
            y: Chart.Axis("relative error", isLogarithmic: true))
        for inference in Inference.allCases {
            chart.series.append(
                Chart.Series(
                    inference.label(precision),
                    Self.nudgings.map { nudging in
                        let spread = Spread(series[inference]![nudging]!.map(\.relative))
                        return Chart.Point(nudging, spread.mean, error: spread.deviation)
                    }))
        }
        return chart
    }

    private func findings(
        _ series: [Inference: [Double: Distances]], _ label: String
    ) -> [ResultFinding] {
        func mean(
            _ inference: Inference, _ nudging: Double, _ value: (GradientDistance) -> Double
        ) -> Double { Spread(series[inference]![nudging]!.map(value)).mean }
        func order(_ value: (GradientDistance) -> Double) -> Double {
            let inside = Self.nudgings.filter(Self.orderRange.contains)
            return fittedOrder(inside.map { ($0, mean(.converged, $0, value)) }) ?? .nan
        }
        let (first, second) = (order(\.relative), order(\.angular))
        var findings = [
            ResultFinding(
                "\(label): the relative error falls as λ, order 1 ± 0.05, from 0.1 to 0.001",
                found: first.significant(3), holds: abs(first - 1) <= 0.05),
            ResultFinding(
                "\(label): 1 - cosine falls as λ², order 2 ± 0.1", found: second.significant(3),
                holds: abs(second - 2) <= 0.1),
        ]
        for (nudging, expected) in [(0.01, 3e-6), (0.001, 3e-8)] {
            let found = mean(.converged, nudging, \.angular)
            findings.append(
                ResultFinding(
                    "\(label): 1 - cosine at λ = \(nudging) from half to twice \(expected.significant(3))",
                    found: found.significant(3), holds: (0.5...2).contains(found / expected)))
        }
        let floor = mean(.short, 1e-6, \.relative)
        findings.append(
            ResultFinding(
                "\(label): 50 steps of 0.1 leave about 8 %, whatever λ",
                found: "\((100 * floor).significant(3)) %", holds: (0.04...0.16).contains(floor)))
        let single = [1e-2, 1e-4, 1e-6].map { mean(.single, $0, \.relative) }
        findings.append(
            ResultFinding(
                "\(label): in Float, λ = 0.0001 is worse than 0.01, and 0.000001 useless",
                found: single.map { $0.significant(3) }.joined(separator: ", "),
                holds: single[1] > single[0] && single[2] > 0.3))
        return findings
    }
}
