// A blind look at one decoded picture: how coarsely was it quantised, whatever its file says?
import CKernels
import Glibc
import Media
import Tensors

/// Estimates the luma quantisation step of each 32x32 block from the decoded samples alone.
///
/// A file that was compressed twice or enlarged carries the wrong quantiser; this look does not
/// depend on it. Features are the energies of the details at three scales and how much of the block
/// has none, for the block and over the picture (mean and the 10 % and 90 % quantiles of its blocks),
/// and the grid of block edges; the estimate is linear in them. `Scripts/fit-damage-estimator.py`
/// fits the coefficients and says how far off they are on clips it did not see. It is a rough guess,
/// by a factor of about two: soft pictures look like damaged ones.
public struct DamageEstimator: Sendable {
    /// Steps that can be told apart: below the first nothing is visible.
    public static let stepRange: ClosedRange<Float> = 2...96

    /// An estimator with the coefficients fitted here.
    public init() {}

    /// Estimated luma quantisation steps in 8-bit code values, `[ceil(H / 32), ceil(W / 32)]`.
    public func callAsFunction(luma: Plane, depth: Int, threads: Int = 0) -> Tensor<Float> {
        let block = Int(PERCEPT_DAMAGE_BLOCK), width = Int(PERCEPT_DAMAGE_FEATURES)
        let columns = (luma.width + block - 1) / block, rows = (luma.height + block - 1) / block
        var features = [Float](repeating: 0, count: columns * rows * width)
        withKernelSamples(luma) {
            percept_damage_features($0, Int32(depth), &features, Int32(threads))
        }
        for index in features.indices where index % 3 != 2 {
            features[index] = log2f(features[index] + 0.25)
        }
        let picture = pictureTerm(features, blockiness: Blockiness(luma, depth: depth))
        let (low, high) = (
            log2f(DamageEstimator.stepRange.lowerBound), log2f(DamageEstimator.stepRange.upperBound)
        )
        return Tensor(shape: [rows, columns]) { steps in
            for index in 0..<steps.count {
                var exponent = picture
                for k in 0..<width {
                    exponent += features[index * width + k] * DamageEstimator.blockWeights[k]
                }
                steps[index] = exp2f(min(max(exponent, low), high))
            }
        }
    }

    private func pictureTerm(_ features: [Float], blockiness: Blockiness) -> Float {
        let width = Int(PERCEPT_DAMAGE_FEATURES)
        let count = features.count / width
        var term = DamageEstimator.constant
        var values = [Float](repeating: 0, count: count)
        for k in 0..<width {
            for index in 0..<count { values[index] = features[index * width + k] }
            values.sort()
            term += values.reduce(0, +) / Float(count) * DamageEstimator.meanWeights[k]
            term += values[(count - 1) / 10] * DamageEstimator.lowWeights[k]
            term += values[(count - 1) * 9 / 10] * DamageEstimator.highWeights[k]
        }
        let period = max(blockiness.columns.period, blockiness.rows.period)
        term += log2f(Float(blockiness.columns.strength)) * DamageEstimator.gridWeights[0]
        term += log2f(Float(blockiness.rows.strength)) * DamageEstimator.gridWeights[1]
        return term + log2f(Float(period) / 8) * DamageEstimator.gridWeights[2]
    }
}
