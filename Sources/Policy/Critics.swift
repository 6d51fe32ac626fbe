// What actions are worth: critics, their slow copies, and how they learn from steps.
import Compute
import Glibc
import Graphs
import Learning
import Networks
import Tensors

/// Critics as they learn: each says what an action in a state is worth.
///
/// Critic k learns r + discount · min(Q'ₖ, Q'ₖ₊₁) of the slow copies, the last beside the first: with two critics the twins'
/// minimum, with one its own, with more each its own target, so that they stay apart.
///
/// - SeeAlso: Fujimoto et al. (arXiv:1802.09477), algorithm 1; Osband et al. (arXiv:1602.04621) for bootstrapped critics.
final class Critics {
    private let count: Int, options: PolicyOptions
    private(set) var weights: Parameters
    private var slow: Parameters
    private var adam = Adam()
    private let step: TrainingStep?
    private let judge: PlanCache, all: PlanCache
    /// The first critic, as a function of states and actions side by side.
    let first: (Value) -> Value
    private static let slowPrefix = "slow"

    /// What actions are worth is known, and nothing is learned.
    init(known: @escaping (Value) -> Value, options: PolicyOptions) {
        (count, self.options, first) = (1, options, known)
        (weights, slow, step) = (Parameters(), Parameters(), nil)
        let graph = Graph.build { $0.output(known($0.input("pairs")), "value") }
        judge = PlanCache(graph, parameters: [:], options: PlanOptions(threads: options.threads))
        all = judge
    }

    /// Critics that have learned nothing.
    init(
        stateCount: Int, actionCount: Int, options: PolicyOptions, using random: inout RandomSource
    ) throws {
        (count, self.options) = (options.critics, options)
        let widths = [stateCount + actionCount] + options.hidden + [1]
        let stacks = (0..<options.critics).map { LayerStack(Self.path($0), widths) }
        first = stacks[0].callAsFunction
        let copies = stacks.indices.map {
            LayerStack(ParameterPath(Self.slowPrefix) / "\(Self.path($0))", widths)
        }
        weights = Parameters(initialising: stacks, using: &random)
        slow = weights.below(Self.slowPrefix)
        let (rows, width) = (options.batch, widths[0])
        var shapes = weights.joined(slow).values.mapValues(\.shape)
        shapes.merge([
            "pairs": [rows, width], "nexts": [rows, width], "reward": [rows, 1],
            "goesOn": [rows, 1], "mask": [rows, count],
        ]) { $1 }
        let planOptions = PlanOptions(threads: options.threads)
        step = try TrainingStep(
            options.rule, of: Self.loss(stacks, copies, options),
            [TrainingObjective("loss", learning: weights.paths)], shapes: shapes,
            options: planOptions)
        judge = PlanCache(
            Graph.build { $0.output(copies[0]($0.input("pairs")), "value") },
            parameters: slow.values, options: planOptions)
        all = PlanCache(
            Graph.build { builder in
                let pairs = builder.input("pairs")
                builder.output(builder.concatenate(stacks.map { $0(pairs) }, axis: 1), "value")
            }, parameters: weights.values, options: planOptions)
    }

    private static func path(_ index: Int) -> ParameterPath { "critic" / index }

    /// The sum over critics of their mean squared errors, as a graph.
    private static func loss(
        _ critics: [LayerStack], _ copies: [LayerStack], _ options: PolicyOptions
    ) -> Graph {
        Graph.build { builder in
            let pairs = builder.input("pairs"), reward = builder.input("reward")
            var later: [Value] = []
            if options.discount > 0 {
                let nexts = builder.input("nexts")
                let values = copies.map { $0(nexts) }
                let kept = options.discount * builder.input("goesOn")
                later = values.indices.map { index in
                    let other = values[(index + 1) % values.count]
                    return kept * (values.count == 1 ? other : values[index].smaller(other))
                }
            }
            let losses = critics.enumerated().map { index, critic in
                let target = later.isEmpty ? reward : reward + later[index]
                let difference = critic(pairs) - target
                let errors = difference * difference
                guard options.share < 1 else { return errors.mean() }
                let mask = builder.input("mask").sliced(axis: 1, from: index, to: index + 1)
                return (mask * errors).mean()
            }
            builder.output(losses.dropFirst().reduce(losses[0], +), "loss")
        }
    }

    /// The first critic's parameters.
    var firstWeights: Parameters {
        let prefix = "\(Self.path(0))."
        return Parameters(weights.filter { $0.path.hasPrefix(prefix) })
    }

    /// Learns from steps.
    ///
    /// - Parameter nexts: The states after them with what would be done there, side by side; nil where there is one step only.
    /// - Returns: The loss before.
    func learn(_ batch: ReplayBuffer.Batch, nexts: Tensor<Float>?) throws -> Double {
        guard let step else { return 0 }
        var inputs = ["pairs": batch.pairs, "reward": batch.rewards]
        if let nexts { (inputs["nexts"], inputs["goesOn"]) = (nexts, batch.goesOn) }
        if options.share < 1 { inputs["mask"] = batch.masks }
        let outcome = try step(weights.joined(slow), inputs)
        guard outcome.loss.isFinite else { return outcome.loss }
        adam.step(&weights, outcome.gradients, rate: options.criticRate)
        areFresh = false
        return outcome.loss
    }
    /// Whether the plan that values by all critics knows the weights as they are.
    private var areFresh = true

    /// Moves the slow copies.
    func blend() {
        guard step != nil else { return }
        slow.blend(weights, options.blending)
        judge.setParameters(slow.values)
    }

    /// What the slow copy of the first critic says of states and actions side by side: `[N, 1]`.
    func judgement(_ pairs: Tensor<Float>) throws -> Tensor<Float> {
        try judge.result(for: ["pairs": pairs], "value")
    }

    /// What all critics say, the mean plus so many deviations: `[N, 1]`.
    func optimisticValues(_ pairs: Tensor<Float>, deviations: Double) throws -> Tensor<Float> {
        if !areFresh { all.setParameters(weights.values) }
        areFresh = true
        let values = try all.result(for: ["pairs": pairs], "value")
        let count = count
        return Tensor(shape: [pairs.shape[0], 1]) { result in
            values.withUnsafeBufferPointer { values in
                for row in result.indices {
                    var (sum, squares) = (0.0, 0.0)
                    for index in row * count..<(row + 1) * count { sum += Double(values[index]) }
                    let mean = sum / Double(count)
                    for index in row * count..<(row + 1) * count {
                        squares += (Double(values[index]) - mean) * (Double(values[index]) - mean)
                    }
                    result[row] = Float(mean + deviations * (squares / Double(count)).squareRoot())
                }
            }
        }
    }
}
