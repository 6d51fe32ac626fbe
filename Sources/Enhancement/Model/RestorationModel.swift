// Whatever restores frames: a network with its weights, read from a file.
import Graphs
import Networks

/// A network with its weights that restores the frames of a video.
public protocol RestorationModel: Sendable {
    /// What users call it: "live".
    var name: String { get }
    /// Weights by path.
    var parameters: Parameters { get }
    /// What its file says about itself.
    var metadata: [String: String] { get }
    /// Whether it has perceptual weights beside those for fidelity.
    var isBalanced: Bool { get }
    /// Whether its stages recall key frames of the clip.
    var recallsKeyFrames: Bool { get }
    /// What int8 must know of each set of weights that a balance uses; nil where it is not known of all.
    func calibrations(at balance: Balance) -> [ModelCalibration]?
    /// Multiply-accumulates per luma pixel as executed.
    var executedProducts: Int { get }
    /// The network, and its input for pictures of `width` x `height`.
    var graph: Graph { get }
    func input(width: Int, height: Int) -> (name: String, shape: [Int])
    /// What enhances frames of the given luma size with it.
    ///
    /// - Throws: `PlanError` where the network cannot be compiled.
    func stage(
        width: Int, height: Int, options: EnhancementOptions
    ) throws -> any FrameStage
}

extension RestorationModel {
    /// Those that are built otherwise recall nothing.
    public var recallsKeyFrames: Bool { false }
}

extension EnhancementModel: RestorationModel {
    public var isBalanced: Bool { perceptual != nil }
    public var recallsKeyFrames: Bool { true }

    public func calibrations(at balance: Balance) -> [ModelCalibration]? {
        let used: [ModelCalibration?] =
            switch balance {
            case .fixed(0): [calibration]
            case .automatic: [calibration] + (perceptual.map { [$0.calibration] } ?? [])
            case .fixed(1): [perceptual?.calibration]
            case .fixed: [nil]
            }
        let known = used.compactMap { $0 }
        return known.count == used.count ? known : nil
    }

    public var executedProducts: Int { generator.shape.executedProducts }
    public var graph: Graph { generator.graph }

    public func input(width: Int, height: Int) -> (name: String, shape: [Int]) {
        ("packets", [1, generator.shape.inputs, (height + 1) / 2, (width + 1) / 2])
    }

    public func stage(
        width: Int, height: Int, options: EnhancementOptions
    ) throws -> any FrameStage {
        try FrameEnhancer(self, width: width, height: height, options: options)
    }
}

/// Reads a weights file of either kind: generators in the packet domain, with the perceptual weights
/// that lie beside them, or the published network.
///
/// - Throws: `SafetensorsError` or ``ModelError``.
public func restorationModel(contentsOf path: String) throws -> any RestorationModel {
    let kind = try Safetensors(contentsOf: path).metadata["percept.kind"]
    guard kind != ReferenceModel.kind else { return try ReferenceModel(contentsOf: path) }
    var model = try EnhancementModel(contentsOf: path)
    if let other = ModelCatalogue.perceptualPath(beside: path) {
        let perceptual = try EnhancementModel(contentsOf: other)
        guard perceptual.generator.shape == model.generator.shape else {
            throw ModelError(
                file: other,
                problem: "is of shape \(perceptual.generator.shape.text), the weights beside it of "
                    + model.generator.shape.text)
        }
        model.perceptual = WeightSet(
            perceptual.parameters, calibration: perceptual.calibration)
    }
    return model
}
