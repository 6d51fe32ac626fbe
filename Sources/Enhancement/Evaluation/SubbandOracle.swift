// Where the quality hides: what each subband of the pristine frame would give back.
import Media
import Quality
import Tensors
import Wavelets

/// Subbands of one level of a wavelet transform.
public struct SubbandChoice: Sendable, Hashable {
    /// Which of a level's subbands.
    public enum Bands: String, CaseIterable, Sendable {
        /// One of them, or all three with detail.
        case ll = "LL", hl = "HL", lh = "LH", hh = "HH", detail = "HL+LH+HH"

        /// Their positions among LL, HL, LH, HH.
        var indices: [Int] {
            switch self {
            case .ll: [0]
            case .hl: [1]
            case .lh: [2]
            case .hh: [3]
            case .detail: [1, 2, 3]
            }
        }
    }

    /// 1 is the finest level; `HL`, `LH` and `HH` of level 2 split the `LL` of level 1.
    public let level: Int
    /// What is chosen of it.
    public let bands: Bands

    /// Subbands of a level.
    public init(level: Int, bands: Bands) {
        self.level = level
        self.bands = bands
    }

    /// All choices of the first three levels.
    public static let all = (1...3).flatMap { level in
        Bands.allCases.map { SubbandChoice(level: level, bands: $0) }
    }
}

/// Quality of a frame whose luma is partly the pristine frame's.
public struct OracleMeasures: Sendable {
    /// Luma's peak signal-to-noise ratio in decibels.
    public var psnr: Double
    /// What people see.
    public var seen: PerceptualFigures
}

/// Replaces subbands of degraded luma by the pristine frame's, one choice at a time, and measures.
///
/// - SeeAlso: MW-GAN (arXiv:2008.00499), section 3.1: perceptual quality is lost in the
///   high-frequency subbands.
public struct SubbandOracle {
    /// What is measured beside PSNR.
    public var measures = PerceptualMeasures()
    /// Every how manieth frame is measured, and how many of a clip.
    public var frameStep = 12, framesPerClip = 3
    /// Asked before each frame.
    public var shouldStop: () -> Bool = { false }

    public init() {}

    /// Measures of the degraded frames, and of those frames with each choice replaced; all luma
    /// replaced comes last.
    public struct Result: Sendable {
        /// Of the degraded frames.
        public let before: [OracleMeasures]
        /// By choice, frame by frame.
        public let replaced: [SubbandChoice: [OracleMeasures]]
        /// With all luma pristine.
        public let whole: [OracleMeasures]
    }

    /// Measures one pair.
    ///
    /// - Throws: What the readers throw, `PlanError`, or `TrainingDataError` where the clips differ.
    public func callAsFunction(_ pair: TrainingPair) throws -> Result {
        let degraded = try VideoReader(path: pair.degraded)
        let reference = try VideoReader(path: pair.reference)
        guard degraded.width == reference.width, degraded.height == reference.height,
            degraded.format == reference.format
        else { throw TrainingDataError(item: pair.name, problem: "the two clips differ in format") }
        var before: [OracleMeasures] = [], whole: [OracleMeasures] = []
        var replaced: [SubbandChoice: [OracleMeasures]] = [:]
        let meter = PerceptualMeter(measures)
        var index = 0
        while before.count < framesPerClip, let frame = try degraded.next(),
            let pristine = try reference.next(), !shouldStop()
        {
            defer { index += 1 }
            guard index % frameStep == frameStep / 2 else { continue }
            let picture = pristine.upright()
            func measure(_ test: Frame) throws -> OracleMeasures {
                OracleMeasures(
                    psnr: PlaneError(
                        reference: pristine.planes[0], test: test.planes[0],
                        depth: pristine.format.depth, threads: measures.threads
                    ).psnr, seen: try meter(picture, test.shown(like: pristine).upright()))
            }
            before.append(try measure(frame))
            let difference = LumaDifference(pristine.planes[0], frame.planes[0])
            for choice in SubbandChoice.all {
                let plane = difference.added(choice, to: frame.planes[0], format: frame.format)
                let test = frame.replacingPlanes([plane] + frame.planes.dropFirst())
                replaced[choice, default: []].append(try measure(test))
            }
            let test = frame.replacingPlanes([pristine.planes[0]] + frame.planes.dropFirst())
            whole.append(try measure(test))
        }
        guard !before.isEmpty else {
            throw TrainingDataError(item: pair.name, problem: "no frames")
        }
        return Result(before: before, replaced: replaced, whole: whole)
    }
}

/// What a degraded plane lacks, level by level: the transform is linear, so that replacing subbands
/// adds those of the difference.
private struct LumaDifference {
    /// Subbands `[1, 4, h, w]` of each level.
    let levels: [Tensor<Float>]

    init(_ pristine: Plane, _ degraded: Plane) {
        func padded(_ extent: Int) -> Int { (extent + 7) / 8 * 8 }
        let (width, height) = (padded(pristine.width), padded(pristine.height))
        var rest = Tensor<Float>(shape: [1, 1, height, width]) { values in
            for y in 0..<height {
                for x in 0..<width {
                    let (column, row) = (min(x, pristine.width - 1), min(y, pristine.height - 1))
                    values[y * width + x] = Float(
                        pristine[column, row] - degraded[column, row])
                }
            }
        }
        var levels: [Tensor<Float>] = []
        for _ in 0..<3 {
            let subbands = PacketTransform(levels: 1)(rest, threads: 1)
            levels.append(subbands)
            let area = subbands.shape[2] * subbands.shape[3]
            rest = Tensor(
                Array(subbands.elements[..<area]),
                shape: [1, 1, subbands.shape[2], subbands.shape[3]])
        }
        self.levels = levels
    }

    /// The plane with the chosen subbands of the difference, rounded and kept within its depth.
    func added(_ choice: SubbandChoice, to plane: Plane, format: FrameFormat) -> Plane {
        let shape = levels[choice.level - 1].shape
        let area = shape[2] * shape[3]
        var kept = [Float](repeating: 0, count: 4 * area)
        for band in choice.bands.indices {
            let range = band * area..<(band + 1) * area
            kept.replaceSubrange(range, with: levels[choice.level - 1].elements[range])
        }
        var part = PacketTransform(levels: 1).inverse(Tensor(kept, shape: shape), threads: 1)
        for level in (0..<choice.level - 1).reversed() {
            let shape = levels[level].shape
            let empty = [Float](repeating: 0, count: 3 * shape[2] * shape[3])
            part = PacketTransform(levels: 1).inverse(
                Tensor(part.elements + empty, shape: shape), threads: 1)
        }
        let values = part.elements, stride = part.shape[3]
        let peak = Float((1 << format.depth) - 1)
        let result = Plane(
            width: plane.width, height: plane.height, bytesPerSample: plane.bytesPerSample)
        result.withUnsafeMutableBytes { base in
            for y in 0..<plane.height {
                let row = base + y * result.bytesPerRow
                for x in 0..<plane.width {
                    let value = Float(plane[x, y]) + values[y * stride + x]
                    let sample = Int(min(max(value.rounded(), 0), peak))
                    if plane.bytesPerSample == 1 {
                        row.storeBytes(of: UInt8(sample), toByteOffset: x, as: UInt8.self)
                    } else {
                        row.storeBytes(
                            of: UInt16(sample), toByteOffset: 2 * x, as: UInt16.self)
                    }
                }
            }
        }
        return result
    }
}
