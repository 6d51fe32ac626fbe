import Networks
import Tensors
import Testing

@testable import Policy

@Suite struct CriticsTests {
    /// What a critic of the given parameters says, computed plainly.
    private func value(_ parameters: Parameters, _ index: Int, _ pair: [Float]) -> Double {
        var x = pair.map(Double.init)
        for layer in 0..<3 {
            guard let weight = parameters["critic.\(index).\(layer).weight"],
                let bias = parameters["critic.\(index).\(layer).bias"]
            else { return .nan }
            x = (0..<weight.shape[0]).map { row in
                let sum = x.indices.reduce(Double(bias[row])) {
                    $0 + Double(weight[row, $1]) * x[$1]
                }
                return layer < 2 ? max(sum, 0) : sum
            }
        }
        return x[0]
    }

    private func batch(_ rows: Int, critics: Int, using random: inout RandomSource)
        -> ReplayBuffer.Batch
    {
        ReplayBuffer.Batch(
            pairs: .normal([rows, 3], using: &random), states: .normal([rows, 2], using: &random),
            nexts: .normal([rows, 2], using: &random), rewards: .normal([rows, 1], using: &random),
            goesOn: Tensor<Float>.uniform([rows, 1], using: &random).map { $0 > 0 ? 1 : 0 },
            masks: Tensor<Float>.uniform([rows, critics], using: &random).map { $0 > 0 ? 1 : 0 })
    }

    @Test(
        "The loss is that of the equation: each critic against r + γ times the smaller of its own and its neighbour's slow copy",
        arguments: [(1, 0.9, 1.0), (2, 0.9, 1.0), (3, 0.5, 0.8), (2, 0, 1.0)])
    func loss(count: Int, discount: Double, share: Double) throws {
        var options = PolicyOptions(.zospi)
        (options.critics, options.discount, options.share) = (count, discount, share)
        (options.hidden, options.batch) = ([8, 8], 16)
        var random = RandomSource(seed: 1)
        let critics = try Critics(stateCount: 2, actionCount: 1, options: options, using: &random)
        // A step and a move, so that the slow copies are others than the critics.
        let slow = critics.weights
        let nexts = Tensor<Float>.normal([16, 3], using: &random)
        for _ in 0..<20 {
            _ = try critics.learn(batch(16, critics: count, using: &random), nexts: nexts)
        }
        let batch = batch(16, critics: count, using: &random)
        let weights = critics.weights
        #expect(weights != slow)
        let found = try critics.learn(batch, nexts: discount > 0 ? nexts : nil)
        var expected = 0.0
        for index in 0..<count {
            var sum = 0.0
            for row in 0..<16 {
                let later = (0..<count).map { value(slow, $0, nexts.row(row)) }
                let target =
                    Double(batch.rewards[row, 0])
                    + discount * Double(batch.goesOn[row, 0])
                    * min(later[index], later[(index + 1) % count])
                let error = value(weights, index, batch.pairs.row(row)) - target
                let mask = share < 1 ? Double(batch.masks[row, index]) : 1
                sum += mask * error * error
            }
            expected += sum / 16
        }
        #expect(abs(found - expected) < 1e-4 * max(1, expected), "\(found), \(expected)")
    }

    @Test(
        "Slow copies move by the part asked for, and judge; all critics' mean and deviation count together"
    )
    func judging() throws {
        var options = PolicyOptions.optimistic
        (options.hidden, options.batch, options.blending) = ([8, 8], 16, 0.25)
        var random = RandomSource(seed: 2)
        let critics = try Critics(stateCount: 2, actionCount: 1, options: options, using: &random)
        var slow = critics.weights
        let nexts = Tensor<Float>.normal([16, 3], using: &random)
        _ = try critics.learn(batch(16, critics: 5, using: &random), nexts: nexts)
        critics.blend()
        slow.blend(critics.weights, 0.25)
        let pairs = Tensor<Float>.normal([7, 3], using: &random)
        let judged = try critics.judgement(pairs)
        let hoped = try critics.optimisticValues(pairs, deviations: 2)
        for row in 0..<7 {
            #expect(abs(Double(judged[row, 0]) - value(slow, 0, pairs.row(row))) < 1e-4)
            let all = (0..<5).map { value(critics.weights, $0, pairs.row(row)) }
            let mean = all.reduce(0, +) / 5
            let variance = all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 5
            #expect(abs(Double(hoped[row, 0]) - mean - 2 * variance.squareRoot()) < 1e-4)
        }
    }
}
