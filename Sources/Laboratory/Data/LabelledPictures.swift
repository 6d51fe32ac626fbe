// Pictures and what each shows: what experiments learn from.
import Learning
import Tensors

/// Pictures of one size with a label each.
public struct LabelledPictures: Sendable {
    /// `[N, channels * height * width]`, planes one after the other, 0 (dark) to 1.
    public var pictures: Tensor<Float>
    /// What each shows, from 0.
    public var labels: [Int]
    /// Pixels of a row and of a column, and planes of a picture.
    public var width: Int, height: Int, channels: Int
    /// Where they come from, as "MNIST".
    public var origin: String

    /// Pictures `[N, channels * height * width]` with N labels.
    public init(
        _ pictures: Tensor<Float>, labels: [Int], width: Int, height: Int, channels: Int = 1,
        origin: String
    ) {
        precondition(
            pictures.shape == [labels.count, channels * height * width],
            "\(pictures.shape) for \(labels.count) labels of \(channels)x\(height)x\(width)")
        self.pictures = pictures
        self.labels = labels
        (self.width, self.height, self.channels) = (width, height, channels)
        self.origin = origin
    }

    /// How many there are.
    public var count: Int { labels.count }

    /// Numbers of a picture.
    public var pixelCount: Int { channels * height * width }

    /// Those at `indices`, in that order.
    public func selecting(_ indices: some Collection<Int>) -> LabelledPictures {
        precondition(
            indices.allSatisfy { (0..<count).contains($0) }, "indices beyond \(count) pictures")
        return LabelledPictures(
            pictures.gathered(rows: indices), labels: indices.map { labels[$0] }, width: width,
            height: height,
            channels: channels, origin: origin)
    }

    /// The first of them; all where there are no more.
    public func prefix(_ limit: Int) -> LabelledPictures {
        limit >= count ? self : selecting(0..<max(0, limit))
    }

    /// `[N, classes]`: 1 at the label, else 0.
    public func targets(classes: Int = 10) -> Tensor<Float> {
        labels.codes(classes: classes)
    }
}

extension [Int] {
    /// `[count, classes]`: 1 at each number, else 0.
    func codes(classes: Int = 10) -> Tensor<Float> {
        precondition(allSatisfy { (0..<classes).contains($0) }, "labels beyond \(classes)")
        var codes = Tensor<Float>(shape: [count, classes])
        codes.withUnsafeMutableBufferPointer { to in
            for (row, label) in enumerated() { to[row * classes + label] = 1 }
        }
        return codes
    }
}
