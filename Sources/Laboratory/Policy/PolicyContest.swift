// Methods beside each other: the same steps and the same number of updates for all, several starts each.
import Graphs
import Media
import Policy
import Synchronization
import Terminal

/// A method with its settings, under the name that tables have.
struct PolicyContender: Sendable {
    let name: String
    var options: PolicyOptions

    init(_ name: String, _ options: PolicyOptions) { (self.name, self.options) = (name, options) }
}

/// What a method reached from one start.
struct PolicyOutcome: Sendable {
    /// Mean returns along the way.
    var points: [PolicyTraining.Point]
    /// Updates that were made of critics and of the actor.
    var updates: Int, actorUpdates: Int
    /// Seconds of a processor.
    var seconds: Double
}

/// Learning by several methods from several starts, as many at a time as there are threads.
struct PolicyContest<World: Environment & SendableMetatype>: Sendable {
    let contenders: [PolicyContender]
    let training: PolicyTraining
    /// What actions are worth, where that is known.
    var worth: (@Sendable (Value) -> Value)?
    /// The world to act in for a seed.
    let world: @Sendable (UInt64) throws -> World

    /// What each contender reached, from each start.
    func outcomes(_ setting: ExperimentSetting) throws -> [[PolicyOutcome]] {
        let seeds = max(setting.seeds, 1)
        let found = Mutex([PolicyOutcome?](repeating: nil, count: contenders.count * seeds))
        try inParallel(found.withLock { $0.count }, threads: setting.threads) { index in
            let (contender, seed) = (contenders[index / seeds], UInt64(index % seeds + 1))
            let outcome = try outcome(contender, seed: seed) { point in
                setting.observe(
                    "\(contender.name), seed \(seed): step \(point.step) of \(training.steps), return \(point.meanReturn.significant(4))"
                )
            }
            found.withLock { $0[index] = outcome }
        }
        let all = found.withLock { $0.compactMap { $0 } }
        return contenders.indices.map { Array(all[$0 * seeds..<($0 + 1) * seeds]) }
    }

    private func outcome(
        _ contender: PolicyContender, seed: UInt64, observe: (PolicyTraining.Point) -> Void
    ) throws -> PolicyOutcome {
        var (inside, measured) = (try world(seed), try world(seed &+ 1000))
        let start = threadSeconds()
        let learner = try PolicyLearner(
            stateCount: inside.stateCount, box: inside.box, contender.options, knowing: worth,
            seed: seed)
        let points = try training.run(
            learner, in: &inside, measuring: &measured, seed: seed, observe: observe)
        return PolicyOutcome(
            points: points, updates: learner.updates, actorUpdates: learner.actorUpdates,
            seconds: threadSeconds() - start)
    }
}
