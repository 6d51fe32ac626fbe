// What int8 must know of a model, as its file holds it beside the weights.
import Compute
import Networks
import Tensors

/// Ranges of a model's activations, and what computing with them costs.
public struct ModelCalibration: Sendable, Equatable {
    /// The ranges of what the convolutions of its residual blocks read.
    public let ranges: Calibration
    /// Decibels of luma that int8 loses of the gain; nil where nobody measured.
    public let loss: Double?

    /// Ranges with the loss that was measured.
    public init(ranges: Calibration, loss: Double? = nil) {
        self.ranges = ranges
        self.loss = loss
    }

    /// More than this is too much for int8 to be chosen unasked.
    public static let tolerableLoss = 0.03

    /// Whether int8 may be chosen unasked.
    public var isTolerable: Bool { loss.map { $0 <= Self.tolerableLoss } ?? false }
}

extension ModelCalibration {
    /// What stands before a convolution's path in the file: `[2, channels]`, lows and highs.
    static let prefix = "calibration."
    /// The metadata entry with the loss.
    static let lossKey = "percept.calibration.loss"

    /// The convolutions of a generator that int8 computes: the path of each, and its channels.
    private static func convolutions(of generator: Generator) -> [(path: String, channels: Int)] {
        generator.residualBlocks.flatMap { [$0.conv1, $0.conv2] }
            .map { (path: "\($0.path)", channels: $0.inputs) }
    }

    /// Reads the calibration from an open weights file; nil where it has none.
    ///
    /// - Throws: ``ModelError`` where it is not complete, or no range.
    init?(reading file: Safetensors, for generator: Generator) throws {
        guard file.entries.contains(where: { $0.name.hasPrefix(Self.prefix) }) else { return nil }
        func failure(_ problem: String) -> ModelError {
            ModelError(
                file: file.path,
                problem: problem + "; calibrate it again with 'mwgan models calibrate'")
        }
        let known = Set(Self.convolutions(of: generator).map { Self.prefix + $0.path })
        if let other = file.entries.first(where: {
            $0.name.hasPrefix(Self.prefix) && !known.contains($0.name)
        }) {
            throw file.error(.unexpectedTensor(other.name))
        }
        var ranges: [String: Calibration.Ranges] = [:]
        for (path, channels) in Self.convolutions(of: generator) {
            let name = Self.prefix + path
            guard let entry = file.entry(name), entry.shape == [2, channels] else {
                throw failure("its calibration has no '\(name)' of shape [2, \(channels)]")
            }
            let values = try file.tensor(name).withUnsafeBufferPointer { Array($0) }
            guard
                let range = Calibration.Ranges(
                    low: Array(values.prefix(channels)), high: Array(values.suffix(channels)))
            else { throw failure("'\(name)' is no range around 0") }
            ranges["\(path).weight"] = range
        }
        self.ranges = Calibration(ranges)
        guard let text = file.metadata[Self.lossKey] else {
            loss = nil
            return
        }
        guard let loss = Double(text), loss.isFinite else {
            throw failure("\(Self.lossKey) '\(text.prefix(20))' is no number")
        }
        self.loss = loss
    }

    /// The tensors that a file holds of it.
    func tensors(for generator: Generator) -> [(name: String, tensor: Tensor<Float>)] {
        Self.convolutions(of: generator).compactMap { path, channels in
            ranges["\(path).weight"].map {
                (Self.prefix + path, Tensor($0.low + $0.high, shape: [2, channels]))
            }
        }
    }
}
