// What a human does to a thing, told by how the two lie to each other.
import Graphs
import Networks
import Tensors

/// The geometry branch of the predicate head: the 36 numbers of a pair of boxes to one logit for each verb.
///
/// No kind of object enters, so that a verb can be told where it is done to something that it was never seen with. The
/// usual detector, which is told the object, is the same network with ``readsObject``: what others are measured by.
///
/// - SeeAlso: ``SpatialFeatures``. That nothing of the object enters is the idea of "Novel human-object interaction
///   detection via adversarial domain generalization" (arXiv:2005.11406); layers and widths are ours.
public struct PredicateHead: Module {
    /// Features after each hidden layer; the last are what predicates are told by.
    public let widths: [Int]
    /// Number of verbs.
    public let verbCount: Int
    /// Whether it is told the kind of object, as one of ``COCO/categories``.
    public let readsObject: Bool

    private let encoder: [LinearLayer]
    private let classifier: LinearLayer
    private static let path: ParameterPath = "geometry"

    /// Numbers that lie farther from their mean, in deviations, say no more than that they do.
    static let limit = 5.0

    /// A head for so many verbs.
    public init(verbCount: Int, widths: [Int] = [128, 256], readsObject: Bool = false) {
        precondition(!widths.isEmpty && verbCount > 0, "a head without layers or verbs")
        (self.widths, self.verbCount, self.readsObject) = (widths, verbCount, readsObject)
        let inputs = SpatialFeatures.count + (readsObject ? COCO.categories.count : 0)
        encoder = zip([inputs] + widths, widths).enumerated().map { index, extents in
            LinearLayer(
                Self.path / "encoder" / index, extents.0, extents.1, activation: .relu,
                initialiser: .kaiming())
        }
        classifier = LinearLayer(Self.path / "verbs", widths.last!, verbCount)
    }

    /// Features that verbs are told by.
    public var encodingWidth: Int { widths.last! }

    /// Where the mean of each of the 36 numbers is stored, and its deviation.
    public static let meanPath = "\(path / "mean")", deviationPath = "\(path / "deviation")"

    /// Means and deviations of the 36 numbers, which are not learned; then the layers.
    public var declarations: [Declaration] {
        let count = SpatialFeatures.count
        return [
            Declaration(Self.meanPath, [count], .zeros, isLearned: false),
            Declaration(Self.deviationPath, [count], .ones, isLearned: false),
        ] + encoder.declarations + classifier.declarations
    }

    /// What is known of pairs, `[pairs, encodingWidth]`.
    ///
    /// - Parameters:
    ///   - features: ``SpatialFeatures``, `[pairs, 36]`.
    ///   - objects: 1 for the kind of object, else 0: `[pairs, 80]`; where the head reads it.
    public func encoding(_ features: Value, objects: Value? = nil) -> Value {
        precondition(readsObject == (objects != nil), "a kind of object where none is read")
        let builder = features.builder
        let centred = features - builder.parameter(Self.meanPath)
        let standard = centred / builder.parameter(Self.deviationPath)
        let bounded = standard.clamped(to: -Self.limit...Self.limit)
        let all = objects.map { builder.concatenate([bounded, $0], axis: 1) } ?? bounded
        return encoder.reduce(all) { $1($0) }
    }

    /// A logit for each verb, `[pairs, verbs]`, of pairs as ``encoding(_:objects:)`` knows them.
    public func logits(_ encoding: Value) -> Value { classifier(encoding) }

    /// A logit for each verb; see ``encoding(_:objects:)``.
    public func callAsFunction(_ features: Value, objects: Value? = nil) -> Value {
        logits(encoding(features, objects: objects))
    }
}
