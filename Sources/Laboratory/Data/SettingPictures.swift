// Which pictures an experiment gets: real ones where --data names them, else drawn ones.
import Tensors

extension ExperimentSetting {
    /// Digits to learn from and to measure with, 28x28: MNIST with --data, else rendered.
    ///
    /// - Parameters:
    ///   - training: How many to learn from; of MNIST the first, 60000 at most.
    ///   - test: How many to measure with; of MNIST the first, 10000 at most.
    ///   - seed: Which digits are rendered; MNIST does not depend on it.
    /// - Throws: ``DataError``.
    public func pictures(
        training: Int = 10_000, test: Int = 2_000, seed: UInt64 = 1
    ) throws(DataError) -> (training: LabelledPictures, test: LabelledPictures) {
        if let data {
            let mnist = try DataFolder(data).mnist()
            return (mnist.training.prefix(training), mnist.test.prefix(test))
        }
        let digits = Digits()
        // Other seeds than any that is counted up from 1, so that no test repeats a training picture.
        return (
            digits.pictures(min(training, 60_000), seed: seed),
            digits.pictures(min(test, 10_000), seed: seed ^ 0x7465_7374_0000_0000)
        )
    }

    /// All of MNIST with --data, else as many rendered digits as are learned from within a minute or two.
    func digits() throws(DataError) -> (training: LabelledPictures, test: LabelledPictures) {
        data == nil ? try pictures() : try pictures(training: 60_000, test: 10_000)
    }

    /// Photographs in colour: CIFAR-10 with --data; nil without, as nothing drawn stands in for them.
    ///
    /// - Throws: ``DataError``.
    public func photographs() throws(DataError) -> LabelledPictures? {
        guard let data else { return nil }
        return try DataFolder(data).cifar10().training
    }
}
