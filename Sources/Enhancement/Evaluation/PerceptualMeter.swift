// What people see of an enhancement: measures that PSNR does not replace.
import Media
import Networks
import Quality
import Tensors
import Wavelets

/// Which measures are made beside PSNR, and with what.
public struct PerceptualMeasures: Sendable {
    /// Programs that are installed and asked for.
    public var butteraugli: ExternalMeasure?
    /// Weights of the backbone whose features are compared; nil: not measured.
    public var featureWeights: Parameters?
    /// Threads to measure with.
    public var threads = 1

    /// No measures.
    public init() {}
}

/// What was measured of a picture: lower is better; nil: not measured.
public struct PerceptualFigures: Sendable, Hashable {
    /// Butteraugli's 3-norm.
    public var butteraugli: Double?
    /// Distance of deep features.
    public var deepFeatures: Double?

    /// The given figures.
    public init(butteraugli: Double? = nil, deepFeatures: Double? = nil) {
        self.butteraugli = butteraugli
        self.deepFeatures = deepFeatures
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
            butteraugli: measures.butteraugli?(reference, picture),
            deepFeatures: try features?(reference, picture))
    }
}

/// How much of the finest detail is there, and whether what was added is what was missing.
public struct DetailFigures: Sendable, Hashable {
    /// Energies of the level-1 details HL, LH, HH of luma: of the original, before, after.
    private var pristine = 0.0, before = 0.0, after = 0.0
    /// Products of what was missing and what was added.
    private var missing = 0.0, added = 0.0, product = 0.0

    /// Nothing measured.
    public init() {}

    /// Takes in a frame.
    mutating func add(_ reference: Plane, _ original: Plane, _ enhanced: Plane) {
        let details = [reference, original, enhanced].map(Self.details)
        for i in 0..<details[0].count {
            let (r, o, e) = (
                Double(details[0][i]), Double(details[1][i]), Double(details[2][i])
            )
            pristine += r * r
            before += o * o
            after += e * e
            missing += (r - o) * (r - o)
            added += (e - o) * (e - o)
            product += (r - o) * (e - o)
        }
    }

    /// Energy over the original's: 1 is all there, less is blur, more is noise or ringing.
    public var ratioBefore: Double { pristine > 0 ? before / pristine : 1 }
    public var ratioAfter: Double { pristine > 0 ? after / pristine : 1 }
    /// Correlation of the coefficients that were added with those that were missing.
    public var correlation: Double {
        missing > 0 && added > 0 ? product / (missing * added).squareRoot() : 0
    }

    private static func details(_ plane: Plane) -> [Float] {
        let (width, height) = (plane.width / 2 * 2, plane.height / 2 * 2)
        let picture = Tensor<Float>(shape: [1, 1, height, width]) { values in
            for y in 0..<height {
                for x in 0..<width { values[y * width + x] = Float(plane[x, y]) }
            }
        }
        let packets = PacketTransform(levels: 1)(picture, threads: 1)
        return Array(packets.elements.dropFirst(width * height / 4))
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
