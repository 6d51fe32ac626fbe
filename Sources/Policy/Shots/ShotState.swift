// What is known of a shot without a reference: damage, coding, motion, texture, content.
import Glibc
import Media
import Quality
import Tensors

/// What a decision about a shot goes by; nothing of it needs the pristine original.
public struct ShotState: Sendable, Hashable {
    /// What the numbers are, in order.
    public static let names = [
        "luma step", "blind luma step", "steps are declared", "blockiness", "bits per pixel",
        "intra pictures", "bidirectional pictures", "motion", "diagonal detail", "detail",
        "coarse detail", "drawn", "empty", "skin", "spread of damage", "pixels",
        "correction", "bits at 18", "bits at 29",
        "H.264", "HEVC", "another loop filter", "error at 29", "recovery at 29",
    ]
    /// A number for each name. Steps, energies, errors, bits and pixels are logarithms to the base of two, recovery is in decibels.
    public var values: [Float]

    static let codedBits = 17...18
    static let codecPlaces = 19...21, recoding = 22...23

    /// Numbers that say whether a codec smooths the borders of blocks before it predicts from them: without that, far more
    /// can be given back.
    static func codecs(_ name: String) -> [Double] {
        [name == "h264", name == "hevc", ["vp8", "vp9", "av1", "vvc"].contains(name)].map {
            $0 ? 1 : 0
        }
    }

    /// Differences that say more than their parts: trees, which look at one number at a time, do not see them. The second is
    /// taken so many times.
    private static let differences: [(place: Int, other: Int, times: Float)] = [
        ("correction", "luma step", 2), ("correction", "blind luma step", 2),
        ("correction", "detail", 1), ("correction", "error at 29", 1),
        ("bits per pixel", "bits at 29", 1), ("luma step", "blind luma step", 1),
    ].map { first, second, times in
        (names.firstIndex(of: first)!, names.firstIndex(of: second)!, times)
    }
    /// How many numbers ``seen`` has.
    static let seenCount = names.count + differences.count

    /// What is learned from: the values, and differences of them.
    var seen: [Float] {
        values + Self.differences.map { values[$0.place] - $0.times * values[$0.other] }
    }

    /// A state of these numbers.
    public init(_ values: [Float]) {
        precondition(values.count == Self.names.count, "\(values.count) numbers")
        self.values = values
    }

    /// Bits for a pixel by a try of x264, as a logarithm to the base of two, at a quality between those tried or beyond them.
    func codedBits(at quality: Double) -> Double {
        let (fine, coarse) = (CodingProbe.qualities[0], CodingProbe.qualities[1])
        let ends = values[Self.codedBits].map(Double.init)
        return ends[0] + (quality - fine) / (coarse - fine) * (ends[1] - ends[0])
    }

    /// The mean luma step, in 8-bit code values: as declared, or as it looks where nothing is.
    public var lumaStep: Float { exp2f(values[0]) }
}

/// Looks at the frames of a shot as they come.
///
/// Thumbnails of all frames tell motion; eight of the first frames, and fewer of those that follow, are looked at closely.
public struct ShotObserver {
    /// Frames seen.
    public private(set) var frames = 0
    private var looks = 0
    private var next = 2, interval = 6
    private var sums = [Double](repeating: 0, count: ShotState.names.count)
    private var beginning: [Frame] = []
    private let probe: CorrectionProbe?
    private let codec: String
    private var declared = 0, intra = 0, bidirectional = 0
    private var bits = 0.0, sized = 0
    /// Bytes of the frames that are tried, but for the first, and of all frames but the first; with how many those are.
    private var tried = (bytes: 0, count: 0), later = (bytes: 0, count: 0)
    private var motion = 0.0, steps = 0
    private var thumbnail: LumaThumbnail?
    private var size = (width: 0, height: 0)
    private let estimator = DamageEstimator()

    /// Nothing seen yet.
    ///
    /// - Parameters:
    ///   - probe: What says how much there is to correct; nil: nobody knows.
    ///   - codec: What the video is coded in, as FFmpeg calls it.
    public init(_ probe: CorrectionProbe?, codec: String) {
        (self.probe, self.codec) = (probe, codec)
    }

    /// Looks at the next frame.
    ///
    /// - Parameter thumbnail: Of the frame, where it was made before.
    public mutating func add(
        _ frame: Frame, thumbnail small: LumaThumbnail? = nil, threads: Int = 1
    ) {
        let small = small ?? LumaThumbnail(frame.planes[0], depth: frame.format.depth)
        if let thumbnail {
            motion += Double(small.difference(to: thumbnail))
            steps += 1
        }
        thumbnail = small
        if let bytes = frame.codedBytes, frames > 0 || !frame.isKey {
            bits += 8 * Double(bytes)
            sized += 1
        }
        if let bytes = frame.codedBytes, frames > 0 {
            if frames < CodingProbe.frames { tried = (tried.bytes + bytes, tried.count + 1) }
            later = (later.bytes + bytes, later.count + 1)
        }
        switch frame.pictureType {
        case .intra: intra += 1
        case .bidirectional: bidirectional += 1
        default: break
        }
        size = (frame.width, frame.height)
        if frames == 0 { look(at: frame, threads) }
        // The first frame is often coded unlike the others; it counts only where there are none.
        if frames == next {
            if looks == 1, next == 2 { forget() }
            look(at: frame, threads)
            if looks % 8 == 0 { interval *= 2 }
            next += interval
        }
        if probe != nil, beginning.count < max(CorrectionProbe.frames, CodingProbe.frames) {
            beginning.append(frame)
        }
        frames += 1
    }

