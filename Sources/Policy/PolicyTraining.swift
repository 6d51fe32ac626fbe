// A run of learning: so many steps in a world, updates in a fixed ratio, and a curve of what was reached.
import Tensors

/// How long a policy is learned, and how often it is measured. Two methods that are given the same run make the same number of
/// steps and of updates.
public struct PolicyTraining: Sendable {
    /// Steps in the world; the first `randomSteps` are drawn from the whole box.
    public var steps: Int, randomSteps: Int
    /// Updates that follow every `interval` steps, from the first step that is not random on.
    public var updates = 1, interval = 1
    /// Steps between measurements, and episodes of one.
    public var measurementInterval: Int, episodes = 10

    /// A run.
    public init(steps: Int, randomSteps: Int, measurementInterval: Int) {
        precondition(steps > 0 && randomSteps >= 0 && measurementInterval > 0, "a run of \(steps)")
        (self.steps, self.randomSteps) = (steps, randomSteps)
        self.measurementInterval = measurementInterval
    }

    /// What was reached after some steps: the mean sum of rewards of episodes without exploration.
    public struct Point: Sendable, Hashable {
        public var step: Int, meanReturn: Double
    }

    /// Learns in a world, and measures in another of the same kind.
    ///
    /// Every measurement begins in the same states.
    ///
    /// - Throws: ``PolicyError``, `LearningRuleError`, and what the worlds throw.
    public func run<World: Environment>(
        _ learner: PolicyLearner, in world: inout World, measuring other: inout World,
        seed: UInt64 = 1, observe: (Point) -> Void = { _ in }
    ) throws -> [Point] {
        var random = RandomSource(seed: seed)
        var points: [Point] = []
        var state = try world.reset(using: &random)
        for step in 1...steps {
            let isRandom = step <= randomSteps
            let action =
                isRandom
                ? world.box.random(using: &random) : try learner.act(state, exploring: true)
            let outcome = try world.step(action)
            try learner.remember(
                Experience(
                    state: state, action: action, reward: outcome.reward, next: outcome.state,
                    isEnd: outcome.isEnd))
            state =
                outcome.isEnd || outcome.isCut ? try world.reset(using: &random) : outcome.state
            if !isRandom, step % interval == 0 {
                for _ in 0..<updates { try learner.update() }
            }
            if step % measurementInterval == 0 {
                let point = Point(
                    step: step,
                    meanReturn: try Self.measure(learner, in: &other, episodes: episodes))
                points.append(point)
                observe(point)
            }
        }
        return points
    }

    /// The mean sum of rewards of episodes in which nothing is tried out.
    ///
    /// - Throws: What compiling and the world throw.
    public static func measure<World: Environment>(
        _ learner: PolicyLearner, in world: inout World, episodes: Int, seed: UInt64 = 12345
    ) throws -> Double {
        var random = RandomSource(seed: seed)
        var sum = 0.0
        for _ in 0..<episodes {
            var state = try world.reset(using: &random)
            while true {
                let outcome = try world.step(try learner.act(state))
                sum += Double(outcome.reward)
                if outcome.isEnd || outcome.isCut { break }
                state = outcome.state
            }
        }
        return sum / Double(episodes)
    }
}
