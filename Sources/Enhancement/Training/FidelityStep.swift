// One step of fidelity training as a compiled graph: forward, loss, gradients.
import Compute
import Graphs
import Learning
import Networks
import Tensors

/// Computes loss and gradients of a generator on batches of patches.
///
/// The loss is the squared error of luma packets, which for an orthonormal transform is that of
/// pixels, plus that of chroma; each patch counts by the reciprocal of its frame's error, so that
/// the mean loss follows the mean of PSNR rather than the worst frames.
public final class FidelityStep {
    /// Patches a batch and positions each way of a patch.
    public let batch: Int, patchSize: Int
    private let step: TrainingStep
    private var inputs: [String: Tensor<Float>]

    /// Compiles the step.
    ///
    /// - Parameters:
    ///   - chromaWeight: What an error of chroma counts beside one of luma.
    ///   - rule: How the generator learns.
    /// - Throws: `PlanError`, `LearningRuleError`.
    public init(
        _ generator: Generator, parameters: Parameters, batch: Int, patchSize: Int,
        precision: Precision, threads: Int, chromaWeight: Double = 0.5,
        rule: any LearningRule = Backpropagation()
    ) throws {
        self.batch = batch
        self.patchSize = patchSize
        let builder = GraphBuilder()
        let residual = generator(builder.input("packets"))
        let deviations = PacketNormalisation.standard.output.deviations
        let scales = (0..<NetworkChannels.outputs).map { channel in
            let share = channel < 4 ? 1 : chromaWeight
            return Double(deviations[channel]) * share.squareRoot()
        }
        let scale = builder.apply(
            Constant(Tensor(scales, shape: [1, NetworkChannels.outputs, 1, 1])), to: [])
        let error = (residual - builder.input("target")) * scale
        let loss = (error * error * builder.input("weights")).applying(Mean())
        builder.output(loss, "loss")
        inputs = [
            "packets": Tensor(
                repeating: 0, shape: [batch, generator.shape.inputs, patchSize, patchSize]),
            "target": Tensor(
                repeating: 0, shape: [batch, NetworkChannels.outputs, patchSize, patchSize]),
            "weights": Tensor(repeating: 1, shape: [batch, 1, 1, 1]),
        ]
        let shapes = parameters.values.merging(inputs) { $1 }.mapValues(\.shape)
        step = try TrainingStep(
            rule, of: builder.graph.pruned(),
            [TrainingObjective("loss", learning: generator.declarations.map(\.path))],
            shapes: shapes, options: PlanOptions(precision: precision, threads: threads))
    }

    /// Whether the next step wants another batch; see `TrainingStep.needsBatch`.
    public var needsBatch: Bool { step.needsBatch }

    /// Draws the next batch.
    public func draw(from sampler: TileSampler, using random: inout RandomSource) {
        sampler.draw(batch, using: &random, into: &inputs)
    }

    /// Loss and gradients of the batch that was drawn.
    ///
    /// - Throws: `LearningRuleError` where inference diverged.
    public func callAsFunction(_ parameters: Parameters) throws -> StepOutcome {
        try step(parameters, inputs)
    }
}
