// What people see of an enhancement: measures that PSNR does not replace.
import Media
import Networks
import Quality
import Tensors
import Wavelets

/// Which measures are made beside PSNR, and with what.
public struct PerceptualMeasures: Sendable {
    /// Programs that are installed and asked for.
    public var external: [ExternalMeasure] = []
    /// Netflix's program, which looks at whole clips; nil: not measured.
    public var vmaf: VMAF?
    /// Weights of the backbone whose features are compared; nil: not measured.
    public var featureWeights: Parameters?
    /// Threads to measure with.
    public var threads = 1

    /// No measures.
    public init() {}
}

/// What was measured of a picture; what is missing was not.
public struct PerceptualFigures: Sendable, Hashable {
    /// What programs say.
    public var external: [ExternalMeasure: Double] = [:]
    /// Distance of deep features, lower is better.
    public var deepFeatures: Double?

    /// The given figures.
    public init(external: [ExternalMeasure: Double] = [:], deepFeatures: Double? = nil) {
        self.external = external
        self.deepFeatures = deepFeatures
    }

    /// Butteraugli's 3-norm, lower is better.
    public var butteraugli: Double? { external[.butteraugli] }

    /// Sums of what both have.
    static func + (a: Self, b: Self) -> Self {
        PerceptualFigures(
            external: a.external.reduce(into: [:]) { sum, entry in
                sum[entry.key] = b.external[entry.key].map { $0 + entry.value }
            }, deepFeatures: a.deepFeatures.flatMap { a in b.deepFeatures.map { a + $0 } })
    }

    /// All figures over a number.
    static func / (sum: Self, count: Double) -> Self {
        PerceptualFigures(
            external: sum.external.mapValues { $0 / count },
            deepFeatures: sum.deepFeatures.map { $0 / count })
    }
}

/// Compares pictures of one size with their originals. Belongs to one thread.
final class PerceptualMeter {
    private let measures: PerceptualMeasures
    private var features: DeepFeatureDistance?

    init(_ measures: PerceptualMeasures) { self.measures = measures }

    /// Compares pictures with the original.
    ///
    /// - Throws: `PlanError`.
    func callAsFunction(
        _ reference: UprightPicture, _ picture: UprightPicture
    ) throws -> PerceptualFigures {
        if features == nil, let weights = measures.featureWeights {
            features = try DeepFeatureDistance(
                weights: weights, width: reference.width, height: reference.height,
                threads: measures.threads)
        }
        return PerceptualFigures(
            external: measures.external.reduce(into: [:]) { $0[$1] = $1(reference, picture) },
            deepFeatures: try features?(reference, picture))
    }
}

/// How much of the detail of three levels is there, and whether what was added is what was missing.
public struct DetailFigures: Sendable, Hashable {
    /// Sums over the coefficients HL, LH and HH of one level of a Haar transform of luma.
    public struct Level: Sendable, Hashable {
        /// Energies: of the original, before, after.
        fileprivate var pristine = 0.0, before = 0.0, after = 0.0
        /// Products of what was missing and what was added.
        fileprivate var missing = 0.0, added = 0.0, product = 0.0
        /// The same of what a plain sharpener adds.
        fileprivate var sharpened = 0.0, sharpenedProduct = 0.0

        /// Energy over the original's: 1 is all there, less is blur, more is noise or ringing.
        public var ratioBefore: Double { pristine > 0 ? before / pristine : 1 }
        public var ratioAfter: Double { pristine > 0 ? after / pristine : 1 }
        /// Correlation of the coefficients that were added with those that were missing.
        public var correlation: Double {
            missing > 0 && added > 0 ? product / (missing * added).squareRoot() : 0
        }
        /// The same correlation of an unsharp mask over the compressed frame. It does not depend on
        /// the mask's amount: at any ratio of energies a network has to be above it.
        public var unsharpCorrelation: Double {
            missing > 0 && sharpened > 0
                ? sharpenedProduct / (missing * sharpened).squareRoot() : 0
        }

        fileprivate mutating func add(
            _ pristine: Float, _ before: Float, _ after: Float, sharp: Float
        ) {
            let (r, o, e) = (Double(pristine), Double(before), Double(after))
            let s = Double(sharp) - o
            sharpened += s * s
            sharpenedProduct += (r - o) * s
            self.pristine += r * r
            self.before += o * o
            self.after += e * e
            missing += (r - o) * (r - o)
            added += (e - o) * (e - o)
            product += (r - o) * (e - o)
        }
    }

