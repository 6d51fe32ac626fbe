// Learning what to do from what came of it: actor, critics, replay, by any of the methods.
import Graphs
import Networks
import Tensors

/// Learns what to do in a state from the steps that it is told of.
///
///     let learner = try PolicyLearner(stateCount: 5, box: ActionBox(1), PolicyOptions(.zospi))
///     let action = try learner.act(state, exploring: true)
///     try learner.remember(Experience(state: state, action: action, reward: reward))
///     try learner.update()
///
/// Every method makes the same updates: a batch is drawn, the critics learn, and each `delay`-th time the actor learns and the slow
/// copies move. A learner belongs to the thread that uses it.
///
/// - SeeAlso: Sun et al., "Zeroth-Order Supervised Policy Improvement" (arXiv:2006.06600), algorithm 1.
public final class PolicyLearner {
    /// Numbers of a state, and which actions there are.
    public let stateCount: Int, box: ActionBox
    /// How it learns.
    public let options: PolicyOptions
    /// Updates of the critics and of the actor so far.
    public private(set) var updates = 0, actorUpdates = 0
    /// The part of the last actor update's states for which something better was found.
    public private(set) var improvedPart = 0.0

    private var random: RandomSource
    private var buffer: ReplayBuffer
    private let critics: Critics
    private let training: any ActorTraining
    private let network: NetworkTraining?

    /// A learner that knows nothing, or only what actions are worth.
    ///
    /// - Parameter worth: What actions are worth, where that is known: of states and actions side by side, `[N, s + a]`, the
    ///   value `[N, 1]`. Then no critic learns.
    /// - Throws: `LearningRuleError` where the rule cannot train the networks, `PlanError`.
    public init(
        stateCount: Int, box: ActionBox, _ options: PolicyOptions,
        knowing worth: ((_ pairs: Value) -> Value)? = nil, seed: UInt64 = 1
    ) throws {
        precondition(
            stateCount > 0 && options.batch > 0 && options.critics > 0 && options.delay > 0)
        precondition(!options.rule.isIncremental, "a rule that learns several times from a batch")
        precondition(
            options.method == .zospi || options.actor == .network,
            "\(options.method.rawValue) needs an actor that has gradients")
        (self.stateCount, self.box, self.options) = (stateCount, box, options)
        random = RandomSource(seed: seed)
        buffer = ReplayBuffer(
            stateCount: stateCount, actionCount: box.count, critics: options.critics,
            capacity: options.capacity)
        critics =
            try worth.map { Critics(known: $0, options: options) }
            ?? Critics(
                stateCount: stateCount, actionCount: box.count, options: options, using: &random)
        switch options.actor {
        case .network:
            let climbs = options.method != .zospi
            let network = try NetworkTraining(
                stateCount: stateCount, box: box, options: options,
                climbing: climbs ? critics.first : nil,
                others: climbs ? critics.firstWeights.values.mapValues(\.shape) : [:],
                using: &random)
            (training, self.network) = (network, network)
        case .kernel:
            (training, network) = (
                ExampleTraining(
                    KernelActor(
                        stateCount: stateCount, box: box, capacity: options.examples,
                        threads: options.threads)), nil
            )
        case .forest:
            (training, network) = (
                ExampleTraining(
                    ForestActor(
                        stateCount: stateCount, box: box, capacity: options.examples,
                        seed: random.next())), nil
            )
        }
    }

    /// Steps remembered.
    public var count: Int { buffer.count }

    /// The actor as it is now.
    public var actor: any PolicyActor { training.actor }

    /// What to do in a state.
    ///
    /// - Parameter isExploring: Whether to try what may turn out to be better.
    /// - Throws: ``PolicyError``, and what compiling throws.
    public func act(_ state: [Float], exploring isExploring: Bool = false) throws -> [Float] {
        try check(state, stateCount, "state")
        let states = Tensor(state, shape: [1, stateCount])
        let action = try training.actions(for: states)
        guard isExploring else { return action.elements }
        guard let optimism = options.optimism else {
            return box.noisy(action, deviation: options.noise, using: &random).elements
        }
        let candidates = options.search.candidates(around: action, in: box, using: &random)
        let values = try critics.optimisticValues(
            states.beside(candidates, times: options.search.count), deviations: optimism)
        return candidates.row(options.search.best(values)[0])
    }

    /// What an action in a state is worth, as far as is known: what the slow copy of the first critic says.
    ///
    /// - Throws: ``PolicyError``, and what compiling throws.
    public func value(of action: [Float], in state: [Float]) throws -> Double {
        try check(state, stateCount, "state")
        try check(action, box.count, "action")
        let pair = Tensor(state + action, shape: [1, stateCount + box.count])
        return Double(try critics.judgement(pair).item)
    }

    /// Remembers a step.
    ///
    /// - Throws: ``PolicyError`` where it cannot be learned from; then it is not remembered.
    public func remember(_ step: Experience) throws(PolicyError) {
        try check(step.state, stateCount, "state")
        try check(step.action, box.count, "action")
        try check(step.next, stateCount, "next state")
        try check([step.reward], 1, "reward")
        let mask = (0..<options.critics).map { _ -> Float in
            options.share < 1 && random.uniform() >= options.share ? 0 : 1
        }
        buffer.append(step, mask: mask)
    }

    private func check(_ numbers: [Float], _ count: Int, _ part: String) throws(PolicyError) {
        guard numbers.count == count else {
            throw .wrongCount(part: part, expected: count, found: numbers.count)
        }
        if let index = numbers.firstIndex(where: { !$0.isFinite }) {
            throw .notFinite(part: part, index: index)
        }
    }

    /// Learns from a batch of the steps remembered.
    ///
    /// - Returns: The critics' loss before; nil where fewer steps than a batch's are remembered, and nothing was learned.
    /// - Throws: ``PolicyError`` where the critics diverged, `LearningRuleError`.
    @discardableResult public func update() throws -> Double? {
        guard buffer.count >= options.batch else { return nil }
        let batch = buffer.batch(options.batch, using: &random)
        var nexts: Tensor<Float>?
        if options.discount > 0 {
            let actions = box.noisy(
                try training.slowActions(for: batch.nexts), deviation: options.smoothing,
                most: options.mostSmoothing, using: &random)
            nexts = batch.nexts.beside(actions)
        }
        let loss = try critics.learn(batch, nexts: nexts)
        guard loss.isFinite else { throw PolicyError.diverged(update: updates + 1) }
        updates += 1
        if updates % options.delay == 0 {
            try improve(batch.states)
            actorUpdates += 1
            training.blend(options.blending)
            critics.blend()
        }
        return loss
    }

    private func improve(_ states: Tensor<Float>) throws {
        if options.method != .zospi, let network {
            try network.climb(states, critics.firstWeights)
            return
        }
        let search = options.search
        let candidates = search.candidates(
            around: try training.slowActions(for: states), in: box, using: &random)
        let values = try critics.judgement(states.beside(candidates, times: search.count))
        let (actions, isBetter) = search.improved(candidates, by: values)
        improvedPart = Double(isBetter.count { $0 }) / Double(isBetter.count)
        try training.learn(states, actions, isBetter: isBetter)
    }
}
