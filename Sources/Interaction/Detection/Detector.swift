// Finds things in pictures.
import Compute
import Graphs
import Media
import Networks
import Tensors

/// A network of the YOLOX family with its weights, ready for pictures of any size. Belongs to one thread.
///
/// - SeeAlso: YOLOX (arXiv:2107.08430).
public final class Detector {
    /// The network.
    public let network: YOLOX
    /// What its weights expect.
    public let input: DetectorInput
    /// The side of the square that it looks at, a multiple of 32.
    public let side: Int
    /// Whether ``pyramid`` can be asked for.
    public let keepsPyramid: Bool
    private let plan: Plan

    /// A detector of the given weights.
    ///
    /// - Parameters:
    ///   - weights: By the names of the network's declarations.
    ///   - side: A multiple of 32; 416 is what nano and tiny were trained at, 640 larger ones.
    ///   - keepsPyramid: Whether its features are wanted too.
    /// - Throws: `PlanError`.
    public init(
        _ network: YOLOX = YOLOX(), weights: Parameters, input: DetectorInput = .normalised,
        side: Int = 416, threads: Int = 1, precision: Precision = .f32, keepsPyramid: Bool = false
    ) throws {
        precondition(side > 0 && side % 32 == 0, "a side of \(side) pixels")
        self.keepsPyramid = keepsPyramid
        self.network = network
        self.input = input
        self.side = side
        let graph = Graph.build { builder in
            let picture = builder.input("picture")
            guard keepsPyramid else { return builder.output(network(picture), "candidates") }
            let reading = network.reading(picture)
            builder.output(reading.candidates, "candidates")
            for (level, features) in reading.pyramid.enumerated() {
                builder.output(features, "pyramid.\(level)")
            }
        }
        var shapes = Dictionary(uniqueKeysWithValues: weights.map { ($0.path, $0.tensor.shape) })
        shapes["picture"] = [1, 3, side, side]
        plan = try Plan(
            graph, shapes: shapes, options: PlanOptions(precision: precision, threads: threads))
        plan.setParameters(weights.values)
    }

    /// The detector of a file of weights; see ``DetectorWeights``.
    ///
    /// - Parameter input: What the weights expect where the file is wrong about it; nil believes the file.
    /// - Throws: `SafetensorsError`, `PyTorchError`, `PlanError`.
    public convenience init(
        contentsOf path: String, input: DetectorInput? = nil, side: Int = 416, threads: Int = 1,
        precision: Precision = .f32, keepsPyramid: Bool = false
    ) throws {
        let file = try DetectorWeights(contentsOf: path, input: input)
        try self.init(
            file.network, weights: file.parameters, input: file.input, side: side,
            threads: threads, precision: precision, keepsPyramid: keepsPyramid)
    }

    /// How pictures are made ready for it, on any thread.
    public var eye: DetectorEye { DetectorEye(side: side, input: input) }

    /// What is in a picture, best first.
    ///
    /// - Parameters:
    ///   - score: What a detection scores at least.
    ///   - overlap: Of two of the same category that overlap more, the better one stays.
    /// - Returns: Boxes in pixels of the picture, inside it and not empty.
    /// - Throws: `PlanError`.
    public func callAsFunction(
        _ picture: UprightPicture, atLeast score: Double = 0.05, overlap: Double = 0.65
    ) throws -> [Detection] {
        try self(eye.view(of: picture), atLeast: score, overlap: overlap)
    }

    /// What is in a picture that ``eye`` has made ready.
    ///
    /// - Throws: `PlanError`.
    public func callAsFunction(
        _ view: DetectorEye.View, atLeast score: Double = 0.05, overlap: Double = 0.65
    ) throws -> [Detection] {
        let letterbox = view.letterbox
        try run(view)
        let rows = plan.output("candidates").bindMemory(to: Float.self)
        let candidates = Detection.candidates(
            rows, classCount: network.classCount, side: side, atLeast: score)
        return Detection.withoutRepeats(candidates, overlap: overlap).compactMap { found in
            let box = letterbox.picture(found.box)
            return box.isEmpty
                ? nil : Detection(box, category: found.category, score: found.score)
        }
    }

    /// The network's own output for a picture, `[1, cells, 5 + classes]`; see ``YOLOX``.
    ///
    /// - Throws: `PlanError`.
    public func candidates(_ picture: UprightPicture) throws -> Tensor<Float> {
        try run(eye.view(of: picture))
        return plan.result("candidates")
    }

    /// Features of the picture that it looked at last, at 1/8, 1/16 and 1/32 of the square's size.
    var pyramid: [Tensor<Float>] {
        precondition(keepsPyramid, "a detector that keeps no features")
        return YOLOX.strides.indices.map { plan.result("pyramid.\($0)") }
    }

    /// Looks at a picture for its features alone.
    ///
    /// - Throws: `PlanError`.
    package func look(at view: DetectorEye.View) throws { try run(view) }

    private func run(_ view: DetectorEye.View) throws {
        precondition(view.letterbox.side == side, "a view of \(view.letterbox.side) pixels")
        plan.setInput("picture", view.tensor)
        try plan.run()
    }
}
