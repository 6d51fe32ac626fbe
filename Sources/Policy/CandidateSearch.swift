// Looking for a better action without any gradient: draw some, take the one that is worth most.
import Tensors

/// Actions that are tried in place of one: some from the whole box, some from around it.
///
/// - SeeAlso: ZOSPI (arXiv:2006.06600), global and local exploitation. The published code draws the global ones from
///   (U(0, 1) - ½) · n · max for n numbers of an action: half of the box for one, beyond it for more than two. Here they are
///   U(-max, max).
public struct CandidateSearch: Sendable, Hashable {
    /// Actions from the whole box, and from around the one that there is.
    public var global: Int, local: Int
    /// How far local ones go either way, a part of the box's limit.
    public var radius: Double
    /// The part of the box's limit up to which global ones go.
    private var reach = 1.0

    /// A search.
    public init(global: Int = 50, local: Int = 50, radius: Double = 0.25) {
        precondition(global >= 0 && local >= 0 && radius >= 0, "\(global), \(local), \(radius)")
        (self.global, self.local, self.radius) = (global, local, radius)
    }

    /// The same with global ones from the inner half of the box only, as the published code has it for single numbers.
    public var halved: CandidateSearch {
        var search = self
        search.reach = 0.5
        return search
    }

    /// Candidates for a row: the action that there is, and those drawn.
    public var count: Int { 1 + global + local }

    /// The candidates for each action, which is itself the first of its own.
    ///
    /// - Parameter actions: `[N, a]`.
    /// - Returns: `[N * count, a]`.
    public func candidates(
        around actions: Tensor<Float>, in box: ActionBox, using random: inout RandomSource
    ) -> Tensor<Float> {
        let (rows, width) = (actions.shape[0], box.count)
        precondition(actions.shape == [rows, width], "\(actions.shape) in a box of \(width)")
        let (radius, reach) = (Float(radius), Float(reach))
        return Tensor(shape: [rows * count, width]) { result in
            actions.withUnsafeBufferPointer { a in
                var index = 0
                for row in 0..<rows {
                    for column in 0..<width { result[index + column] = a[row * width + column] }
                    index += width
                    for _ in 0..<global * width {
                        result[index] = reach * box.number(using: &random)
                        index += 1
                    }
                    for _ in 0..<local {
                        for column in 0..<width {
                            let step = radius * box.number(using: &random)
                            result[index] = box.clamped(a[row * width + column] + step)
                            index += 1
                        }
                    }
                }
            }
        }
    }

    /// Which candidate of each row is worth most; 0, the action that there is, unless one is worth more.
    ///
    /// - Parameter values: One for each candidate, those of a row together.
    public func best(_ values: Tensor<Float>) -> [Int] {
        precondition(values.count % count == 0, "\(values.count) values for \(count) a row")
        return values.withUnsafeBufferPointer { values in
            (0..<values.count / count).map { row in
                var best = 0
                for index in 1..<max(count, 1)
                where values[row * count + index] > values[row * count + best] {
                    best = index
                }
                return best
            }
        }
    }

    /// The best of the candidates by their values, a row each, and whether it is another than the action that there is.
    ///
    /// - Parameters:
    ///   - candidates: `[N * count, a]`.
    ///   - values: One for each.
    public func improved(
        _ candidates: Tensor<Float>, by values: Tensor<Float>
    ) -> (actions: Tensor<Float>, isBetter: [Bool]) {
        let best = best(values)
        let width = candidates.shape[1]
        let actions = Tensor<Float>(shape: [best.count, width]) { result in
            candidates.withUnsafeBufferPointer { a in
                for (row, index) in best.enumerated() {
                    for column in 0..<width {
                        result[row * width + column] = a[(row * count + index) * width + column]
                    }
                }
            }
        }
        return (actions, best.map { $0 > 0 })
    }
}
