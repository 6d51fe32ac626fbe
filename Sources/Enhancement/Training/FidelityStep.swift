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
    private let plan: Plan
    private let paths: [String]

    /// Compiles the step.
    ///
    /// - Parameter chromaWeight: What an error of chroma counts beside one of luma.
    /// - Throws: `PlanError`.
    public init(
        _ generator: Generator, parameters: Parameters, batch: Int, patchSize: Int,
        precision: Precision, threads: Int, chromaWeight: Double = 0.5
    ) throws {
        self.batch = batch
        self.patchSize = patchSize
        paths = generator.declarations.map(\.path)
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
        let phases = Backpropagation().phases(
            of: builder.graph.pruned(), loss: "loss", learning: paths)
        var shapes = Dictionary(
            uniqueKeysWithValues: parameters.map { ($0.path, $0.tensor.shape) })
        shapes["packets"] = [batch, generator.shape.inputs, patchSize, patchSize]
        shapes["target"] = [batch, NetworkChannels.outputs, patchSize, patchSize]
        shapes["weights"] = [batch, 1, 1, 1]
        plan = try Plan(
            phases[0].graph, shapes: shapes,
            options: PlanOptions(precision: precision, threads: threads))
    }

    /// What the plan does, a line a step.
    public var listing: [String] { plan.listing }

    /// Draws the next batch straight into the plan's inputs.
    public func draw(from sampler: TileSampler, using random: inout RandomSource) {
        func floats(_ name: String) -> UnsafeMutablePointer<Float> {
            plan.input(name).bindMemory(to: Float.self).baseAddress!
        }
        sampler.draw(
            batch, using: &random, packets: floats("packets"), residual: floats("target"),
            weights: floats("weights"))
    }

    /// Loss and gradients of the batch that was drawn.
    public func callAsFunction(_ parameters: Parameters) throws -> StepOutcome {
        plan.setParameters(parameters.values)
        try plan.run()
        var gradients: [String: Tensor<Float>] = [:]
        for path in paths { gradients[path] = plan.result("gradient." + path) }
        return StepOutcome(loss: Double(plan.result("loss").item), gradients: gradients)
    }
}
