// What Z-IL costs beside backpropagation, compiled, and what inference costs that has no schedule.
import Compute
import Graphs
import Learning
import Networks
import Tensors

/// Times of a training step by each rule on the same networks, compiled.
public struct ZeroDivergenceCost: Experiment {
    public let name = "zil-cost"
    public let claim =
        "a step of Z-IL takes as long as one of backpropagation; inference learning takes many times that"
    public let source = "arXiv:2103.04689, table of running times"

    /// The experiment.
    public init() {}

    public func run(_ setting: ExperimentSetting) throws -> ExperimentResult {
        var result = ExperimentResult()
        var table = ResultTable(
            "time of a training step beside backpropagation's, \(setting.threads == 1 ? "one thread" : "\(setting.threads) threads")",
            columns: [
                "network", "levels", "Z-IL by level", "Z-IL, all nodes at all steps", "PC, T = 20",
            ])
        var worst = 0.0
        for network in Self.networks {
            setting.observe("\(network.name): compiling")
            let ratios = try measured(network, threads: setting.threads) {
                setting.observe("\(network.name): round \($0)")
            }
            table.append(
                .text(network.name), .number(Double(ratios.levels)), .number(ratios.scheduled),
                .number(ratios.naive), .number(ratios.coding))
            worst = max(worst, ratios.scheduled)
        }
        result.tables.append(table)
        result.findings.append(
            ResultFinding(
                "Z-IL by level takes 1.15 times as long at most",
                found: "\(worst.significant(3)) times",
                holds: worst <= 1.15))
        result.notes.append(
            "Medians of turns in which every rule takes one step after the other, so that load meets all alike."
        )
        return result
    }

    /// Networks large enough that computing, not calling, takes the time.
    private static var networks: [TrialNetwork] {
        [convolutions, .recurrent(batch: 64, hidden: 128, seed: 1), residual, transformer]
    }

    private static var convolutions: TrialNetwork {
        TrialNetwork("CNN", input: [3, 32, 32], target: [10], batch: 16, seed: 1) { sketch, x in
            var value = x
            for (layer, widths) in [(3, 32), (32, 64), (64, 64)].enumerated() {
                value = sketch.convolution(value, "convolutions.\(layer)", widths.0, widths.1).relu
                value = value.averagePooled(PoolingGeometry(kernel: 2))
            }
            return sketch.linear(value.reshaped([-1, 1024]), "last", 1024, 10)
        }
    }

    /// Four stages of two blocks, as ResNet-18 has them, at a quarter of its width and without norms.
    private static var residual: TrialNetwork {
        TrialNetwork("ResNet-18-like", input: [3, 32, 32], target: [10], batch: 8, seed: 1) {
            sketch, x in
            var value = sketch.convolution(x, "first", 3, 16).relu
            var width = 16
            for stage in 0..<4 {
                for block in 0..<2 {
                    let path = "stages.\(stage).\(block)"
                    let (inputs, stride) = (width, stage > 0 && block == 0 ? 2 : 1)
                    if stride == 2 { width *= 2 }
                    let inner = sketch.convolution(
                        value, "\(path).0", inputs, width, stride: stride
                    ).relu
                    let skip =
                        stride == 2
                        ? sketch.convolution(
                            value, "\(path).skip", inputs, width, side: 1, stride: 2)
                        : value
                    value = (skip + 0.3 * sketch.convolution(inner, "\(path).1", width, width)).relu
                }
            }
            return sketch.linear(value.mean([2, 3]), "last", width, 10)
        }
    }

    private static var transformer: TrialNetwork {
        let width = 128
        return TrialNetwork(
            "transformer block", input: [32, width], target: [32, width], batch: 8, seed: 1
        ) {
            sketch, x in
            let tokens = sketch.linear(x, "embedding", width, width)
            let (query, key, value) = (
                sketch.linear(tokens, "query", width, width),
                sketch.linear(tokens, "key", width, width),
                sketch.linear(tokens, "value", width, width)
            )
            let scale = 1 / Double(width).squareRoot()
            let weights = (scale * query.times(key, transposed: false, true)).softmax(axis: -1)
            let mixed = tokens + sketch.linear(weights.times(value), "mixture", width, width)
            let inner = sketch.linear(mixed, "inner", width, 4 * width).gelu
            return mixed + sketch.linear(inner, "outer", 4 * width, width)
        }
    }

    // MARK: - Timing

    private func measured(
        _ network: TrialNetwork, threads: Int, observe: (Int) -> Void
    ) throws -> (levels: Int, scheduled: Double, naive: Double, coding: Double) {
        let batch = network.input.count == 1 ? 64 : network.name.hasPrefix("CNN") ? 16 : 8
        let inputs = network.batch(batch, seed: 2).mapValues { $0.converted(to: Float.self) }
        let parameters = Parameters(
            network.parameters.map { ($0.path, $0.tensor.converted(to: Float.self)) })
        let shapes = parameters.values.merging(inputs) { $1 }.mapValues(\.shape)
        let levelled = LevelledGraph(network.graph, loss: "loss")
        let levels = levelled.nodesByLevel.count - 1
        func step(_ rule: any LearningRule, _ graph: Graph) throws -> TrainingStep {
            try TrainingStep(
                rule, of: graph, [TrainingObjective("loss")], shapes: shapes,
                options: PlanOptions(threads: threads))
        }
        // All nodes move and all weights look at their errors at every step: what no schedule saves.
        var naive = PredictiveCoding()
        (naive.valueNodes, naive.rate, naive.steps) = (.operations, .fixed(1), levels)
        naive.isIncremental = true
        var coding = PredictiveCoding()
        coding.rate = .fixed(0.001)
        let steps = try [
            step(Backpropagation(), network.graph), step(ZeroDivergence(), network.graph),
            step(Unwatched(rule: naive), levelled.graph), step(coding, network.graph),
        ]
        func time(_ step: TrainingStep) throws -> Double {
            let start = monotonicSeconds()
            repeat { _ = try step(parameters, inputs) } while !step.needsBatch
            return monotonicSeconds() - start
        }
        for step in steps { _ = try time(step) }
        var times: [[Double]] = steps.map { _ in [] }
        for round in 0..<15 {
            observe(round)
            // The two that are compared closely take more turns, one after the other.
            for _ in 0..<4 { for index in 0..<2 { times[index].append(try time(steps[index])) } }
            if round < 5 { for index in 2..<4 { times[index].append(try time(steps[index])) } }
        }
        func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
        // Turn by turn, as load changes from turn to turn.
        let ratios = zip(times[1], times[0]).map { $0 / $1 }
        let base = median(times[0])
        return (levels, median(ratios), median(times[2]) / base, median(times[3]) / base)
    }
}

/// A rule whose inference nobody watches: behind the errors' front Z-IL's activities may grow without end, when all weights
/// have learned.
private struct Unwatched: LearningRule {
    let rule: PredictiveCoding
    var isIncremental: Bool { rule.isIncremental }

    func phases(of graph: Graph, loss: String, learning paths: [String]?) throws -> [Phase] {
        try rule.phases(of: graph, loss: loss, learning: paths)
    }
}
