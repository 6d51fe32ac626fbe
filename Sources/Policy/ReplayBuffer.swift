// Steps that were made, from which batches are drawn again and again.
import Tensors

/// The last steps, drawn from evenly and with replacement.
struct ReplayBuffer {
    /// Numbers of a state and of an action, critics that learn each from its own part, and steps kept at most.
    let stateCount: Int, actionCount: Int, critics: Int, capacity: Int
    /// Steps kept.
    private(set) var count = 0
    private var oldest = 0
    private var pairs: [Float] = [], nexts: [Float] = [], rewards: [Float] = []
    private var goesOn: [Float] = [], masks: [Float] = []

    init(stateCount: Int, actionCount: Int, critics: Int, capacity: Int) {
        precondition(capacity > 0, "a buffer of \(capacity) steps")
        (self.stateCount, self.actionCount) = (stateCount, actionCount)
        (self.critics, self.capacity) = (critics, capacity)
    }

    /// Steps as tensors, a row each.
    struct Batch {
        /// State and action side by side, `[N, s + a]`; states `[N, s]`; states after them `[N, s]`.
        var pairs: Tensor<Float>, states: Tensor<Float>, nexts: Tensor<Float>
        /// Rewards, and 1 where something follows, else 0: `[N, 1]`.
        var rewards: Tensor<Float>, goesOn: Tensor<Float>
        /// 1 where a critic learns from a step, else 0: `[N, K]`.
        var masks: Tensor<Float>
    }

    /// Keeps a step, in place of the oldest where there is no more room.
    ///
    /// - Parameter mask: 1 or 0 for each critic.
    mutating func append(_ step: Experience, mask: [Float]) {
        precondition(mask.count == critics, "\(mask.count) masks for \(critics) critics")
        guard count == capacity else {
            pairs += step.state
            pairs += step.action
            nexts += step.next
            rewards.append(step.reward)
            goesOn.append(step.isEnd ? 0 : 1)
            masks += mask
            count += 1
            return
        }
        let width = stateCount + actionCount
        for (index, x) in step.state.enumerated() {
            pairs[oldest * width + index] = x
            nexts[oldest * stateCount + index] = step.next[index]
        }
        for (index, a) in step.action.enumerated() {
            pairs[oldest * width + stateCount + index] = a
        }
        (rewards[oldest], goesOn[oldest]) = (step.reward, step.isEnd ? 0 : 1)
        for (index, m) in mask.enumerated() { masks[oldest * critics + index] = m }
        oldest = (oldest + 1) % capacity
    }

    /// Steps drawn at random.
    func batch(_ rows: Int, using random: inout RandomSource) -> Batch {
        precondition(count > 0, "nothing to draw from")
        let positions = (0..<rows).map { _ in random.index(below: count) }
        let width = stateCount + actionCount
        return Batch(
            pairs: Self.gathered(pairs, positions, width, 0..<width),
            states: Self.gathered(pairs, positions, width, 0..<stateCount),
            nexts: Self.gathered(nexts, positions, stateCount, 0..<stateCount),
            rewards: Self.gathered(rewards, positions, 1, 0..<1),
            goesOn: Self.gathered(goesOn, positions, 1, 0..<1),
            masks: Self.gathered(masks, positions, critics, 0..<critics))
    }

    private static func gathered(
        _ values: [Float], _ positions: [Int], _ width: Int, _ columns: Range<Int>
    ) -> Tensor<Float> {
        Tensor(shape: [positions.count, columns.count]) { result in
            var index = 0
            for position in positions {
                for column in columns {
                    result[index] = values[position * width + column]
                    index += 1
                }
            }
        }
    }
}

extension Tensor where Scalar == Float {
    /// Rows of this matrix, each so many times, beside the rows of another.
    func beside(_ other: Tensor, times: Int = 1) -> Tensor {
        let (rows, width, others) = (other.shape[0], shape[1], other.shape[1])
        precondition(rows == shape[0] * times, "\(shape), \(times) times, beside \(other.shape)")
        return Tensor(shape: [rows, width + others]) { result in
            withUnsafeBufferPointer { a in
                other.withUnsafeBufferPointer { b in
                    var index = 0
                    for row in 0..<rows {
                        let first = row / times * width
                        for column in 0..<width { result[index + column] = a[first + column] }
                        index += width
                        for column in 0..<others {
                            result[index + column] = b[row * others + column]
                        }
                        index += others
                    }
                }
            }
        }
    }

    /// A row as numbers.
    func row(_ row: Int) -> [Float] {
        let width = shape[1]
        return withUnsafeBufferPointer { Array($0[row * width..<(row + 1) * width]) }
    }
}
