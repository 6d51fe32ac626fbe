// What predictive-coding graphs are measured against: networks with one task each, and plain means.
import Learning
import Tensors

/// Networks trained by backpropagation for one task each, and answers that need no network.
struct PCGraphPeers: Sendable {
    /// Standard deviation of the noise to be removed.
    static let noise = 0.3
    /// Tells the class of a picture; judges drawn ones too.
    let classifier: BackpropagatedNet
    /// The mean picture of each class: `[10, pixels]`.
    let classMeans: Tensor<Float>
    /// Test pictures with noise, the same for everybody.
    let noisy: Tensor<Float>
    /// Part of the test pictures whose class the classifier, and the nearest mean, tell.
    let accuracy: Double, meanAccuracy: Double
    /// Squared error of the lower half: by the mean picture, by a network.
    let meanCompletion: Double, completion: Double
    /// Squared error of the noisy pictures, of the best multiple of them, of each pixel drawn
    /// towards its mean by the best part, and of a network's answer.
    let noisyError: Double, scaled: Double, drawnToMean: Double, denoised: Double

    /// - Parameter parameters: What the networks for completion and denoising may have to learn.
    init(
        _ split: PCPictureSplit, parameters: Int, threads: Int, using random: inout RandomSource
    ) throws {
        let (train, test) = (split.train, split.test)
        let pixels = train.pixelCount
        let half = pixels / 2
        let epochs = 30

        var classifier = BackpropagatedNet(
            [pixels, 100, 10], .classes, threads: threads, using: &random)
        try classifier.train(train.pictures, to: train.targets(), epochs: epochs, using: &random)
        self.classifier = classifier
        classMeans = Self.means(of: train)
        accuracy = try classifier(test.pictures).largestColumns.accuracy(against: test.labels)
        meanAccuracy = Self.nearest(test.pictures, classMeans).accuracy(against: test.labels)

        let mean = Self.mean(of: train.pictures)
        let lower = test.pictures.columns(half..<pixels)
        meanCompletion = Self.repeated(Array(mean[half...]), test.count).squaredError(to: lower)
        var completer = BackpropagatedNet(
            [half, parameters / pixels, pixels - half], .squares, threads: threads, using: &random)
        try completer.train(
            train.pictures.columns(0..<half), to: train.pictures.columns(half..<pixels),
            epochs: epochs, using: &random)
        completion = try completer(test.pictures.columns(0..<half)).squaredError(to: lower)

        noisy = Self.noised(test.pictures, &random)
        noisyError = noisy.squaredError(to: test.pictures)
        // Both are fitted on training pictures.
        let (clean, dirty) = (train.pictures, Self.noised(train.pictures, &random))
        let factor = Self.bestFactor(from: dirty.elements, to: clean.elements)
        scaled = noisy.map { factor * $0 }.squaredError(to: test.pictures)
        let means = Self.repeated(mean, train.count).elements
        let part = Self.bestFactor(
            from: zip(dirty.elements, means).map { $0 - $1 },
            to: zip(clean.elements, means).map { $0 - $1 })
        drawnToMean = Tensor(
            zip(noisy.elements, Self.repeated(mean, test.count).elements).map {
                $1 + part * ($0 - $1)
            }, shape: noisy.shape
        ).squaredError(to: test.pictures)
        var denoiser = BackpropagatedNet(
            [pixels, parameters / (2 * pixels), pixels], .squares, threads: threads, using: &random)
        try denoiser.train(
            train.pictures, to: train.pictures, epochs: epochs, using: &random
        ) { Self.noised($0, &$1) }
        denoised = try denoiser(noisy).squaredError(to: test.pictures)
    }

    /// Pictures with noise of the standard deviation that is to be removed.
    static func noised(_ x: Tensor<Float>, _ random: inout RandomSource) -> Tensor<Float> {
        let noise = Tensor<Float>.normal(x.shape, deviation: Self.noise, using: &random)
        return Tensor(zip(x.elements, noise.elements).map { $0 + $1 }, shape: x.shape)
    }

    /// The row of `means` nearest to each picture.
    static func nearest(_ x: Tensor<Float>, _ means: Tensor<Float>) -> [Int] {
        let (pixels, classes) = (x.shape[1], means.shape[0])
        let (x, means) = (x.elements, means.elements)
        return (0..<x.count / pixels).map { row in
            let distances = (0..<classes).map { label in
                (0..<pixels).reduce(Float(0)) { sum, pixel in
                    let difference = x[row * pixels + pixel] - means[label * pixels + pixel]
                    return sum + difference * difference
                }
            }
            return distances.firstIndex(of: distances.min()!)!
        }
    }

    private static func mean(of x: Tensor<Float>) -> [Float] {
        let (rows, width) = (x.shape[0], x.shape[1])
        let elements = x.elements
        return (0..<width).map { column in
            (0..<rows).reduce(0) { $0 + elements[$1 * width + column] } / Float(rows)
        }
    }

    private static func means(of pictures: LabelledPictures) -> Tensor<Float> {
        let means = (0..<10).flatMap { label in
            mean(
                of: pictures.pictures.gathered(
                    rows: pictures.labels.indices.filter { pictures.labels[$0] == label }))
        }
        return Tensor(means, shape: [10, pictures.pixelCount])
    }

    private static func repeated(_ row: [Float], _ count: Int) -> Tensor<Float> {
        Tensor((0..<count).flatMap { _ in row }, shape: [count, row.count])
    }

    /// The number that times x comes nearest to y.
    private static func bestFactor(from x: [Float], to y: [Float]) -> Float {
        var (xy, xx) = (0.0, 0.0)
        for (x, y) in zip(x, y) {
            xy += Double(x) * Double(y)
            xx += Double(x) * Double(x)
        }
        return Float(xy / xx)
    }
}