    /// From the finest: level 2 splits the LL of level 1, level 3 that of level 2.
    public private(set) var levels = [Level](repeating: Level(), count: 3)

    /// Nothing measured.
    public init() {}

    /// Takes in a frame.
    mutating func add(_ reference: Plane, _ original: Plane, _ enhanced: Plane) {
        var pictures = [reference, original, enhanced].map(Self.picture)
        pictures.append(Self.sharpened(pictures[1]))
        for level in levels.indices {
            let (height, width) = (pictures[0].shape[2] / 2, pictures[0].shape[3] / 2)
            guard height > 0, width > 0 else { return }
            let packets = pictures.map { PacketTransform(levels: 1)(Self.even($0), threads: 1) }
            let elements = packets.map(\.elements)
            for i in height * width..<4 * height * width {
                levels[level].add(
                    elements[0][i], elements[1][i], elements[2][i], sharp: elements[3][i])
            }
            pictures = elements.map {
                Tensor(Array($0.prefix(height * width)), shape: [1, 1, height, width])
            }
        }
    }

    private static func picture(_ plane: Plane) -> Tensor<Float> {
        Tensor(shape: [1, 1, plane.height, plane.width]) { values in
            for y in 0..<plane.height {
                for x in 0..<plane.width { values[y * plane.width + x] = Float(plane[x, y]) }
            }
        }
    }

    /// A picture and what it has above its blur by binomial weights over 5x5 samples.
    private static func sharpened(_ picture: Tensor<Float>) -> Tensor<Float> {
        let (height, width) = (picture.shape[2], picture.shape[3])
        let weights: [Float] = [1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16]
        func blurred(_ values: [Float], across: Bool) -> [Float] {
            let (extent, step) = across ? (width, 1) : (height, width)
            return values.indices.map { index in
                let place = across ? index % width : index / width
                return weights.indices.reduce(0) { sum, tap in
                    let other = min(max(place + tap - 2, 0), extent - 1)
                    return sum + weights[tap] * values[index + (other - place) * step]
                }
            }
        }
        let values = picture.elements
        let soft = blurred(blurred(values, across: true), across: false)
        return Tensor(zip(values, soft).map { 2 * $0 - $1 }, shape: picture.shape)
    }

    /// A picture without a last odd row or column.
    private static func even(_ picture: Tensor<Float>) -> Tensor<Float> {
        let (height, width) = (picture.shape[2], picture.shape[3])
        let (rows, columns) = (height / 2 * 2, width / 2 * 2)
        guard rows != height || columns != width else { return picture }
        let values = picture.elements
        return Tensor(shape: [1, 1, rows, columns]) { result in
            for y in 0..<rows {
                for x in 0..<columns { result[y * columns + x] = values[y * width + x] }
            }
        }
    }
}

/// How much of a picture got worse.
public struct HarmFigures: Sendable, Hashable {
    /// Blocks of 32x32 luma samples seen, and those that lost more than half a decibel.
    public private(set) var blocks = 0, harmed = 0

    /// Nothing measured.
    public init() {}

    /// Takes in a frame.
    mutating func add(_ reference: Plane, _ original: Plane, _ enhanced: Plane, depth: Int) {
        let side = 32, scale = Double(255) / Double((1 << depth) - 1)
        for top in stride(from: 0, to: reference.height, by: side) {
            for left in stride(from: 0, to: reference.width, by: side) {
                var before = 0.0, after = 0.0
                for y in top..<min(top + side, reference.height) {
                    for x in left..<min(left + side, reference.width) {
                        let pristine = reference[x, y]
                        let a = Double(original[x, y] - pristine) * scale
                        let b = Double(enhanced[x, y] - pristine) * scale
                        before += a * a
                        after += b * b
                    }
                }
                blocks += 1
                // An error of a tenth of a step is nothing that anybody loses.
                let floor = 0.01 * Double(side * side)
                if after + floor > 1.122 * (before + floor) { harmed += 1 }
            }
        }
    }

    /// Part of the blocks that were harmed.
    public var share: Double { blocks > 0 ? Double(harmed) / Double(blocks) : 0 }
}
