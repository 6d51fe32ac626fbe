import Networks
import TestSupport
import Tensors
import Testing

@testable import Policy

@Suite struct PolicyActorTests {
    /// A trained actor of each kind.
    private func actor(_ kind: ActorKind) throws -> any PolicyActor {
        var options = PolicyOptions(.zospi)
        (options.actor, options.hidden, options.discount) = (kind, [8, 4], 0)
        let learner = try PolicyLearner(stateCount: 3, box: ActionBox(2, limit: 0.7), options)
        var random = RandomSource(seed: 5)
        for _ in 0..<100 {
            let state = (0..<3).map { _ in Float(random.normal()) }
            let action = learner.box.random(using: &random)
            try learner.remember(
                Experience(state: state, action: action, reward: -abs(action[0] - state[0] / 3)))
        }
        for _ in 0..<100 { try learner.update() }
        return learner.actor
    }

    @Test(
        "An actor comes back from its file and acts as before, bit for bit",
        arguments: [ActorKind.network, .kernel, .forest])
    func files(kind: ActorKind) throws {
        let folder = TemporaryFolder()
        let path = "\(folder.path)/actor.safetensors"
        let actor = try actor(kind)
        try actor.write(to: path)
        let other = try ActorFile.read(path)
        #expect(other.stateCount == 3 && other.box == ActionBox(2, limit: 0.7))
        var random = RandomSource(seed: 6)
        let states = Tensor<Float>.normal([50, 3], deviation: 2, using: &random)
        let actions = try actor.actions(for: states)
        #expect(actions == (try other.actions(for: states)))
        #expect(actions.elements.allSatisfy { abs($0) <= 0.7 })
        #expect(Set(actions.elements).count > 10)
        #expect(try other.action(for: states.row(7)).count == 2)
    }

    @Test("Actors that have learned nothing do nothing, and can be kept")
    func untrained() throws {
        let folder = TemporaryFolder()
        let path = "\(folder.path)/actor.safetensors"
        let kernel = KernelActor(stateCount: 2, box: ActionBox(1))
        #expect(try kernel.action(for: [1, 2]) == [0])
        try kernel.write(to: path)
        #expect(try ActorFile.read(path).action(for: [1, 2]) == [0])
        let forest = ForestActor(stateCount: 2, box: ActionBox(1))
        try forest.write(to: path)
        #expect(try ActorFile.read(path).action(for: [1, 2]) == [0])
    }

    @Test("A file that is no actor, or a broken one, is named with what is wrong")
    func broken() throws {
        let folder = TemporaryFolder()
        let path = "\(folder.path)/actor.safetensors"
        let good = ActorHead.metadata("network", try actor(.network))
        func refused(
            _ key: String, _ value: String?, hidden: String = "8"
        ) throws {
            var metadata = good
            metadata["policy.hidden"] = hidden
            metadata[key] = value
            try Safetensors.write([], metadata: metadata, to: path)
            let error = #expect(throws: SafetensorsError.self) { try ActorFile.read(path) }
            #expect(error?.description.contains(key) == true, "\(key): \(error?.description ?? "")")
        }
        try refused("policy.version", "1")
        try refused("policy.kind", "oracle")
        try refused("policy.kind", nil)
        try refused("policy.state", "0")
        try refused("policy.action", "-1")
        try refused("policy.action", "99999999999999999999")
        try refused("policy.limit", "inf")
        try refused("policy.limit", "nan")
        try refused("policy.hidden", "8 x")
        // Whole, but for the tensors.
        try refused("0.weight", nil, hidden: "8 4")

        var metadata = ActorHead.metadata("forest", ForestActor(stateCount: 1, box: ActionBox(1)))
        metadata["policy.trees"] = "1"
        // A walk that would go round for ever, a number that a state has not, an answer too few.
        for (nodes, answers) in [
            ([Float(0), 0, 0, -1, 0, 0], 1), ([3, 0, 2, -1, 0, 0, -1, 0, 1], 2),
            ([0, 0, 2, -1, 0, 0, -1, 0, 1], 1), ([0.5, 0, 2, -1, 0, 0, -1, 0, 1], 2),
            ([0, 0, 2, -1, 0, 0, -1, 0, -1], 2), ([0, 0, 2, -1, 0, 0, -1, 0, 1], 2),
        ] {
            try Safetensors.write(
                [
                    ("tree.0.nodes", Tensor(nodes, shape: [nodes.count / 3, 3])),
                    ("tree.0.answers", Tensor(shape: [answers, 1])),
                ], metadata: metadata, to: path)
            // The last is a tree.
            if nodes == [0, 0, 2, -1, 0, 0, -1, 0, 1], answers == 2 {
                _ = try ActorFile.read(path)
            } else {
                #expect(throws: SafetensorsError.self) { try ActorFile.read(path) }
            }
        }
        metadata = ActorHead.metadata("kernel", KernelActor(stateCount: 1, box: ActionBox(1)))
        for (states, actions, scales) in [
            ([Float(1), 2], [Float(1)], [Float(1)]), ([1, 2], [1, 2], [1, 1]),
            ([.nan, 2], [1, 2], [1]),
        ] {
            try Safetensors.write(
                [
                    ("states", Tensor(states, shape: [states.count, 1])),
                    ("actions", Tensor(actions, shape: [actions.count, 1])),
                    ("scales", Tensor(scales, shape: [scales.count])),
                ], metadata: metadata, to: path)
            #expect(throws: SafetensorsError.self) { try ActorFile.read(path) }
        }
        #expect(throws: SafetensorsError.self) { try ActorFile.read("\(folder.path)/none") }
    }
}
