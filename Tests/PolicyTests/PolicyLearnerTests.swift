import Graphs
import Learning
import Tensors
import Testing

@testable import Policy

@Suite struct PolicyLearnerTests {
    /// Worth with a broad peak of a half at 0.3 and a narrow one of 1 at -0.7, whatever the state.
    private func worth(_ pairs: Value) -> Value {
        let action = pairs.sliced(axis: 1, from: 1, to: 2)
        func peak(_ height: Double, _ place: Double, _ breadth: Double) -> Value {
            let distance = (1 / breadth) * (action + -place)
            return height * (-1 * (distance * distance)).exp
        }
        return peak(0.5, 0.3, 0.4) + peak(1, -0.7, 0.1)
    }

    private func learner(
        _ method: PolicyMethod, _ actor: ActorKind = .network, seed: UInt64 = 1
    ) throws -> PolicyLearner {
        var options = PolicyOptions(method)
        (options.discount, options.actor, options.hidden) = (0, actor, [32, 32])
        let learner = try PolicyLearner(
            stateCount: 1, box: ActionBox(1), options, knowing: worth, seed: seed)
        var random = RandomSource(seed: 3)
        for _ in 0..<200 {
            let state = [Float(random.uniform() * 2 - 1)]
            try learner.remember(Experience(state: state, action: [0], reward: 0))
        }
        return learner
    }

    @Test(
        "Shown better actions every kind of actor finds the high peak, following a gradient one stays on the low one",
        arguments: [
            (PolicyMethod.zospi, ActorKind.network, Float(-0.7)), (.zospi, .kernel, -0.7),
            (.zospi, .forest, -0.7), (.td3, .network, 0.3), (.ddpg, .network, 0.3),
        ])
    func peaks(method: PolicyMethod, actor: ActorKind, place: Float) throws {
        let learner = try learner(method, actor)
        for _ in 0..<1200 { try learner.update() }
        for state in [Float(-0.8), -0.1, 0.6] {
            let action = try learner.act([state])[0]
            #expect(abs(action - place) < 0.08, "\(state): \(action)")
        }
    }

    @Test(
        "What follows counts unless nothing can: a reward of 1 for ever is worth 1 / (1 - γ), once it is worth 1"
    )
    func ends() throws {
        for (isEnd, worth) in [(false, 2.0), (true, 1.0)] {
            for method in PolicyMethod.allCases {
                var options = PolicyOptions(method)
                (options.discount, options.hidden, options.blending) = (0.5, [16, 16], 0.05)
                options.search = CandidateSearch(global: 5, local: 5)
                let learner = try PolicyLearner(stateCount: 1, box: ActionBox(1), options)
                var random = RandomSource(seed: 1)
                for _ in 0..<100 {
                    let state = [Float(random.uniform())]
                    try learner.remember(
                        Experience(
                            state: state, action: ActionBox(1).random(using: &random), reward: 1,
                            next: state, isEnd: isEnd))
                }
                for _ in 0..<600 { try learner.update() }
                let value = try learner.value(of: [0.2], in: [0.5])
                #expect(abs(value - worth) < 0.15, "\(method), \(isEnd): \(value)")
            }
        }
    }

    @Test(
        "Updates are counted, the actor's are every delay-th, and nothing is learned from too little"
    )
    func counts() throws {
        for (method, delay) in [(PolicyMethod.zospi, 2), (.td3, 2), (.ddpg, 1)] {
            let learner = try learner(method)
            for _ in 0..<9 { try learner.update() }
            #expect(learner.updates == 9 && learner.actorUpdates == 9 / delay)
        }
        let empty = try PolicyLearner(stateCount: 1, box: ActionBox(1), PolicyOptions(.zospi))
        for _ in 0..<63 {
            try empty.remember(Experience(state: [0], action: [0], reward: 1))
        }
        #expect(try empty.update() == nil && empty.updates == 0)
        try empty.remember(Experience(state: [0], action: [0], reward: 1))
        #expect(try empty.update() != nil && empty.updates == 1)
    }

    @Test("The same seed gives the same actor bit for bit, another one another")
    func seeds() throws {
        func action(_ seed: UInt64, _ actor: ActorKind) throws -> [Float] {
            let learner = try learner(.zospi, actor, seed: seed)
            for _ in 0..<60 { try learner.update() }
            return try learner.act([0.25], exploring: true)
        }
        for actor in [ActorKind.network, .kernel, .forest] {
            #expect(try action(1, actor) == action(1, actor))
            #expect(try action(1, actor) != action(2, actor))
        }
    }

