// Losses of logits: cross-entropy among classes, binary cross-entropy for each label.
import Tensors

extension Value {
    /// Cross-entropy of logits against class probabilities, such as one-hot codes, of equal shape:
    /// the mean over all positions of -Σ p log softmax(x) along the axis of classes.
    public func crossEntropy(probabilities: Value, axis: Int = 1) -> Value {
        -(probabilities * logSoftmax(axis: axis)).sum([axis]).mean()
    }

    /// Cross-entropy of logits against class indices, shaped as the logits without the axis of
    /// classes: the mean over all positions of -log softmax(x) at the index.
    public func crossEntropy(indices: Value, axis: Int = 1) -> Value {
        crossEntropy(probabilities: indices.oneHot(like: self, axis: axis), axis: axis)
    }

    /// Binary cross-entropy of logits against targets from 0 to 1: the mean of
    /// -t log σ(x) - (1 - t) log(1 - σ(x)), which is log(1 + e^x) - t x and overflows nowhere.
    public func binaryCrossEntropy(targets: Value) -> Value {
        (softplus - targets * self).mean()
    }
    /// Focal cross-entropy of logits against labels that are 0 or 1, element by element: binary cross-entropy times
    /// |label - σ(x)|^focus, so that what is known already counts less, and times `balance` for labels of 1 and
    /// 1 - `balance` for those of 0.
    ///
    /// - SeeAlso: Lin et al., "Focal loss" (arXiv:1708.02002), equation 5.
    public func focalCrossEntropy(
        labels: Value, balance: Double = 0.5, focus: Double = 2
    ) -> Value {
        let entropy = softplus - labels * self
        let share = (2 * balance - 1) * labels + (1 - balance)
        // A power of less than 1 has no derivative at 0.
        let distance = (labels - sigmoid).absolute + 1e-6
        return share * distance.power(focus) * entropy
    }
}
