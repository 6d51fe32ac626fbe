// Two videos compared frame by frame: what `compare` prints and every report's gain is made of.
import Media

/// What one plane of a frame lost or kept against its reference.
public struct PlaneQuality: Sendable, Hashable {
    /// Peak signal-to-noise ratio in decibels; infinite for equal planes.
    public var psnr: Double
    /// Structural similarity at one scale and over five; nil where the plane is too small.
    public var ssim: Double?, multiScaleSSIM: Double?
}

/// What one frame lost or kept against its reference.
public struct FrameQuality: Sendable, Hashable {
    /// Y, U, V (or G, B, R; only Y for gray), in the order of the frame's planes; no alpha.
    public var planes: [PlaneQuality]
    /// Energy of the first plane's HL, LH and HH subbands over the reference's.
    public var detailRatios: [Double]
    /// Difference of the changes since the frame before, in 8-bit steps; nil for the first frame.
    public var flicker: Double?
    /// Strength of block edges of the first plane: 1 is none.
    public var blockiness: Double
    /// Luma (first plane) by name.
    public var y: PlaneQuality { planes[0] }
}

/// Why two frames cannot be compared.
public struct ComparisonError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Which frame, counted from 0, and what both sides are.
    public let index: Int, reference: String, test: String

    /// One line: what, where, what to do.
    public var description: String {
        "frame \(index): the reference is \(reference), the other \(test); "
            + "compare files of equal size, sampling and depth"
    }
}

/// Compares two videos frame by frame: PSNR, SSIM, MS-SSIM, detail, flicker and blockiness.
///
/// Means are means of per-frame values, over the frames where a value exists.
public struct Comparison: Sendable {
    /// One entry per pair of frames, in order.
    public private(set) var frames: [FrameQuality] = []
    private let wantsMultiScale: Bool
    private var previous: (reference: Plane, test: Plane)?

    /// An empty comparison; MS-SSIM costs about a third more than SSIM.
    public init(multiScale: Bool = true) { wantsMultiScale = multiScale }

    /// Compares the next pair of frames.
    ///
    /// - Throws: `ComparisonError` where size, sampling or depth differ.
    @discardableResult
    public mutating func add(
        reference: Frame, test: Frame, threads: Int = 0
    ) throws -> FrameQuality {
        guard
            reference.width == test.width && reference.height == test.height
                && reference.format.sampling == test.format.sampling
                && reference.format.depth == test.format.depth
        else {
            func text(_ frame: Frame) -> String {
                "\(frame.width)x\(frame.height) \(frame.format.sampling) \(frame.format.depth)-bit"
            }
            throw ComparisonError(
                index: frames.count, reference: text(reference), test: text(test))
        }
        let depth = reference.format.depth
        let count = reference.format.sampling == .gray ? 1 : 3
        let planes = (0..<count).map { index in
            let (a, b) = (reference.planes[index], test.planes[index])
            let similarity = StructuralSimilarity(
                reference: a, test: b, depth: depth, multiScale: wantsMultiScale, threads: threads)
            return PlaneQuality(
                psnr: PlaneError(reference: a, test: b, depth: depth, threads: threads).psnr,
                ssim: similarity.ssim, multiScaleSSIM: similarity.multiScale)
        }
        let (a, b) = (reference.planes[0], test.planes[0])
        let ratios = SubbandEnergy(b, depth: depth).detailRatios(
            to: SubbandEnergy(a, depth: depth))
        let quality = FrameQuality(
            planes: planes, detailRatios: [ratios.hl, ratios.lh, ratios.hh],
            flicker: previous.map {
                Quality.flicker(
                    reference: ($0.reference, a), test: ($0.test, b), depth: depth)
            },
            blockiness: Blockiness(b, depth: depth).strength)
        previous = (a, b)
        frames.append(quality)
        return quality
    }

    /// Mean of per-frame values of plane `index` (0: Y); nil without frames.
    public func mean(plane index: Int) -> PlaneQuality? {
        let planes = frames.compactMap { index < $0.planes.count ? $0.planes[index] : nil }
        guard let psnr = Comparison.mean(planes.map(\.psnr)) else { return nil }
        return PlaneQuality(
            psnr: psnr, ssim: Comparison.mean(planes.compactMap(\.ssim)),
            multiScaleSSIM: Comparison.mean(planes.compactMap(\.multiScaleSSIM)))
    }

    /// Mean flicker in 8-bit steps; nil with fewer than two frames.
    public var meanFlicker: Double? { Comparison.mean(frames.compactMap(\.flicker)) }
    /// Mean strength of block edges; nil without frames.
    public var meanBlockiness: Double? { Comparison.mean(frames.map(\.blockiness)) }
    /// Mean detail ratios for HL, LH, HH; empty without frames.
    public var meanDetailRatios: [Double] {
        (0..<3).compactMap { band in Comparison.mean(frames.map { $0.detailRatios[band] }) }
    }

    private static func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}
