import Tensors
import Testing

@testable import Policy

@Suite struct ReplayBufferTests {
    /// Step i: every number of it tells i.
    private func step(_ i: Int) -> Experience {
        let x = Float(i)
        return Experience(
            state: [x, -x], action: [x / 2], reward: 10 * x, next: [x + 1, -x - 1],
            isEnd: i % 3 == 0)
    }

    @Test("What is drawn belongs together, and comes from the last steps only")
    func draws() {
        var buffer = ReplayBuffer(stateCount: 2, actionCount: 1, critics: 2, capacity: 5)
        for i in 1...12 { buffer.append(step(i), mask: [Float(i % 2), 1]) }
        #expect(buffer.count == 5)
        var random = RandomSource(seed: 1)
        var seen: Set<Int> = []
        let batch = buffer.batch(400, using: &random)
        for row in 0..<400 {
            let pair = batch.pairs.row(row)
            let i = Int(pair[0])
            seen.insert(i)
            let step = step(i)
            #expect(pair == step.state + step.action)
            #expect(batch.states.row(row) == step.state)
            #expect(batch.nexts.row(row) == step.next)
            #expect(batch.rewards.row(row) == [step.reward])
            #expect(batch.goesOn.row(row) == [step.isEnd ? 0 : 1])
            #expect(batch.masks.row(row) == [Float(i % 2), 1])
        }
        #expect(seen == [8, 9, 10, 11, 12])
    }

    @Test("Rows stand beside others, each so many times")
    func beside() {
        let a = Tensor<Float>([1, 2], shape: [2, 1])
        let b = Tensor<Float>([10, 11, 20, 21, 30, 31, 40, 41], shape: [4, 2])
        #expect(
            a.beside(b, times: 2).elements == [1, 10, 11, 1, 20, 21, 2, 30, 31, 2, 40, 41])
    }
}
