// A generative network that infers: activities of all layers for given pictures, by predictive coding.
import Compute
import Graphs
import Learning
import Networks
import Tensors

/// Lets the activities of a generative network settle for batches of one size, compiled.
///
/// The phases are those of ``PredictiveCoding``. Activities begin where the caller says, or as the memory vector
/// predicts.
final class GenerativeInference {
    /// Activities by layer, `[rows, units]`.
    typealias Latents = [String: Tensor<Float>]

    private let network: GenerativeNetwork
    private let rows: Int
    private let rule: PredictiveCoding
    private var forward: PhaseSequence<Float>
    private var inference: PhaseSequence<Float>
    private let reading: Plan
    private let plans: [Plan]

    /// Inference for so many pictures.
    ///
    /// - Throws: What compiling throws.
    init(_ network: GenerativeNetwork, _ rule: PredictiveCoding, rows: Int, threads: Int) throws {
        (self.network, self.rule, self.rows) = (network, rule, rows)
        let options = PlanOptions(threads: threads)
        let picture: Shape = [rows, network.pictureWidth]
        var shapes: [String: Shape] = ["one": [rows, 1], "picture": picture, "known": picture]
        for declaration in network.declarations { shapes[declaration.path] = declaration.shape }
        let phases = try rule.phases(of: network.graph, loss: "loss", learning: nil)
        let known = try phases.reduce(shapes) { try $1.shapes(knowing: $0) }
        var plans: [Plan] = []
        func prepared(_ phases: ArraySlice<Phase>) throws -> PhaseSequence<Float> {
            try PhaseSequence(Array(phases)) { graph in
                let plan = try Plan(graph, shapes: known, options: options)
                plans.append(plan)
                return { try plan.run($0) }
            }
        }
        forward = try prepared(phases.prefix(1))
        inference = try prepared(phases.dropFirst())
        shapes["x"] = [rows, network.widths[network.widths.count - 2]]
        reading = try Plan(network.reading, shapes: shapes, options: options)
        self.plans = plans + [reading]
    }

    /// Sets the weights for all that follows.
    func setParameters(_ parameters: Parameters) {
        let values = parameters.values
        for plan in plans { plan.setParameters(values) }
    }

    /// What inference led to.
    struct Outcome {
        /// Where activities are now.
        let latents: Latents
        /// The energy of the batch.
        let energy: Double
        /// Gradients of the weights, by path.
        let gradients: [String: Tensor<Float>]
    }

    /// Lets activities settle.
    ///
    /// - Parameters:
    ///   - pictures: `[rows, d]`.
    ///   - known: `[rows, d]`, 1 where an entry is known, else 0.
    ///   - latents: Where activities begin; nil for what the memory vector predicts.
    /// - Throws: ``LearningRuleError`` where they diverge.
    func settle(
        _ pictures: Tensor<Float>, knowing known: Tensor<Float>, from latents: Latents? = nil
    ) throws -> Outcome {
        let inputs = [
            "one": Tensor<Float>(repeating: 1, shape: [rows, 1]), "picture": pictures,
            "known": known,
        ]
        _ = try forward(inputs)
        var state = inputs.merging(forward.carried) { $1 }
        for (name, values) in latents ?? [:] { state[Self.prefix + name] = values }
        let outputs = try inference(state, watch: rule.watch())
        var found = StepOutcome(outputs: outputs, loss: "energy")
        // Weights that pull at nothing have no gradient of their own.
        found.gradients = found.gradients.filter {
            network.declarations.map(\.path).contains($0.key)
        }
        let carried = inference.carried
        return Outcome(
            latents: Dictionary(
                uniqueKeysWithValues: network.latentLayers.compactMap { name in
                    carried[Self.prefix + name].map { (name, $0) }
                }),
            energy: found.loss, gradients: found.gradients)
    }

    /// What the activities predict of pictures: `[rows, d]`.
    func pictures(of latents: Latents) throws -> Tensor<Float> {
        let last = network.latentLayers[network.latentLayers.count - 1]
        guard let x = latents[last] else { preconditionFailure("no activities of '\(last)'") }
        guard let picture = try reading.run(["x": x])["picture"] else {
            preconditionFailure("nothing is read")
        }
        return picture
    }

    /// What stands before a layer's name where a rule names its activities.
    private static let prefix = "value."
}
