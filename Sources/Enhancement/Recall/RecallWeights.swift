// How far what is recalled is to be believed, from how it differs from what was decoded.
import CKernels
import Tensors

/// How much of the difference to a recalled picture is added, block by block.
///
/// The weight that makes the squared error least, as a function of ``RecallFeatures``: a logistic curve over a polynomial of
/// second degree, fitted by `Scripts/fit-recall.py` to samples that `mwgan evaluate --recall-samples` wrote of clips that were put together so that
/// scenes come back, of four encoders. It finds what rules for one encoder miss: what was coded alike has the same errors, and gains nothing.
struct RecallWeights {
    /// A weight for each block, `[rows, columns]`.
    let values: Tensor<Float>
    /// What goes of the squared error if the weights are the best ones, in parts of what is likely.
    let gain: Float

    /// The largest weight there can be.
    private static let most: Float = 0.8
    /// Below which gain nothing is recalled: what is weighed there is worth as little as it costs.
    private static let leastGain: Float = 0.003

    /// Means and deviations of the features' samples, which lie within three of these.
    private static let means: [Float] = [
        -0.9614, -2.4007, -0.6442, -2.0836, -0.3364, 0.9391, -1.2356, -0.0372, -3.6446,
    ]
    private static let deviations: [Float] = [
        2.1900, 2.5389, 2.1008, 1.4701, 0.5085, 1.6544, 2.3940, 0.6948, 2.1040,
    ]
    /// Coefficients: of 1, of each feature, and of the product of each with itself and those after it.
    private static let coefficients: [Float] = [
        0.0636, -0.0830, -0.2495, -0.0417, 0.0566, -0.2223, -0.3843, 0.1798, 0.4477, -0.1657,
        -0.4129, -0.0307, -0.1508, 0.1444, 0.1023, -0.1975, 0.2085, 0.0141, -0.1041, -0.2178,
        -0.0032, -0.0226, 0.0817, -0.1649, 0.2424, -0.0163, 0.1124, -0.1180, 0.1447, -0.0098,
        -0.1327, 0.2047, -0.0266, -0.1445, -0.2205, 0.0076, 0.1037, 0.1853, 0.0351, 0.0082,
        -0.0376, 0.0885, -0.1097, -0.0713, 0.0374, -0.0622, 0.0045, -0.1263, -0.0505, -0.2775,
        0.0036, -0.0951, -0.0278, -0.1712, -0.0999,
    ]

    /// Weights by what is known of each block.
    init(_ features: RecallFeatures, threads: Int = 1) {
        let count = features.differences.count
        let values = Tensor<Float>(shape: features.differences.shape) { weights in
            features.values.withUnsafeBufferPointer {
                percept_recall_weights(
                    $0.baseAddress!, count, Self.means, Self.deviations, Self.coefficients,
                    Self.most, weights.baseAddress!, Int32(threads))
            }
        }
        var gain: Float = 0
        values.withUnsafeBufferPointer { weights in
            features.differences.withUnsafeBufferPointer { differences in
                for block in 0..<count {
                    gain += weights[block] * weights[block] * differences[block]
                }
            }
        }
        self.values = values
        self.gain = features.isKnown ? gain / Float(count) : 0
    }

    /// Whether it is worth what it costs.
    var isWorthIt: Bool { gain >= Self.leastGain }
}
