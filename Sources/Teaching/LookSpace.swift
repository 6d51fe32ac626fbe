// The space in which the looks of people are compared, as a file.
import Interaction
import Networks
import Tensors

/// A linear map from what a detector sees of a person to codes that are alike where people do the same, what known
/// doings look like there on average, and how alike one must be to be believed.
///
/// Looks are standardised, brought to their principal directions, whitened by how much they vary among people who do the
/// same, and the part of that in which known doings differ is weighed once more. Codes have the length 1.
///
/// - SeeAlso: ``init(fitting:of:settings:threads:)``.
public struct LookSpace: Sendable {
    /// Mean and deviation of each number of a look, `[looks]`.
    let means: Tensor<Float>, deviations: Tensor<Float>
    /// `[looks, codes]`, and what is subtracted then, `[codes]`.
    let projection: Tensor<Float>, offset: Tensor<Float>
    /// The mean code of each known doing, of the length 1: `[doings, codes]`.
    let known: Tensor<Float>
    /// What each known doing is done to, as an index into ``COCO/categories`` or nil for what the detector does not know; nil
    /// for a space that was fitted without things, to which they say nothing.
    let knownThings: [Int?]?
    /// How probable it is that somebody does what was taught; nil before it was measured.
    var calibration: TeachingCalibration?
    /// The digest of the detector's file that looks.
    public let detector: String

    /// Standardised numbers beyond this say no more than that they are.
    private static let limit: Float = 5

    /// The given maps.
    init(
        means: Tensor<Float>, deviations: Tensor<Float>, projection: Tensor<Float>,
        offset: Tensor<Float>, known: Tensor<Float>, knownThings: [Int?]?, detector: String
    ) {
        precondition(
            knownThings.map { $0.count == known.shape[0] } ?? true, "known doings without things")
        (self.means, self.deviations, self.projection) = (means, deviations, projection)
        (self.offset, self.known, self.knownThings) = (offset, known, knownThings)
        self.detector = detector
    }

    /// Numbers of a look.
    public var lookCount: Int { means.count }
    /// Numbers of a code.
    public var codeCount: Int { offset.count }
    /// A short name of the space and its detector, by which examples say what saw them.
    public var detectorName: String { String(detector.prefix(12)) }

    /// What some interactions, and then the known doings, are done to, as far as things count.
    func things(of triplets: [Triplet]) -> [Int?] {
        guard let knownThings else {
            return [Int?](repeating: nil, count: triplets.count + known.shape[0])
        }
        return triplets.map { COCO.index(of: $0.object) } + knownThings
    }

    // MARK: - Codes

    /// The codes of looks `[rows, looks]`, of the length 1: `[rows, codes]`.
    ///
    /// - Throws: `PlanError`.
    func codes(of looks: Tensor<Float>, threads: Int = 1) throws -> Tensor<Float> {
        let rows = looks.shape[0]
        guard rows > 0 else { return Tensor(shape: [0, codeCount]) }
        let projected = try MatrixAlgebra.product(
            Self.standardised(looks, means, deviations), projection, threads: threads)
        let offset = offset.elements
        var codes = projected.elements
        for row in 0..<rows {
            for column in 0..<codeCount { codes[row * codeCount + column] -= offset[column] }
        }
        return Self.normalised(Tensor(codes, shape: [rows, codeCount]))
    }

    static func standardised(
        _ looks: Tensor<Float>, _ means: Tensor<Float>, _ deviations: Tensor<Float>
    ) -> Tensor<Float> {
        let (means, deviations) = (means.elements, deviations.elements)
        let width = means.count
        precondition(looks.shape[1] == width, "looks \(looks.shape) for \(width) numbers")
        var values = looks.elements
        for row in 0..<looks.shape[0] {
            for column in 0..<width {
                let value = (values[row * width + column] - means[column]) / deviations[column]
                values[row * width + column] = min(max(value, -limit), limit)
            }
        }
        return Tensor(values, shape: looks.shape)
    }

    /// Rows divided by their lengths.
    static func normalised(_ rows: Tensor<Float>) -> Tensor<Float> {
        let width = rows.shape[1]
        var values = rows.elements
        for row in 0..<rows.shape[0] {
            var sum: Float = 0
            for column in 0..<width {
                let value = values[row * width + column]
                sum += value * value
            }
            let length = max(sum.squareRoot(), 1e-12)
            for column in 0..<width { values[row * width + column] /= length }
        }
        return Tensor(values, shape: rows.shape)
    }

    // MARK: - Files

    private static let kindKey = "percept.kind", kind = "look space"
    private static let versionKey = "percept.version"
    /// The second was without things.
    private static let version = "3", former = "2"
    private static let calibrationKey = "percept.calibration"

    /// Writes the space, all or nothing.
    ///
    /// - Throws: `FileWriteError`.
    public func write(
        to path: String, saying more: [String: String] = [:]
    ) throws(FileWriteError) {
        var metadata = more
        metadata[Self.kindKey] = Self.kind
        metadata[BranchedModel.detectorKey] = detector
        metadata[Self.calibrationKey] = calibration?.description
        metadata[Self.versionKey] = knownThings == nil ? Self.former : Self.version
        let things = knownThings.map { things in
            ("looks.things", Tensor(things.map { Float($0 ?? -1) }, shape: [things.count]))
        }
        try Safetensors.write(
            [
                ("looks.mean", means), ("looks.deviation", deviations),
                ("looks.projection", projection), ("looks.offset", offset),
                ("looks.known", known),
            ] + [things].compactMap { $0 }, metadata: metadata, to: path)
    }

    /// Reads what ``write(to:saying:)`` wrote.
    ///
    /// - Throws: `SafetensorsError`, which names what is missing or does not fit.
    public init(contentsOf path: String) throws(SafetensorsError) {
        let file = try Safetensors(contentsOf: path)
        func tensor(_ name: String, _ expected: [Int]) throws(SafetensorsError) -> Tensor<Float> {
            let tensor = try file.tensor(name)
            let fits =
                tensor.shape.rank == expected.count
                && zip(tensor.shape.dimensions, expected).allSatisfy {
                    $1 == 0 ? $0 > 0 : $0 == $1
                }
            guard fits else {
                throw SafetensorsError(
                    file: path,
                    problem: .wrongShape(
                        tensor: name, expected: expected, found: tensor.shape.dimensions))
            }
            return tensor
        }
        _ = try file.value(Self.kindKey, "'\(Self.kind)'") { $0 == Self.kind ? $0 : nil }
        let version = try file.value(
            Self.versionKey, "version \(Self.version), or a newer program"
        ) {
            [Self.version, Self.former].contains($0) ? $0 : nil
        }
        detector = try file.value(BranchedModel.detectorKey, "a digest") { $0.isEmpty ? nil : $0 }
        calibration = try file.value(Self.calibrationKey, "two numbers for each count of examples")
        {
            TeachingCalibration($0)
        }
        // 0 stands for any number.
        means = try tensor("looks.mean", [0])
        deviations = try tensor("looks.deviation", [means.count])
        projection = try tensor("looks.projection", [means.count, 0])
        offset = try tensor("looks.offset", [projection.shape[1]])
        known = try tensor("looks.known", [0, offset.count])
        if version == Self.version {
            knownThings = try tensor("looks.things", [known.shape[0]]).elements.map {
                Int(exactly: $0).flatMap { COCO.categories.indices.contains($0) ? $0 : nil }
            }
        } else {
            knownThings = nil
        }
    }
}
