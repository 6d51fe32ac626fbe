// What the network is told about the damage: the worse of what the file says and what it looks like.
import Glibc
import Media
import Tensors

/// Damage of a frame as two maps on a grid of 16x16 luma samples.
///
/// Both hold `log2(step) / 3 - 1`, step being a luma quantisation step in 8-bit code values held
/// within 1 ... 128: -1 is none, 0 a step of 8, 1.33 the worst. Where the file says nothing, the
/// blind estimate stands in; where it does, the blind look, typically wrong by a factor of two, wins
/// only by what it sees beyond that.
public struct DamageMap: Sendable {
    /// The worse of the file's quantiser and what the blind estimate is sure of, `[ceil(H / 16), ceil(W / 16)]`.
    public let worse: Tensor<Float>
    /// The blind estimate alone, of the same shape.
    public let blind: Tensor<Float>

    /// The blind estimate's typical error, a factor of two, on the scale of the maps.
    public static let blindError: Float = 1 / 3.0

    /// Luma samples of one cell, each way.
    public static let cell = 16

    /// The map of a picture of the given luma size.
    ///
    /// - Parameters:
    ///   - quantisers: what the decoder exported, or nil.
    ///   - blindSteps: what `DamageEstimator` returned for the luma.
    public init(width: Int, height: Int, quantisers: QuantiserMap?, blindSteps: Tensor<Float>) {
        let cell = DamageMap.cell
        let columns = (width + cell - 1) / cell, rows = (height + cell - 1) / cell
        let block = DamageEstimator.blockSize
        precondition(
            blindSteps.shape == [(height + block - 1) / block, (width + block - 1) / block],
            "\(blindSteps.shape) are no blocks of \(width)x\(height)")
        let cells = Shape([rows, columns])
        let blind = Tensor<Float>(shape: cells) { values in
            blindSteps.withUnsafeBufferPointer { steps in
                for index in 0..<values.count {
                    let (y, x) = (index / columns * cell / block, index % columns * cell / block)
                    values[index] = DamageMap.level(ofStep: steps[y * blindSteps.shape[1] + x])
                }
            }
        }
        self.blind = blind
        worse = Tensor(shape: cells) { values in
            blind.withUnsafeBufferPointer { seen in
                for index in 0..<values.count {
                    let (y, x) = (index / columns * cell, index % columns * cell)
                    let said = quantisers?.step(coveringX: x, y: y, size: cell)
                    guard let said else {
                        values[index] = seen[index]
                        continue
                    }
                    values[index] = max(
                        DamageMap.level(ofStep: said), seen[index] - DamageMap.blindError)
                }
            }
        }
    }

    /// The map of a frame, after a blind look at its luma.
    public init(_ frame: Frame, estimator: DamageEstimator = DamageEstimator(), threads: Int = 0) {
        self.init(
            width: frame.width, height: frame.height, quantisers: frame.quantisers,
            blindSteps: estimator(
                luma: frame.planes[0], depth: frame.format.depth, threads: threads))
    }

    /// The value that stands for a quantisation step in 8-bit code values.
    public static func level(ofStep step: Float) -> Float {
        log2f(min(max(step, 1), 128)) / 3 - 1
    }

    /// The luma step that the blind look sees, a geometric mean over the picture.
    public var meanBlindStep: Float {
        let levels = blind.elements
        let mean = levels.reduce(0, +) / Float(max(levels.count, 1))
        return exp2f(3 * (mean + 1))
    }
}

extension DamageEstimator {
    /// Side of a block in luma samples.
    public static let blockSize = 32
}

extension QuantiserMap {
    /// Largest luma step of the blocks that a square touches; nil where the map does not reach.
    func step(coveringX x: Int, y: Int, size: Int) -> Float? {
        guard blockSize > 0, x / blockSize < columns, y / blockSize < rows else { return nil }
        let right = min((x + size - 1) / blockSize, columns - 1)
        let down = min((y + size - 1) / blockSize, rows - 1)
        var worst: Float = 0
        for row in (y / blockSize)...down {
            for column in (x / blockSize)...right {
                worst = max(worst, lumaSteps[row * columns + column])
            }
        }
        return worst
    }
}
