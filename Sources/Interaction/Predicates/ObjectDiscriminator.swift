// Tells the kind of object from what the predicate head knows of a pair: its adversary.
import Graphs
import Networks
import Tensors

/// A small network that tells the kind of object from the features that predicates are told by.
///
/// Where it cannot, those features are the same for all objects. Two hidden layers, as DomainBed's.
///
/// - SeeAlso: Gulrajani and Lopez-Paz, "In search of lost domain generalization" (arXiv:2007.01434).
public struct ObjectDiscriminator: Module {
    /// Whether it is told the verb: then it can only find what differs between objects of one verb.
    public let readsVerb: Bool
    private let layers: [LinearLayer]
    /// The same layers, where their spectral norm is held at 1; else none.
    public let spectralLayers: [SpectralLinear]

    /// A discriminator behind `head`.
    ///
    /// - Parameters:
    ///   - layer: Behind which of its hidden layers; nil for the last.
    ///   - isSpectral: Whether no layer may stretch anything: it then cannot tell objects by tiny differences.
    public init(
        behind head: PredicateHead, layer: Int? = nil, readsVerb: Bool, isSpectral: Bool = false,
        width: Int = 256
    ) {
        self.readsVerb = readsVerb
        let path: ParameterPath = "discriminator"
        let inputs = head.width(ofLayer: layer) + (readsVerb ? head.verbCount : 0)
        let slope = 0.2
        layers = [
            LinearLayer(
                path / 0, inputs, width, activation: .leakyReLU(slope),
                initialiser: .kaiming(slope: slope)),
            LinearLayer(
                path / 1, width, width, activation: .leakyReLU(slope),
                initialiser: .kaiming(slope: slope)),
            LinearLayer(path / 2, width, COCO.categories.count),
        ]
        spectralLayers = isSpectral ? layers.map { SpectralLinear($0) } : []
    }

    public var declarations: [Declaration] {
        spectralLayers.isEmpty ? layers.declarations : spectralLayers.declarations
    }

    /// A logit for each of ``COCO/categories``, `[pairs, 80]`.
    ///
    /// - Parameter verbs: 1 for the verb that is asked about, else 0: `[pairs, verbs]`; where it is read.
    public func callAsFunction(_ encoding: Value, verbs: Value? = nil) -> Value {
        precondition(readsVerb == (verbs != nil), "a verb where none is read")
        let all = verbs.map { encoding.builder.concatenate([encoding, $0], axis: 1) } ?? encoding
        guard spectralLayers.isEmpty else { return spectralLayers.reduce(all) { $1($0) } }
        return layers.reduce(all) { $1($0) }
    }
}