    private mutating func forget() {
        sums = [Double](repeating: 0, count: sums.count)
        (looks, declared) = (0, 0)
    }

    private mutating func look(at frame: Frame, _ threads: Int) {
        let depth = frame.format.depth, luma = frame.planes[0]
        let damage = DamageMap(frame, estimator: estimator, threads: threads)
        let isColour = frame.format.sampling != .gray && frame.format.sampling != .rgb
        let content = ContentMap(
            isColour ? Array(frame.planes.prefix(3)) : [luma], depth: depth, threads: threads)
        let energy = SubbandEnergy(luma, depth: depth)
        let levels = damage.worse.elements
        let level = mean(levels)
        let spread = levels.reduce(0) { $0 + (Double($1) - level) * (Double($1) - level) }
        if frame.quantisers?.meanLumaStep != nil { declared += 1 }
        let step = frame.quantisers?.meanLumaStep ?? damage.meanBlindStep
        let looked: [Double] = [
            log2(Double(max(step, 0.5))), log2(Double(max(damage.meanBlindStep, 0.5))), 0,
            log2(min(Blockiness(luma, depth: depth).strength, 8)), 0, 0, 0, 0,
            log2(energy.hh + 0.25), log2(energy.hl + energy.lh + 0.25),
            log2(variance + 1), mean(content.drawn.elements),
            mean(content.empty.elements), mean(content.skin.elements),
            (spread / Double(max(levels.count, 1))).squareRoot(),
        ]
        for (index, value) in looked.enumerated() { sums[index] += value }
        looks += 1
    }

    private func mean(_ values: [Float]) -> Double {
        values.reduce(0) { $0 + Double($1) } / Double(max(values.count, 1))
    }

    /// Of the thumbnail: how much the parts of the picture differ.
    private var variance: Double {
        guard let values = thumbnail?.values, !values.isEmpty else { return 0 }
        let mean = mean(values)
        return values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
            / Double(values.count)
    }

    /// What is known of the frames seen; nil where there were none.
    ///
    /// - Parameter bitsPerPixel: Of the whole video, for frames whose bytes are not known.
    /// - Throws: What the probe throws.
    public func state(bitsPerPixel: Double? = nil) throws -> ShotState? {
        try known(bitsPerPixel: bitsPerPixel)?.state
    }

    /// How many times as many bits the file's frames take as those that are tried.
    private var growth: Double {
        guard tried.count > 0, later.count > 0 else { return 1 }
        // Of frames that take next to nothing no ratio is meant.
        let least = 1e-3 * Double(size.width * size.height) / 8
        return (Double(later.bytes) / Double(later.count) + least)
            / (Double(tried.bytes) / Double(tried.count) + least)
    }

    /// What is known of the frames seen, and of how they are coded; of the latter nil where nothing could be tried.
    func known(bitsPerPixel: Double? = nil) throws -> (state: ShotState, coding: ShotCoding?)? {
        guard frames > 0, looks > 0 else { return nil }
        var values = sums.map { $0 / Double(looks) }
        let pixels = Double(max(size.width * size.height, 1))
        let density = sized > 0 ? bits / Double(sized) / pixels : bitsPerPixel ?? 0.1
        values[2] = Double(declared) / Double(looks)
        values[4] = log2(density + 0.001)
        values[5] = Double(intra) / Double(frames)
        values[6] = Double(bidirectional) / Double(frames)
        values[7] = log2(1 + (steps > 0 ? motion / Double(steps) : 0))
        values[15] = log2(pixels)
        values[16] = log2(try probe.map { try $0.correction(of: beginning) + 0.05 } ?? 0.05)
        let trial = try probe.flatMap { _ in try CodingProbe(beginning) }
        let coded = trial?.bits ?? CodingProbe.guess(density)
        for (place, bits) in zip(ShotState.codedBits, coded) { values[place] = log2(bits + 1e-4) }
        values.replaceSubrange(ShotState.codecPlaces, with: ShotState.codecs(codec))
        if let probe, let coarse = trial?.coarse {
            let found = try probe.recovery(of: coarse, original: beginning)
            values.replaceSubrange(
                ShotState.recoding, with: [log2(found.error + 0.05), found.gain])
        } else {
            values.replaceSubrange(ShotState.recoding, with: CodingProbe.guessedRecovery)
        }
        return (
            ShotState(values.map { Float($0) }),
            trial.map { ShotCoding(key: $0.key, growth: growth) }
        )
    }
}
