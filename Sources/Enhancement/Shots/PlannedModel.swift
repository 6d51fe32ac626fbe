// Several models as one, of which a plan says which serves each shot.
import Compute
import Graphs
import Media
import Networks
import Synchronization

/// A plan that may be replaced while frames are enhanced by it. Safe to use from any thread.
public final class CurrentPlan: Sendable {
    private let state: Mutex<ShotPlan>

    /// A plan to begin with.
    public init(_ plan: ShotPlan) { state = Mutex(plan) }

    /// The plan as it is now; what is replaced holds for frames that are still to come.
    public var plan: ShotPlan {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}

/// Restores each shot of a video with the model that a plan names for it.
public struct PlannedModel: RestorationModel {
    /// What is done with each shot.
    public let current: CurrentPlan
    /// The models of the plan by name.
    public let models: [String: any RestorationModel]
    /// The first timestamp of the file in seconds, from which the plan counts.
    public let startTime: Double
    private let precision: Precision?
    private let pools: [String: NetworkPool]
    /// The one that most is done with, for what asks of a single model.
    private let main: any RestorationModel

    /// A model of several.
    ///
    /// - Parameters:
    ///   - startTime: The file's first timestamp in seconds, from which the plan counts.
    ///   - precision: Of all networks; nil: what suits each best.
    ///   - pools: Compiled networks of each model, where they outlast this video.
    public init(
        _ plan: ShotPlan, models: [String: any RestorationModel], startTime: Double,
        precision: Precision? = nil, pools: [String: NetworkPool]? = nil
    ) {
        precondition(
            !models.isEmpty && plan.models.allSatisfy { models[$0] != nil },
            "the plan wants \(plan.models.sorted()), there are \(models.keys.sorted())")
        current = CurrentPlan(plan)
        (self.models, self.startTime, self.precision) = (models, startTime, precision)
        self.pools = pools ?? Self.pools(for: models)
        main =
            models.max {
                ($0.value.executedProducts, $0.key) < ($1.value.executedProducts, $1.key)
            }!
            .value
    }

    /// Room for the compiled networks of each model.
    ///
    /// - Parameter workers: How many videos are worked on at a time.
    public static func pools(
        for models: [String: any RestorationModel], workers: Int = 1
    ) -> [String: NetworkPool] {
        // As many as there are balances.
        models.mapValues { _ in NetworkPool(limit: 4 * max(1, workers)) }
    }

    public var name: String { models.keys.sorted().joined(separator: "+") }
    public var parameters: Parameters { main.parameters }
    public var metadata: [String: String] { main.metadata }
    public var isBalanced: Bool { models.values.contains { $0.isBalanced } }
    public var recallsKeyFrames: Bool { models.values.contains { $0.recallsKeyFrames } }
    public func calibrations(at balance: Balance) -> [ModelCalibration]? { nil }
    public var executedProducts: Int { main.executedProducts }
    public var graph: Graph { main.graph }
    public func input(width: Int, height: Int) -> (name: String, shape: [Int]) {
        main.input(width: width, height: height)
    }

    public func stage(
        width: Int, height: Int, options: EnhancementOptions
    ) throws -> any FrameStage {
        PlannedStage(self, width: width, height: height, options: options)
    }

    /// What a shot's frames flow through; nil where they are handed on.
    ///
    /// - Throws: `PlanError`.
    func stage(
        for choice: ShotChoice, width: Int, height: Int, options: EnhancementOptions
    ) throws -> (any FrameStage)? {
        guard let name = choice.model, choice.strength > 0, let model = models[name] else {
            return options.depth.map { DepthChange(depth: $0) }
        }
        var options = options
        options.strength = choice.strength
        options.balance = model.isBalanced ? choice.balance : .fixed(0)
        options.pool = pools[name]
        options.precision = precision ?? model.automaticPrecision(at: options.balance)
        if !model.recallsKeyFrames { options.memory = nil }
        return try model.stage(width: width, height: height, options: options)
    }
}
