// How differently a trained network sees two pictures: what people notice and PSNR does not.
import Compute
import Graphs
import Media
import Networks
import Tensors

/// Features of a backbone, layer by layer, compared direction by direction.
///
/// At each position the features of a layer are brought to length 1; the distance of a layer is the
/// mean over positions of the squared difference, and that of two pictures the mean over layers.
///
/// - SeeAlso: Zhang et al., LPIPS (arXiv:1801.03924), section 3, here without learned weights.
public enum DeepFeatures {
    /// Layers of ``CSPDarknet`` that measuring reads: at a quarter and a 16th of the size.
    public static let measured = [1, 3]
    /// Layers that training reads, so that no model is measured by what it was trained on: at a half
    /// and an eighth of the size.
    public static let trained = [0, 2]

    /// Reads the backbone's weights from those of a whole YOLOX-Nano detector.
    ///
    /// - Throws: `SafetensorsError`, naming the tensor that is missing or of another shape.
    public static func weights(contentsOf path: String) throws -> Parameters {
        let all = try Parameters(reading: Safetensors(contentsOf: path), for: YOLOX())
        return Parameters(CSPDarknet().declarations.map { ($0.path, all[$0.path]!) })
    }

    /// The distance of features, a number for each picture of the batch averaged to one.
    public static func distance(_ a: [Value], _ b: [Value]) -> Value {
        precondition(a.count == b.count && !a.isEmpty, "features of \(a.count), \(b.count) layers")
        let distances = zip(a, b).map { a, b in
            let difference = unit(a) - unit(b)
            return (difference * difference).sum([1]).mean()
        }
        return (1 / Double(a.count)) * distances.dropFirst().reduce(distances[0]) { $0 + $1 }
    }

    private static func unit(_ x: Value) -> Value {
        let square = (x * x).sum([1], keepsDimensions: true)
        return x * (square + 1e-8).applying(Power(-0.5))
    }
}

/// Measures the distance of pictures of one size. Belongs to one thread.
public final class DeepFeatureDistance {
    private let plan: Plan
    private let width: Int, height: Int

    /// A measure for pictures of `width` x `height`.
    ///
    /// - Parameter weights: of a ``CSPDarknet``, by the names of its declarations.
    /// - Throws: `PlanError`.
    public init(
        _ backbone: CSPDarknet = CSPDarknet(), weights: Parameters, width: Int, height: Int,
        threads: Int
    ) throws {
        self.width = width
        self.height = height
        let graph = Graph.build { builder in
            let features = ["a", "b"].map { name in
                let all = backbone(builder.input(name))
                return DeepFeatures.measured.map { all[$0] }
            }
            builder.output(DeepFeatures.distance(features[0], features[1]), "distance")
        }
        func padded(_ extent: Int) -> Int { (extent + 31) / 32 * 32 }
        var shapes = Dictionary(uniqueKeysWithValues: weights.map { ($0.path, $0.tensor.shape) })
        for name in ["a", "b"] { shapes[name] = [1, 3, padded(height), padded(width)] }
        plan = try Plan(
            graph, shapes: shapes, options: PlanOptions(precision: .f32, threads: threads))
        plan.setParameters(weights.values)
    }

    /// The distance of two pictures: 0 for equal ones, 2 at most.
    ///
    /// - Throws: `PlanError`.
    public func callAsFunction(_ a: UprightPicture, _ b: UprightPicture) throws -> Double {
        fill("a", with: a)
        fill("b", with: b)
        try plan.run()
        return Double(plan.result("distance").item)
    }

    /// Writes a picture as the backbone wants it; its last row and column go on below and beside it.
    private func fill(_ name: String, with picture: UprightPicture) {
        precondition(picture.width == width && picture.height == height, "another size of picture")
        let target = plan.input(name).bindMemory(to: Float.self)
        let columns = (width + 31) / 32 * 32, rows = (height + 31) / 32 * 32
        picture.pixels.withUnsafeBufferPointer { pixels in
            for c in 0..<3 {
                let scale = 1 / (255 * CSPDarknet.deviation[c])
                let offset = CSPDarknet.mean[c] / CSPDarknet.deviation[c]
                for y in 0..<rows {
                    let row = min(y, height - 1) * width
                    let to = (c * rows + y) * columns
                    for x in 0..<columns {
                        let value = Float(pixels[3 * (row + min(x, width - 1)) + c])
                        target[to + x] = value * scale - offset
                    }
                }
            }
        }
    }
}
