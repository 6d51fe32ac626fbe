import Tensors
import Testing

@testable import Policy

@Suite struct ForestActorTests {
    @Test("A forest learns a step, which a kernel's mean would blur")
    func step() throws {
        var actor = ForestActor(stateCount: 2, box: ActionBox(1), interval: 1)
        var random = RandomSource(seed: 1)
        let states = Tensor<Float>.uniform([400, 2], using: &random)
        let actions = Tensor<Float>(shape: [400, 1]) { a in
            for row in 0..<400 { a[row] = states[row, 1] > 0.1 ? 0.8 : -0.6 }
        }
        actor.learn(states, actions)
        #expect(actor.count == 400)
        for (state, action) in [
            ([Float(0.5), 0.25], Float(0.8)), ([-0.5, 0.9], 0.8), ([0, -0.05], -0.6),
            ([0.9, -0.9], -0.6),
        ] {
            #expect(abs(try actor.action(for: state)[0] - action) < 0.1, "\(state)")
        }
    }

    @Test("The answers of a tree's leaves, each times its examples, sum to those of all examples")
    func leaves() throws {
        var random = RandomSource(seed: 2)
        for _ in 0..<10 {
            let rows = 20 + random.index(below: 100)
            let examples = RegressionTree.Examples(
                states: Tensor<Float>.normal([rows, 3], using: &random).elements,
                actions: Tensor<Float>.normal([rows, 2], using: &random).elements, stateCount: 3,
                actionCount: 2)
            let tree = RegressionTree(examples, least: 5, using: &random)
            var counts: [Int: Int] = [:]
            examples.states.withUnsafeBufferPointer { states in
                for row in 0..<rows { counts[tree.leaf(states, from: 3 * row), default: 0] += 1 }
            }
            #expect(counts.values.allSatisfy { $0 >= 5 } && counts.count > 1)
            for column in 0..<2 {
                let sum = counts.reduce(0.0) {
                    $0 + Double($1.value) * Double(tree.answers[2 * $1.key + column])
                }
                let all = (0..<rows).reduce(0.0) { $0 + Double(examples.actions[2 * $1 + column]) }
                #expect(abs(sum - all) < 1e-3)
            }
        }
    }
}
