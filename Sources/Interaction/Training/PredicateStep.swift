// One step of training the predicate head, as a compiled graph: forward, losses, gradients.
import Compute
import Graphs
import Learning
import Networks
import Tensors

/// The head and, where there is one, its adversary.
public struct PredicateNetworks: Module {
    /// What is trained.
    public let head: PredicateHead
    /// What it is trained against.
    public let discriminator: ObjectDiscriminator?

    /// The networks that an objective needs.
    public init(_ settings: PredicateSettings, verbCount: Int) {
        head = PredicateHead(
            verbCount: verbCount, widths: settings.widths,
            readsObject: settings.objective.readsObject, regions: settings.regions,
            subject: settings.subject)
        discriminator =
            settings.objective.isAdversarial
            ? ObjectDiscriminator(
                behind: head, layer: settings.alignedLayer, readsVerb: settings.objective.readsVerb,
                isSpectral: settings.isSpectral) : nil
    }

    public var declarations: [Declaration] {
        head.declarations + (discriminator?.declarations ?? [])
    }
}

/// Computes losses and gradients on batches of pairs.
///
/// Verbs are learned by focal loss, summed over pairs and verbs and divided by the number of verbs that happen. To that
/// comes λ times what the objective asks for, on pairs of its own.
///
/// - SeeAlso: Zhang, Campbell and Gould (arXiv:2012.06060), section 3.4, for the loss of the verbs.
public final class PredicateStep {
    /// The losses of the last step before they are weighed: "verbs", and "alignment" and "discriminator" where there
    /// are such.
    public private(set) var lastLosses: [String: Double] = [:]

    private let step: TrainingStep
    private let spectralLayers: [SpectralLinear]
    private let lossNames: [String]

    /// Compiles the step.
    ///
    /// - Throws: `PlanError`.
    public init(
        _ networks: PredicateNetworks, parameters: Parameters, _ settings: PredicateSettings
    ) throws {
        precondition(
            settings.objective != .coral
                || settings.aligned % (2 * PredicateSettings.groupSize) == 0,
            "\(settings.aligned) pairs are no couples of groups of \(PredicateSettings.groupSize)")
        precondition(
            settings.objective != .klprior || settings.smoothing > 0,
            "a divergence from what is impossible has no bound")
        spectralLayers = networks.discriminator?.spectralLayers ?? []
        let graph = Self.graph(networks, settings)
        lossNames = graph.outputs.map(\.name)
        var shapes = Dictionary(
            uniqueKeysWithValues: parameters.map { ($0.path, $0.tensor.shape) })
        let (pairs, verbs) = (
            settings.positives + settings.negatives, networks.head.verbCount
        )
        shapes["features"] = [pairs, networks.head.featureCount]
        shapes["labels"] = [pairs, verbs]
        shapes["known"] = [pairs, verbs]
        shapes["objects"] = [pairs, COCO.categories.count]
        shapes["lambda"] = []
        let aligned = settings.aligned
        shapes["aligned.features"] = [aligned, networks.head.featureCount]
        shapes["aligned.objects"] = [aligned, COCO.categories.count]
        shapes["aligned.priors"] = [aligned, COCO.categories.count]
        shapes["aligned.verbs"] = [aligned, verbs]
        for layer in spectralLayers {
            shapes[layer.directionInput] = parameters[layer.weightPath]!.shape
        }
        step = try TrainingStep(
            settings.rule.rule, of: graph, Self.objectives(networks, settings), shapes: shapes,
            options: PlanOptions(threads: settings.threads))
    }

    /// Losses and gradients of a batch.
    public func callAsFunction(
        _ parameters: Parameters, _ batch: [String: Tensor<Float>]
    ) throws -> StepOutcome {
        let spectral = parameters.singularDirections(of: spectralLayers)
        var outcome = try step(parameters, batch.merging(spectral.directions) { $1 })
        for name in lossNames { lastLosses[name] = Double(step.lastOutputs[name]!.item) }
        outcome.statistics = spectral.vectors
        return outcome
    }

