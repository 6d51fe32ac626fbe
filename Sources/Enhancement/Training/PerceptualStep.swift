// One step of perceptual training as a compiled graph: generator against discriminators.
import Compute
import Graphs
import Learning
import Networks
import Quality
import Tensors

/// What each part of the perceptual loss counts.
public struct PerceptualWeights: Sendable, Hashable {
    /// Charbonnier of luma in parts of its range, and L1 of its normalised details.
    public var pixels = 1.0, details = 0.02
    /// 1 less the structural similarity of luma.
    public var structure = 0.05
    /// How much more error blocks of 32x32 samples have than they came with; those with less count
    /// nothing.
    public var harm = 0.1
    /// Distance of deep features; counts nothing without a backbone's weights.
    public var deepFeatures = 0.2
    /// L1 of the discriminators' features, and their verdict (LSGAN).
    public var discriminatorFeatures = 0.02, adversarial = 0.005

    /// The weights in use.
    public init() {}

    /// The parts by name.
    public static var parts: [String: WritableKeyPath<PerceptualWeights, Double>] {
        [
            "pixels": \.pixels, "details": \.details, "structure": \.structure,
            "harm": \.harm, "deepFeatures": \.deepFeatures,
            "discriminatorFeatures": \.discriminatorFeatures,
            "adversarial": \.adversarial,
        ]
    }
}

/// Computes losses and gradients of a generator and its discriminators on batches of patches.
///
/// Both learn from one graph: the discriminators' verdict on restored patches is computed once, and
/// its gradient goes to the generator as praise and to the discriminators as blame.
///
/// - SeeAlso: MW-GAN (arXiv:2008.00499), section 3.5; Mao et al., LSGAN (arXiv:1611.04076).
public final class PerceptualStep {
    /// Patches a batch and positions each way of a patch.
    public let batch: Int, patchSize: Int
    /// Generator and discriminators as one module: what a checkpoint holds.
    public let networks: AdversarialNetworks
    private let step: TrainingStep
    private var inputs: [String: Tensor<Float>]
    private let generatorPaths: Set<String>
    private let features: Parameters?

    /// Compiles the step.
    ///
    /// - Parameters:
    ///   - features: Weights of ``CSPDarknet``; nil leaves that part of the loss out.
    ///   - rule: How both networks learn, each with the other held.
    /// - Throws: `PlanError`, `LearningRuleError`.
    public init(
        _ networks: AdversarialNetworks, parameters: Parameters, features: Parameters?,
        weights: PerceptualWeights = PerceptualWeights(), batch: Int, patchSize: Int,
        precision: Precision, threads: Int, rule: any LearningRule = Backpropagation()
    ) throws {
        self.networks = networks
        self.batch = batch
        self.patchSize = patchSize
        self.features = features
        func learned(_ module: some Module) -> [String] {
            module.declarations.filter(\.isLearned).map(\.path)
        }
        let paths = learned(networks.generator)
        generatorPaths = Set(paths)
        var shapes = Dictionary(
            uniqueKeysWithValues: parameters.map { ($0.path, $0.tensor.shape) })
        for (path, tensor) in features ?? Parameters() { shapes[path] = tensor.shape }
        for layer in networks.discriminators.spectralLayers {
            shapes[layer.directionInput] = shapes[layer.weightPath]
        }
        inputs = [
            "packets": Tensor(
                repeating: 0, shape: [batch, networks.generator.shape.inputs, patchSize, patchSize]),
            "target": Tensor(
                repeating: 0, shape: [batch, NetworkChannels.outputs, patchSize, patchSize]),
        ]
        shapes.merge(inputs.mapValues(\.shape)) { $1 }
        step = try TrainingStep(
            rule, of: PerceptualStep.graph(networks, weights, looksDeep: features != nil),
            [
                TrainingObjective("loss", learning: paths),
                TrainingObjective("discriminator", learning: learned(networks.discriminators)),
            ], shapes: shapes, options: PlanOptions(precision: precision, threads: threads))
    }

    /// What the plans do, a line a step.
    public var listing: [String] { step.plans.flatMap(\.listing) }

