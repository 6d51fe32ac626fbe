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
}
