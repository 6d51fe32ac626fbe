// How far what is recalled is to be believed, from how it differs from what was decoded.
import Glibc
import Tensors

/// How much of the difference to a recalled picture is added, block by block.
///
/// The weight that makes the squared error least was measured on clips that were put together so that scenes come back, as a function
/// of three figures, all in parts of the squared error that the frame's quantisers make likely: how a block differs from what is recalled,
/// how its coarse half differs, and how the coarse halves of all blocks do, in the middle. What comes back exactly differs by what two
/// encoders made of it; what is merely alike differs in its coarse half too, and counts less, or nothing.
struct RecallWeights {
    /// Packet positions along a block: 8x8 samples.
    static let block = 4
    /// From which coarse difference of the whole frame on nothing is recalled.
    static let limit: Float = 1
    /// Weights by the coarse difference of the whole frame, linear in between.
    private static let levels: [(difference: Float, weight: Float)] = [
        (0.1, 0.45), (0.15, 0.38), (0.25, 0.26), (0.4, 0.2), (0.7, 0.12), (limit, 0),
    ]
    /// At which difference of a block half of the weight is left: of its coarse half, and of all of it.
    private static let coarseHalf: Float = 0.7, wholeHalf: Float = 3

    /// A weight for each block, `[rows, columns]`.
    let values: Tensor<Float>
    /// The coarse difference in the middle of all blocks.
    let difference: Float

    /// Weights for the difference of two pictures' packets.
    ///
    /// - Parameters:
    ///   - decoded: LL, HL, LH and HH in 8-bit code values, `[4, height, width]`.
    ///   - recalled: The same of the recalled picture, moved to where the frame has what it shows.
    ///   - error: The squared error that the frame is likely to have.
    init(decoded: Tensor<Float>, recalled: Tensor<Float>, error: Float) {
        let (height, width) = (decoded.shape[1], decoded.shape[2])
        let size = Self.block
        let (rows, columns) = ((height + size - 1) / size, (width + size - 1) / size)
        var whole = [Float](repeating: 0, count: rows * columns)
        var coarse = whole
        decoded.withUnsafeBufferPointer { a in
            recalled.withUnsafeBufferPointer { b in
                for row in 0..<rows {
                    for column in 0..<columns {
                        let found = Self.differences(
                            a, b, y: row * size..<min(row * size + size, height),
                            x: column * size..<min(column * size + size, width),
                            width: width, plane: height * width)
                        whole[row * columns + column] = found.whole / error
                        coarse[row * columns + column] = found.coarse / error
                    }
                }
            }
        }
        let difference = coarse.sorted()[coarse.count / 2]
        self.difference = difference
        let most = Self.level(difference)
        values = Tensor(
            zip(whole, coarse).map { whole, coarse in
                let (a, b) = (coarse / Self.coarseHalf, whole / Self.wholeHalf)
                return most / ((1 + a * a) * (1 + b * b))
            }, shape: [rows, columns])
    }

    /// Mean squared differences of a block's samples: of all that they show, and of means over 4x4.
    private static func differences(
        _ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>, y: Range<Int>,
        x: Range<Int>, width: Int, plane: Int
    ) -> (whole: Float, coarse: Float) {
        var whole: Float = 0, coarse: Float = 0, parts: Float = 0
        for channel in 0..<4 {
            for row in y {
                let start = channel * plane + row * width
                for index in start + x.lowerBound..<start + x.upperBound {
                    let difference = a[index] - b[index]
                    whole += difference * difference
                }
            }
        }
        // The transform is orthonormal: LL is twice the mean of 2x2 samples.
        for row in stride(from: y.lowerBound, to: y.upperBound, by: 2) {
            for column in stride(from: x.lowerBound, to: x.upperBound, by: 2) {
                var sum: Float = 0, count: Float = 0
                for r in row..<min(row + 2, y.upperBound) {
                    for c in column..<min(column + 2, x.upperBound) {
                        sum += a[r * width + c] - b[r * width + c]
                        count += 1
                    }
                }
                let mean = sum / (2 * count)
                coarse += mean * mean
                parts += 1
            }
        }
        return (whole / Float(4 * y.count * x.count), coarse / parts)
    }

    private static func level(_ difference: Float) -> Float {
        guard let next = levels.firstIndex(where: { difference < $0.difference }) else { return 0 }
        guard next > 0 else { return levels[0].weight }
        let (low, high) = (levels[next - 1], levels[next])
        let share = (difference - low.difference) / (high.difference - low.difference)
        return low.weight + share * (high.weight - low.weight)
    }
}