    /// Draws the next batch.
    public func draw(from sampler: TileSampler, using random: inout RandomSource) {
        sampler.draw(batch, using: &random, into: &inputs)
    }

    /// What the losses of one step were, by name.
    public private(set) var lastLosses: [String: Double] = [:]

    /// The generator's loss and the gradients of both networks, on the batch that was drawn.
    ///
    /// - Parameter isWarmingUp: whether the discriminators learn alone.
    public func callAsFunction(
        _ parameters: Parameters, isWarmingUp: Bool = false
    ) throws -> StepOutcome {
        let spectral = parameters.singularDirections(of: networks.discriminators.spectralLayers)
        var all = parameters
        for (path, tensor) in features ?? Parameters() { all.append(tensor, at: path) }
        var outcome = try step(all, inputs.merging(spectral.directions) { $1 })
        if isWarmingUp {
            outcome.gradients = outcome.gradients.filter { !generatorPaths.contains($0.key) }
        }
        for name in PerceptualStep.lossNames {
            lastLosses[name] = Double(step.lastOutputs[name]!.item)
        }
        outcome.statistics = spectral.vectors
        return outcome
    }

    /// Outputs of the graph: the generator's whole loss, its parts before they are weighed, and the
    /// discriminators' loss.
    static let lossNames = [
        "loss", "pixels", "details", "structure", "harm", "deepFeatures", "discriminatorFeatures",
        "adversarial", "discriminator",
    ]

    private static func graph(
        _ networks: AdversarialNetworks, _ weights: PerceptualWeights, looksDeep: Bool
    ) -> Graph {
        Graph.build { builder in
            let packets = builder.input("packets")
            let centre = packets.sliced(axis: 1, from: 0, to: NetworkChannels.outputs)
            let scale = PerceptualStep.residualScale(builder)
            let restored = centre + networks.generator(packets) * scale
            let pristine = centre + builder.input("target") * scale

            let luma = [restored, pristine].map(PerceptualStep.luma)
            var losses: [String: Value] = [
                "pixels": (1.0 / 255 * luma[0]).charbonnier(to: 1.0 / 255 * luma[1]),
                "details": restored.sliced(axis: 1, from: 1, to: 4).absoluteError(
                    to: pristine.sliced(axis: 1, from: 1, to: 4)),
                "structure": luma[0].structuralDissimilarity(to: luma[1], peak: 255),
                "harm": PerceptualStep.harm(restored, centre, pristine),
            ]
            if looksDeep {
                let backbone = CSPDarknet()
                let seen = [restored, pristine].map { packets in
                    let all = backbone(PerceptualStep.picture(packets))
                    return DeepFeatures.trained.map { all[$0] }
                }
                losses["deepFeatures"] = DeepFeatures.distance(seen[0], seen[1])
            } else {
                losses["deepFeatures"] = builder.constant(0)
            }

            let (fake, real) = (
                networks.discriminators(restored), networks.discriminators(pristine)
            )
            func mean(_ values: [Value]) -> Value {
                (1 / Double(values.count)) * values.dropFirst().reduce(values[0]) { $0 + $1 }
            }
            func miss(_ scores: Value, _ wanted: Double) -> Value {
                let difference = scores - wanted
                return (difference * difference).mean()
            }
            losses["adversarial"] = mean(fake.map { miss($0.scores, 1) })
            losses["discriminatorFeatures"] = mean(
                zip(fake, real).flatMap { fake, real in
                    zip(fake.features, real.features).map { $0.absoluteError(to: $1) }
                })
            losses["discriminator"] =
                0.5 * mean(fake.map { miss($0.scores, 0) })
                + 0.5 * mean(real.map { miss($0.scores, 1) })
            let counts: [(String, Double)] = [
                ("pixels", weights.pixels), ("details", weights.details),
                ("structure", weights.structure), ("harm", weights.harm),
                ("deepFeatures", weights.deepFeatures),
                ("discriminatorFeatures", weights.discriminatorFeatures),
                ("adversarial", weights.adversarial),
            ]
            let loss = counts.dropFirst().reduce(counts[0].1 * losses[counts[0].0]!) {
                $0 + $1.1 * losses[$1.0]!
            }
            losses["loss"] = loss
            for name in lossNames { builder.output(losses[name]!, name) }
        }
    }