    /// Whether the next step wants another batch; see `TrainingStep.needsBatch`.
    public var needsBatch: Bool { step.needsBatch }

    /// What learns from which loss: a discriminator that is not fought by turning gradients around has its own.
    static func objectives(
        _ networks: PredicateNetworks, _ settings: PredicateSettings
    ) -> [TrainingObjective] {
        func learned(_ module: (some Module)?) -> [String] {
            module?.declarations.filter(\.isLearned).map(\.path) ?? []
        }
        guard settings.objective == .klprior else {
            return [TrainingObjective("loss", learning: learned(networks))]
        }
        return [
            TrainingObjective("loss", learning: learned(networks.head)),
            TrainingObjective("discriminator", learning: learned(networks.discriminator)),
        ]
    }

    /// The graph of a step without its gradients: outputs "loss" and its parts.
    static func graph(_ networks: PredicateNetworks, _ settings: PredicateSettings) -> Graph {
        Graph.build { builder in
            let head = networks.head
            let objects = head.readsObject ? builder.input("objects") : nil
            let logits = head(builder.input("features"), objects: objects)
            let labels = builder.input("labels"), known = builder.input("known")
            let each = logits.focalCrossEntropy(
                labels: labels, balance: settings.focalBalance, focus: settings.focus)
            let verbs = (each * known).sum() / labels.sum()
            builder.output(verbs, "verbs")

            var loss = verbs
            if settings.objective.aligns {
                let lambda = builder.input("lambda")
                let encoding = head.encoding(
                    builder.input("aligned.features"), layer: settings.alignedLayer)
                switch settings.objective {
                case .prior, .erm: break
                case .dann, .cdann:
                    let adversary = networks.discriminator!(
                        encoding.reversingGradient(times: lambda),
                        verbs: settings.objective.readsVerb ? builder.input("aligned.verbs") : nil)
                    let entropy = adversary.crossEntropy(
                        probabilities: builder.input("aligned.objects"))
                    builder.output(entropy, "discriminator")
                    loss = verbs + entropy
                case .klprior:
                    let logarithms = networks.discriminator!(encoding).logSoftmax(axis: 1)
                    let priors = builder.input("aligned.priors")
                    let divergence =
                        (priors * (priors.log - logarithms)).sum([1]).mean()
                    builder.output(divergence, "alignment")
                    loss = verbs + lambda * divergence
                    let entropy = -(builder.input("aligned.objects") * logarithms).sum([1]).mean()
                    builder.output(entropy, "discriminator")
                case .coral:
                    let distance = encoding.momentDistance(
                        groupSize: PredicateSettings.groupSize,
                        features: head.width(ofLayer: settings.alignedLayer))
                    builder.output(distance, "alignment")
                    loss = verbs + lambda * distance
                }
            }
            builder.output(loss, "loss")
        }
    }
}

extension Value {
    /// How far two groups of rows are apart in mean and covariance: the mean square of the differences, averaged over
    /// many couples of groups.
    ///
    /// - Parameters:
    ///   - groupSize: rows of each group; the second group of a couple follows the first.
    ///   - features: numbers in a row.
    /// - SeeAlso: Sun and Saenko (arXiv:1607.01719), equation 1; DomainBed adds the means.
    func momentDistance(groupSize: Int, features: Int) -> Value {
        let groups = reshaped([-1, 2, groupSize, features])
        let mean = groups.mean([2], keepsDimensions: true)
        let centred = groups - mean
        let covariance =
            1 / Double(groupSize - 1) * centred.times(centred, transposed: true, false)
        func distance(_ moment: Value) -> Value {
            let first = moment.sliced(axis: 1, from: 0, to: 1)
            let second = moment.sliced(axis: 1, from: 1, to: 2)
            return first.squaredError(to: second)
        }
        return distance(mean) + distance(covariance)
    }
}
