// A detector that others learn from.
import Compute
import Graphs
import Media
import Networks
import Tensors

/// Says of many pictures at once what a detector sees in each of their cells. Belongs to one thread.
public final class Teacher {
    /// The network.
    public let network: YOLOX
    /// Pictures at a time, and their side in pixels.
    public let batch: Int, side: Int
    private let input: DetectorInput
    private let plan: Plan

    /// A teacher of the given weights.
    ///
    /// - Parameter side: A multiple of 32.
    /// - Throws: `PlanError`.
    public init(_ weights: DetectorWeights, batch: Int, side: Int, threads: Int = 1) throws {
        network = weights.network
        (input, self.batch, self.side) = (weights.input, batch, side)
        let network = network
        let graph = Graph.build { builder in
            let reading = network.reading(builder.input("pictures"))
            builder.output(reading.candidates, "candidates")
            for (index, features) in reading.features.enumerated() {
                builder.output(features, "features.\(index)")
            }
        }
        let parameters = weights.parameters
        var shapes = Dictionary(
            uniqueKeysWithValues: parameters.map { ($0.path, $0.tensor.shape) })
        shapes["pictures"] = [batch, 3, side, side]
        plan = try Plan(graph, shapes: shapes, options: PlanOptions(threads: threads))
        plan.setParameters(parameters.values)
    }

    /// What it sees, and how it came to see it.
    ///
    /// - Parameter pictures: As many as `batch`, squares of `side` pixels.
    /// - Throws: `PlanError`.
    public func answers(to pictures: [UprightPicture]) throws -> Answers {
        precondition(pictures.count == batch, "\(pictures.count) pictures, not \(batch)")
        let results = try plan.run(["pictures": Self.tensor(of: pictures, input)])
        return Answers(
            candidates: results["candidates"]!,
            features: network.featureChannels.indices.map { results["features.\($0)"]! })
    }

    /// What a detector says of pictures.
    public struct Answers: Sendable {
        /// `[N, cells, 5 + classes]`; see ``YOLOX``.
        public let candidates: Tensor<Float>
        /// See ``YOLOX/Reading/features``.
        public let features: [Tensor<Float>]

        /// Answers of these parts.
        public init(candidates: Tensor<Float>, features: [Tensor<Float>]) {
            (self.candidates, self.features) = (candidates, features)
        }
    }

    /// The things that a detector surely sees in each picture, in its pixels; nil for one that cannot be read.
    ///
    /// - Parameters:
    ///   - path: Of the detector's weights.
    ///   - progress: Told how many pictures are done.
    /// - Throws: `SafetensorsError`, `PyTorchError`, `PlanError`, `CancellationError` where `shouldStop` says so.
    public static func survey(
        _ pictures: PictureCollection, with path: String, side: Int, threads: Int = 1,
        progress: (Int) -> Void = { _ in }, shouldStop: () -> Bool = { false }
    ) throws -> [[Detection]?] {
        let detector = try Detector(contentsOf: path, side: side, threads: threads)
        return try (0..<pictures.count).map { index in
            if shouldStop() { throw CancellationError() }
            defer { progress(index + 1) }
            guard let picture = try? pictures[index] else { return nil }
            return try detector(picture, atLeast: DetectorAgreement.certainty)
        }
    }

    /// Square pictures as a detector wants them, `[N, 3, side, side]`.
    static func tensor(of pictures: [UprightPicture], _ input: DetectorInput) -> Tensor<Float> {
        let side = pictures[0].width
        let area = side * side
        return Tensor(shape: [pictures.count, 3, side, side]) { all in
            for (c, channel) in input.channels.enumerated() {
                let values = (0..<256).map { Float($0) * channel.scale + channel.offset }
                values.withUnsafeBufferPointer { values in
                    for (index, picture) in pictures.enumerated() {
                        precondition(
                            picture.width == side && picture.height == side, "another size")
                        let plane = all.baseAddress! + (3 * index + c) * area
                        picture.pixels.withUnsafeBufferPointer { pixels in
                            for place in 0..<area {
                                plane[place] = values[Int(pixels[3 * place + channel.source])]
                            }
                        }
                    }
                }
            }
        }
    }
}
