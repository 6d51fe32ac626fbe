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
        -0.9766, -2.4134, -0.6669, -2.0958, -0.3393, 0.8918, -1.2775, -0.0390, -3.6575,
    ]
    private static let deviations: [Float] = [
        2.1884, 2.5273, 2.1011, 1.4740, 0.4963, 1.6742, 2.3947, 0.6970, 2.0999,
    ]
    /// Coefficients: of 1, of each feature, and of the product of each with itself and those after it.
    private static let coefficients: [Float] = [
        0.1009, -0.0986, -0.2704, -0.0279, 0.0305, -0.2242, -0.3097, 0.2145, 0.4558, -0.1528,
        -0.4007, -0.0369, -0.1386, 0.1560, 0.1142, -0.1967, 0.1976, 0.0279, -0.1083, -0.2611,
        -0.0181, -0.0005, 0.0967, -0.1321, 0.2991, -0.0258, 0.1054, -0.1084, 0.1391, -0.0052,
        -0.1561, 0.1985, -0.0145, -0.1432, -0.2304, -0.0237, 0.1347, 0.1898, 0.0488, 0.0236,
        -0.0328, 0.1078, -0.1353, -0.0926, 0.0303, -0.1506, -0.0591, -0.1681, -0.0466, -0.2812,
        0.0076, -0.1154, -0.0225, -0.1675, -0.1038,
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
