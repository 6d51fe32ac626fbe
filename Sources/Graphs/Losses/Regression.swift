// Losses between a value and its target: L1, L2 and Charbonnier.
import Tensors

extension Value {
    /// L1: the mean of |x - target|.
    public func absoluteError(to target: Value) -> Value { (self - target).absolute.mean() }

    /// L2: the mean of (x - target)².
    public func squaredError(to target: Value) -> Value {
        let difference = self - target
        return (difference * difference).mean()
    }

    /// Charbonnier: the mean of √((x - target)² + ε²), L1 with a smooth bottom.
    ///
    /// - SeeAlso: Lai et al., LapSRN (arXiv:1704.03915), section 3.3.
    public func charbonnier(to target: Value, epsilon: Double = 1e-3) -> Value {
        let difference = self - target
        return (difference * difference + epsilon * epsilon).squareRoot.mean()
    }
}
