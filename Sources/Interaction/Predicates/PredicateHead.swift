// What a human does to a thing, told by how the two lie to each other and what they look like.
import Graphs
import Networks
import Tensors

/// The predicate head: what is known of a pair to one logit for each verb.
///
/// Its geometry branch is told the 36 numbers of two boxes and nothing of the picture. Its appearance branch is also told
/// what a detector's features say of parts of the picture (``regions``), each part by itself; the two are multiplied, so
/// that how boxes lie decides what counts of how they look.
///
/// No kind of object enters, so that a verb can be told where it is done to something that it was never seen with. The
/// usual detector, which is told the object, is the same network with ``readsObject``: what others are measured by.
///
/// - SeeAlso: ``SpatialFeatures``. That nothing of the object enters is the idea of "Novel human-object interaction
///   detection via adversarial domain generalization" (arXiv:2005.11406); layers and widths are ours. The product is the
///   multi-branch fusion of "Spatially conditioned graphs" (arXiv:2012.06060), section 3.2.
public struct PredicateHead: Module {
    /// Features after each hidden layer; the last are what predicates are told by.
    public let widths: [Int]
    /// Number of verbs.
    public let verbCount: Int
    /// Whether it is told the kind of object, as one of ``COCO/categories``.
    public let readsObject: Bool
    /// What it is told of the picture; nil for nothing.
    public let regions: RegionShape?
    /// What it tells verbs of.
    public let subject: PredicateSubject

    private let encoder: [LinearLayer]
    private let appearance: AppearanceEncoder?
    private let classifier: LinearLayer
    private let path: ParameterPath

    /// Numbers that lie farther from their mean, in deviations, say no more than that they do.
    static let limit = 5.0

    /// A head for so many verbs.
    public init(
        verbCount: Int, widths: [Int] = [128, 256], readsObject: Bool = false,
        regions: RegionShape? = nil, subject: PredicateSubject = .pairs
    ) {
        precondition(!widths.isEmpty && verbCount > 0, "a head without layers or verbs")
        precondition(subject == .pairs || regions != nil, "people alone are told by their looks")
        (self.widths, self.verbCount, self.readsObject) = (widths, verbCount, readsObject)
        (self.regions, self.subject) = (regions, subject)
        let path: ParameterPath =
            subject == .people ? "people" : regions == nil ? "geometry" : "appearance"
        self.path = path
        let inputs = SpatialFeatures.count + (readsObject ? COCO.categories.count : 0)
        encoder = zip([inputs] + widths, widths).enumerated().map { index, extents in
            LinearLayer(
                path / "encoder" / index, extents.0, extents.1, activation: .relu,
                initialiser: .kaiming())
        }
        appearance = regions.map { AppearanceEncoder(path, $0, width: widths.last!) }
        classifier = LinearLayer(path / "verbs", widths.last!, verbCount)
    }

    /// Numbers that it is told of a pair, the object not counted.
    public var featureCount: Int { regions?.featureCount ?? SpatialFeatures.count }

    /// Features that verbs are told by.
    public var encodingWidth: Int { widths.last! }

    /// Means and deviations of what it is told, which are not learned; then the layers.
    public var declarations: [Declaration] {
        spatial.declarations + encoder.declarations + (appearance?.declarations ?? [])
            + classifier.declarations
    }

    private var spatial: Standardisation {
        Standardisation(path, count: SpatialFeatures.count, limit: Self.limit)
    }

    /// What is known of pairs, `[pairs, encodingWidth]`.
    ///
    /// - Parameters:
    ///   - features: ``SpatialFeatures``, and behind them what is told of the picture: `[pairs, featureCount]`.
    ///   - objects: 1 for the kind of object, else 0: `[pairs, 80]`; where the head reads it.
    public func encoding(_ features: Value, objects: Value? = nil) -> Value {
        encoding(features, objects: objects, layer: nil)
    }

