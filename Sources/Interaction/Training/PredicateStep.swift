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
            readsObject: settings.objective.readsObject, regions: settings.regions)
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

    private let plan: Plan
    private let spectralLayers: [SpectralLinear]
    private let paths: [String], lossNames: [String]

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
        paths = networks.declarations.filter(\.isLearned).map(\.path)
        lossNames = graph.outputs.map(\.name).filter { !$0.hasPrefix("gradient.") }
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
        plan = try Plan(graph, shapes: shapes, options: PlanOptions(threads: settings.threads))
    }

    /// Losses and gradients of a batch.
    public func callAsFunction(
        _ parameters: Parameters, _ batch: [String: Tensor<Float>]
    ) throws -> StepOutcome {
        plan.setParameters(parameters.values)
        let spectral = parameters.singularDirections(of: spectralLayers)
        let results = try plan.run(batch.merging(spectral.directions) { $1 })
        for name in lossNames { lastLosses[name] = Double(results[name]!.item) }
        var gradients: [String: Tensor<Float>] = [:]
        for path in paths { gradients[path] = results["gradient." + path] }
        return StepOutcome(
            loss: lastLosses["loss"]!, gradients: gradients, statistics: spectral.vectors)
    }

    /// The graph of a step: outputs "loss", its parts, and "gradient.PATH" for all that is learned.
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
            // The discriminator's own loss, where it is not the one that is turned around.
            var other: Value?
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
                    other = entropy
                case .coral:
                    let distance = encoding.momentDistance(
                        groupSize: PredicateSettings.groupSize,
                        features: head.width(ofLayer: settings.alignedLayer))
                    builder.output(distance, "alignment")
                    loss = verbs + lambda * distance
                }
            }
            builder.output(loss, "loss")
            func learned(_ module: (some Module)?) -> [String] {
                module?.declarations.filter(\.isLearned).map(\.path) ?? []
            }
            func appendGradients(of loss: Value, _ paths: [String]) {
                let gradients = builder.gradients(
                    of: loss, withRespectTo: paths.map { builder.parameter($0) })
                for (path, gradient) in zip(paths, gradients) {
                    if let gradient { builder.output(gradient, "gradient.\(path)") }
                }
            }
            guard let other else {
                return appendGradients(of: loss, learned(networks))
            }
            appendGradients(of: loss, learned(head))
            appendGradients(of: other, learned(networks.discriminator))
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