    /// The mean over blocks of 32x32 samples of how much larger their squared error became, in parts of
    /// what it was; a quarter of a squared code value more or less is nothing.
    static func harm(_ restored: Value, _ compressed: Value, _ pristine: Value) -> Value {
        let deviations = PacketNormalisation.standard.input.deviations.prefix(4).map(Double.init)
        let scale = restored.builder.apply(
            Constant(Tensor(deviations, shape: [1, 4, 1, 1])), to: [])
        func error(_ packets: Value) -> Value {
            // Haar packets are orthonormal: four of them have the error of four samples.
            let difference = (packets - pristine).sliced(axis: 1, from: 0, to: 4) * scale
            return (difference * difference).averagePooled(PoolingGeometry(kernel: 16))
                .sum([1], keepsDimensions: true)
        }
        let ratio = (error(restored) + 1) * (error(compressed) + 1).applying(Power(-1))
        return (ratio - 1).relu.mean()
    }

    /// What turns the network's residual into that of normalised packets. Chroma stays as it is, in
    /// pristine patches too: else the critics learn to tell them by it, and it drifts.
    private static func residualScale(_ builder: GraphBuilder) -> Value {
        let normalisation = PacketNormalisation.standard
        let ratios = (0..<NetworkChannels.outputs).map { channel in
            channel < NetworkChannels.u
                ? Double(
                    normalisation.output.deviations[channel]
                        / normalisation.input.deviations[channel]) : 0
        }
        return builder.apply(
            Constant(Tensor(ratios, shape: [1, NetworkChannels.outputs, 1, 1])), to: [])
    }

    /// Some channels of normalised packets in 8-bit code values.
    private static func codeValues(_ packets: Value, _ channels: Range<Int>) -> Value {
        let input = PacketNormalisation.standard.input
        func constant(_ values: [Float]) -> Value {
            packets.builder.apply(
                Constant(
                    Tensor(channels.map { Double(values[$0]) }, shape: [1, channels.count, 1, 1])),
                to: [])
        }
        return packets.sliced(axis: 1, from: channels.lowerBound, to: channels.upperBound)
            * constant(input.deviations) + constant(input.means)
    }

    /// Luma `[N, 1, 2 h, 2 w]` in code values.
    private static func luma(_ packets: Value) -> Value {
        codeValues(packets, 0..<4).inverseHaarPackets
    }

    /// Red, green and blue as the backbone wants them, by BT.709 with limited range.
    private static func picture(_ packets: Value) -> Value {
        let chroma = codeValues(packets, 4..<6).resized(.bilinear, by: ResizeScale(2))
        let all = packets.builder.concatenate([luma(packets), chroma])
        let matrix = [
            [1.164384, 0, 1.792741], [1.164384, -0.213249, -0.532909], [1.164384, 2.112402, 0],
        ]
        var weights: [Double] = [], bias: [Double] = []
        for (channel, row) in matrix.enumerated() {
            let deviation = Double(CSPDarknet.deviation[channel])
            weights += row.map { $0 / (255 * deviation) }
            let offset = -16 * row[0] - 128 * (row[1] + row[2])
            bias.append((offset / 255 - Double(CSPDarknet.mean[channel])) / deviation)
        }
        func constant(_ values: [Double], _ shape: Shape) -> Value {
            packets.builder.apply(Constant(Tensor(values, shape: shape)), to: [])
        }
        return all.convolved(
            with: constant(weights, [3, 3, 1, 1]), bias: constant(bias, [3]), ConvolutionGeometry())
    }
}

/// A generator and those that judge it.
public struct AdversarialNetworks: Module {
    public let generator: Generator
    public let discriminators: PacketDiscriminators

    /// Networks that learn against one another.
    public init(_ generator: Generator, _ discriminators: PacketDiscriminators) {
        self.generator = generator
        self.discriminators = discriminators
    }

    public var declarations: [Declaration] { generator.declarations + discriminators.declarations }
}
