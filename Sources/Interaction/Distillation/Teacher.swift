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
    /// - Parameters:
    ///   - weights: By the names of the network's declarations.
    ///   - side: A multiple of 32.
    /// - Throws: `PlanError`.
    public init(
        _ network: YOLOX, weights: Parameters, input: DetectorInput = .normalised, batch: Int,
        side: Int, threads: Int = 1
    ) throws {
        (self.network, self.input, self.batch, self.side) = (network, input, batch, side)
        let graph = Graph.build { $0.output(network($0.input("pictures")), "candidates") }
        var shapes = Dictionary(uniqueKeysWithValues: weights.map { ($0.path, $0.tensor.shape) })
        shapes["pictures"] = [batch, 3, side, side]
        plan = try Plan(graph, shapes: shapes, options: PlanOptions(threads: threads))
        plan.setParameters(weights.values)
    }

    /// A teacher of a file of weights, as ``Detector`` reads it.
    ///
    /// - Throws: `SafetensorsError`, `PyTorchError`, `PlanError`.
    public convenience init(
        contentsOf path: String, batch: Int, side: Int, threads: Int = 1
    ) throws {
        let file = try DetectorWeights(contentsOf: path)
        try self.init(
            file.network, weights: file.parameters, input: file.input, batch: batch, side: side,
            threads: threads)
    }

    /// What it sees, `[batch, cells, 5 + classes]`; see ``YOLOX``.
    ///
    /// - Parameter pictures: As many as `batch`, squares of `side` pixels.
    /// - Throws: `PlanError`.
    public func answers(to pictures: [UprightPicture]) throws -> Tensor<Float> {
        precondition(pictures.count == batch, "\(pictures.count) pictures, not \(batch)")
        return try plan.run(["pictures": Self.tensor(of: pictures, input)])["candidates"]!
    }

    /// Square pictures as a detector wants them, `[N, 3, side, side]`.
    static func tensor(of pictures: [UprightPicture], _ input: DetectorInput) -> Tensor<Float> {
        let side = pictures[0].width
        let letterbox = Letterbox(width: side, height: side, side: side)
        let count = 3 * side * side
        return Tensor(shape: [pictures.count, 3, side, side]) { all in
            for (index, picture) in pictures.enumerated() {
                letterbox.tensor(picture, input).withUnsafeBufferPointer { one in
                    for position in 0..<count { all[index * count + position] = one[position] }
                }
            }
        }
    }
}
