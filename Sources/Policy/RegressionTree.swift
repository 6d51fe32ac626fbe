// A tree that asks one number of a state after the other, and ends in an action.
import Tensors

/// A regression tree grown with random thresholds.
///
/// - SeeAlso: Geurts et al., "Extremely randomized trees" (2006), table 1.
struct RegressionTree: Sendable, Hashable {
    /// A question, or an answer where `feature` is -1.
    struct Node: Sendable, Hashable {
        /// Which number is asked; below the threshold to the next node, else to `right`. Of an answer, `right` is its number.
        var feature: Int, threshold: Float, right: Int
    }
    /// Questions and answers, the root first.
    private(set) var nodes: [Node] = []
    /// The mean action of each answer.
    private(set) var answers: [Float] = []

    /// A tree of the given parts, as a file holds them; nil where they are no tree.
    init?(nodes: [Node], answers: [Float], features: Int, width: Int) {
        guard !nodes.isEmpty, answers.count % width == 0, answers.allSatisfy(\.isFinite) else {
            return nil
        }
        for (index, node) in nodes.enumerated() {
            guard node.feature >= 0 else {
                guard (0..<answers.count / width).contains(node.right) else { return nil }
                continue
            }
            // Both ways lead onward, so every walk ends.
            guard node.feature < features, node.right > index + 1, node.right < nodes.count
            else { return nil }
        }
        guard nodes[nodes.count - 1].feature < 0 else { return nil }
        (self.nodes, self.answers) = (nodes, answers)
    }

    /// Examples, a row each.
    struct Examples {
        let states: [Float], actions: [Float]
        let stateCount: Int, actionCount: Int
        var count: Int { states.count / stateCount }
    }

    /// Grows a tree on examples until leaves hold fewer than twice `least`.
    init(_ examples: Examples, least: Int, using random: inout RandomSource) {
        var rows = Array(0..<examples.count)
        grow(&rows, 0..<rows.count, examples, least, &random)
    }

    private mutating func grow(
        _ rows: inout [Int], _ range: Range<Int>, _ examples: Examples, _ least: Int,
        _ random: inout RandomSource
    ) {
        let index = nodes.count
        let sum = sums(rows[range], examples)
        nodes.append(
            Node(feature: -1, threshold: 0, right: answers.count / examples.actionCount))
        guard range.count >= 2 * least,
            let split = split(rows[range], sum, examples, least, &random)
        else {
            answers += sum.map { Float($0 / Double(range.count)) }
            return
        }
        let column = split.feature
        var middle = range.lowerBound
        for position in range
        where examples.states[rows[position] * examples.stateCount + column] < split.threshold {
            rows.swapAt(position, middle)
            middle += 1
        }
        grow(&rows, range.lowerBound..<middle, examples, least, &random)
        nodes[index] = Node(feature: column, threshold: split.threshold, right: nodes.count)
        grow(&rows, middle..<range.upperBound, examples, least, &random)
    }

    private func sums(_ rows: ArraySlice<Int>, _ examples: Examples) -> [Double] {
        let width = examples.actionCount
        var sum = [Double](repeating: 0, count: width)
        for row in rows {
            for column in 0..<width {
                sum[column] += Double(examples.actions[row * width + column])
            }
        }
        return sum
    }

    /// Of one random threshold for each number, the one that leaves the least squares.
    private func split(
        _ rows: ArraySlice<Int>, _ sum: [Double], _ examples: Examples, _ least: Int,
        _ random: inout RandomSource
    ) -> (feature: Int, threshold: Float)? {
        var best: (feature: Int, threshold: Float)?
        var most = 0.0
        let (states, width) = (examples.stateCount, examples.actionCount)
        let whole = sum.reduce(0) { $0 + $1 * $1 } / Double(rows.count)
        for feature in 0..<states {
            var (low, high) = (Float.infinity, -Float.infinity)
            for row in rows {
                let x = examples.states[row * states + feature]
                (low, high) = (min(low, x), max(high, x))
            }
            guard low < high else { continue }
            let threshold = low + (high - low) * Float(random.uniform())
            var left = [Double](repeating: 0, count: width)
            var count = 0
            for row in rows where examples.states[row * states + feature] < threshold {
                count += 1
                for column in 0..<width {
                    left[column] += Double(examples.actions[row * width + column])
                }
            }
            guard count >= least, rows.count - count >= least else { continue }
            // Squares that a split removes: what the parts' sums explain beyond the whole's.
            var gain = -whole
            for column in 0..<width {
                let right = sum[column] - left[column]
                gain += left[column] * left[column] / Double(count)
                gain += right * right / Double(rows.count - count)
            }
            if gain > most { (most, best) = (gain, (feature, threshold)) }
        }
        return best
    }

    /// The number of the answer at which the walk of a state ends.
    func leaf(_ state: UnsafeBufferPointer<Float>, from start: Int) -> Int {
        var index = 0
        while nodes[index].feature >= 0 {
            let node = nodes[index]
            index = state[start + node.feature] < node.threshold ? index + 1 : node.right
        }
        return nodes[index].right
    }
}
