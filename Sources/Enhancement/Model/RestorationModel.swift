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
    /// What int8 must know, where that was measured.
    var calibration: ModelCalibration? { get }
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

extension EnhancementModel: RestorationModel {
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

/// Reads a weights file of either kind: generators in the packet domain, or the published network.
///
/// - Throws: `SafetensorsError` or ``ModelError``.
public func restorationModel(contentsOf path: String) throws -> any RestorationModel {
    let kind = try Safetensors(contentsOf: path).metadata["percept.kind"]
    return kind == ReferenceModel.kind
        ? try ReferenceModel(contentsOf: path) : try EnhancementModel(contentsOf: path)
}