    @Test("Exploring with bootstrapped critics goes where they disagree, and never out of the box")
    func optimism() throws {
        var options = PolicyOptions.optimistic
        (options.discount, options.hidden, options.optimism) = (0, [32, 32], 5)
        let box = ActionBox(1, limit: 2)
        let learner = try PolicyLearner(stateCount: 1, box: box, options)
        var random = RandomSource(seed: 4)
        for _ in 0..<300 {
            // Only actions below 0 were seen, all worth the same.
            let action = Float(-2 * random.uniform())
            try learner.remember(Experience(state: [0], action: [action], reward: 0.5))
        }
        for _ in 0..<800 { try learner.update() }
        let tried = try (0..<40).map { _ in try learner.act([0], exploring: true)[0] }
        #expect(tried.allSatisfy { abs($0) <= 2 })
        #expect(tried.count { $0 > 0.3 } > 30, "\(tried)")
    }

    @Test("Z-IL moves critics and actor as backpropagation does", arguments: PolicyMethod.allCases)
    func rules(method: PolicyMethod) throws {
        func actions(_ rule: any LearningRule) throws -> [Float] {
            var options = PolicyOptions(method)
            (options.rule, options.hidden, options.batch) = (rule, [16, 16], 16)
            let learner = try PolicyLearner(stateCount: 1, box: ActionBox(1), options)
            var random = RandomSource(seed: 6)
            for _ in 0..<100 {
                let state = [Float(random.uniform())]
                let action = learner.box.random(using: &random)
                try learner.remember(
                    Experience(
                        state: state, action: action, reward: -abs(action[0] - state[0]),
                        next: state, isEnd: false))
            }
            for _ in 0..<20 { try learner.update() }
            return try [Float(0), 0.5, 1].map { try learner.act([$0])[0] }
        }
        let (one, other) = (try actions(Backpropagation()), try actions(ZeroDivergence()))
        #expect(zip(one, other).allSatisfy { abs($0 - $1) < 1e-3 }, "\(one), \(other)")
    }

    @Test("Bootstrapped critics learn from their share of the steps alone")
    func shares() throws {
        func loss(_ share: Double) throws -> Double {
            var options = PolicyOptions.optimistic
            (options.discount, options.hidden, options.share) = (0, [8], share)
            let learner = try PolicyLearner(stateCount: 1, box: ActionBox(1), options)
            for index in 0..<1000 {
                try learner.remember(
                    Experience(state: [Float(index) / 1000], action: [0], reward: 10))
            }
            return try learner.update() ?? .nan
        }
        // Before the first step all errors are about 10: five critics with 100 each, less those that are left out.
        let (all, half) = (try loss(1), try loss(0.5))
        #expect(abs(half / all - 0.5) < 0.12, "\(half), \(all)")
        #expect(try loss(1e-12) == 0)
    }

    @Test("A step that cannot be learned from is refused in one line and forgotten")
    func errors() throws {
        let learner = try PolicyLearner(stateCount: 2, box: ActionBox(1), PolicyOptions(.td3))
        let good = Experience(state: [0, 0], action: [0], reward: 0, next: [0, 0], isEnd: false)
        var bad = good
        bad.state = [0]
        #expect(throws: PolicyError.wrongCount(part: "state", expected: 2, found: 1)) {
            try learner.remember(bad)
        }
        bad = good
        bad.reward = .nan
        #expect(throws: PolicyError.notFinite(part: "reward", index: 0)) {
            try learner.remember(bad)
        }
        bad = good
        bad.next = [0, .infinity]
        #expect(throws: PolicyError.notFinite(part: "next state", index: 1)) {
            try learner.remember(bad)
        }
        bad = good
        bad.action = [0, 0]
        #expect(throws: PolicyError.wrongCount(part: "action", expected: 1, found: 2)) {
            try learner.remember(bad)
        }
        #expect(throws: PolicyError.wrongCount(part: "state", expected: 2, found: 3)) {
            try learner.act([0, 0, 0])
        }
        #expect(learner.count == 0)
        try learner.remember(good)
        #expect(learner.count == 1)
        let all: [PolicyError] = [
            .notFinite(part: "state", index: 0), .diverged(update: 3),
            .wrongCount(part: "state", expected: 2, found: 3),
        ]
        for error in all {
            #expect(!error.description.contains("\n") && error.description.count > 20)
            #expect(error.exitCode == 65)
        }
    }

    @Test("Rewards beyond all bounds end learning with a line, not with an actor of NaN")
    func divergence() throws {
        var options = PolicyOptions(.td3)
        options.hidden = [8]
        let learner = try PolicyLearner(stateCount: 1, box: ActionBox(1), options)
        for _ in 0..<64 {
            try learner.remember(
                Experience(state: [1], action: [0], reward: 3e38, next: [1], isEnd: false))
        }
        #expect(throws: PolicyError.diverged(update: 1)) {
            for _ in 0..<10 { try learner.update() }
        }
        #expect(try learner.act([1]).allSatisfy(\.isFinite))
    }
}