    /// Numbers in what ``encoding(_:objects:layer:)`` gives.
    func width(ofLayer layer: Int?) -> Int { layer.map { widths[$0] } ?? encodingWidth }

    /// What is known of pairs after a hidden layer of the geometry; nil for all that is known.
    func encoding(_ features: Value, objects: Value? = nil, layer: Int?) -> Value {
        precondition(readsObject == (objects != nil), "a kind of object where none is read")
        let builder = features.builder
        let numbers =
            regions == nil
            ? features : features.sliced(axis: 1, from: 0, to: SpatialFeatures.count)
        let told = spatial(numbers)
        let all = objects.map { builder.concatenate([told, $0], axis: 1) } ?? told
        if let layer { return encoder[...layer].reduce(all) { $1($0) } }
        let geometry = encoder.reduce(all) { $1($0) }
        guard let appearance else { return geometry }
        return appearance(
            features.sliced(axis: 1, from: SpatialFeatures.count, to: featureCount), geometry)
    }

    /// A logit for each verb, `[pairs, verbs]`, of pairs as ``encoding(_:objects:)`` knows them.
    public func logits(_ encoding: Value) -> Value { classifier(encoding) }

    /// A logit for each verb; see ``encoding(_:objects:)``.
    public func callAsFunction(_ features: Value, objects: Value? = nil) -> Value {
        logits(encoding(features, objects: objects))
    }

    /// Means and deviations of pairs, by the names of the declarations that are not learned.
    func statistics(of pairs: LabelledPairs) -> [(path: String, tensor: Tensor<Float>)] {
        let stride = pairs.featureCount
        func columns(_ range: Range<Int>, in part: Standardisation) -> [(String, Tensor<Float>)] {
            part.statistics(
                of: pairs.features, rows: pairs.count, stride: stride, columns: range)
        }
        return columns(0..<SpatialFeatures.count, in: spatial)
            + (appearance.map {
                columns(SpatialFeatures.count..<featureCount, in: $0.standardisation)
            } ?? [])
    }
}

/// Brings numbers to a mean of 0 and a deviation of 1, as they were in training, and bounds them.
struct Standardisation {
    let meanPath: String, deviationPath: String
    /// How many numbers; where there are more columns, they repeat.
    let count: Int
    let limit: Double

    init(_ path: ParameterPath, count: Int, limit: Double) {
        (meanPath, deviationPath) = ("\(path / "mean")", "\(path / "deviation")")
        (self.count, self.limit) = (count, limit)
    }

    var declarations: [Declaration] {
        [
            Declaration(meanPath, [count], .zeros, isLearned: false),
            Declaration(deviationPath, [count], .ones, isLearned: false),
        ]
    }

    /// `[..., count]`.
    func callAsFunction(_ x: Value) -> Value {
        let centred = x - x.builder.parameter(meanPath)
        let standard = centred / x.builder.parameter(deviationPath)
        return standard.clamped(to: -limit...limit)
    }

    /// Mean and deviation of each number over rows and repetitions.
    func statistics(
        of values: [Float], rows: Int, stride: Int, columns: Range<Int>
    ) -> [(String, Tensor<Float>)] {
        var sums = [Double](repeating: 0, count: count), squares = sums
        values.withUnsafeBufferPointer { values in
            for row in 0..<rows {
                for column in columns {
                    let value = Double(values[row * stride + column])
                    let number = (column - columns.lowerBound) % count
                    sums[number] += value
                    squares[number] += value * value
                }
            }
        }
        let total = Double(max(rows * columns.count / count, 1))
        let means = sums.map { $0 / total }
        let deviations = zip(squares, means).map { square, mean in
            max((square / total - mean * mean).squareRoot(), 1e-3)
        }
        return [
            (meanPath, Tensor(means.map(Float.init), shape: [count])),
            (deviationPath, Tensor(deviations.map { $0.isNaN ? 1 : Float($0) }, shape: [count])),
        ]
    }
}
