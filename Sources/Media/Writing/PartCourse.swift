// How parts of a video that are encoded one after the other keep together to a size that somebody named.
import Glibc

/// What the encoder of one part of a video is told beside what all parts have in common.
public struct PartRate: Sendable, Equatable {
    /// Steps by which its constant quality is coarser than that of the whole; of an average bitrate, six halve it.
    public var coarser = 0.0
    /// How full the buffer of the guard on the rate is when the part begins, 0 to 1; nil: as at the beginning of a video.
    public var fill: Double?
    /// That guard, the same in all parts, in bits a second and bits; nil: the whole's.
    public var maximumRate: Int64?, bufferSize: Int64?

    /// By default, as the whole.
    public init(
        coarser: Double = 0, fill: Double? = nil, maximumRate: Int64? = nil,
        bufferSize: Int64? = nil
    ) {
        (self.coarser, self.fill) = (coarser, fill)
        (self.maximumRate, self.bufferSize) = (maximumRate, bufferSize)
    }
}

/// What parts took of the bits that all may take together, and what that leaves for the next one.
///
/// Each part has an encoder of its own, which knows nothing of the others: each would begin with a full buffer, and
/// whatever a trial of a few samples misjudged would be misjudged in all of them.
package struct PartCourse {
    /// What is foreseen of a part: bits at the quality of the whole, and its length.
    struct Part {
        let bits: Double, seconds: Double
    }

    /// Bits that all parts may take.
    let budget: Double
    /// The guard on the rate, in bits a second and bits; nil: there is none.
    var guardRate: Double?, buffer: Double?
    let parts: [Part]
    /// Whether the quality follows what parts take, so that the guard is there for the worst alone.
    var isFollowed: Bool { steers && isForeseen && hasRoom }
    /// Whether quality can become so much coarser that bits are halved: else nothing but the guard makes up for anything.
    let hasRoom: Bool
    /// Whether a trial foresees what parts take, and not their lengths.
    let isForeseen: Bool
    /// Whether the quality is ours to choose, how many steps of it halve the bits, and which it comes in.
    let steers: Bool
    let halving: Double, unit: Double
    /// The finest there is, by how much it is coarser than the whole's: at most 0.
    let finest: Double

    /// Share of the budget that is left free, since what the last part takes is known only afterwards: more where there are
    /// few, and where quality comes in coarse steps.
    let reserve: Double
    /// Share of what is foreseen that later parts keep, whatever one takes.
    private static let kept = 0.6
    /// How many parts have to be finished until they say as much as the trial.
    private static let trust = 2.0
    /// How much finer and coarser a part may become than the whole, in times that bits are halved.
    private static let reach = (finer: 0.75, coarser: 1.5)

    /// What the next part is told, after those before it took so many bits.
    func next(after spent: [Double]) -> PartRate {
        precondition(spent.count < parts.count, "nothing is left to do")
        let prior = Self.trust * parts.reduce(0) { $0 + $1.bits } / Double(parts.count)
        var left = parts.reduce(0) { $0 + $1.bits }
        var (sum, alike, foreseen, seconds) = (0.0, 0.0, 0.0, 0.0)
        var rate = PartRate(
            maximumRate: guardRate.map { Int64($0) }, bufferSize: buffer.map { Int64($0) })
        for index in 0...spent.count {
            let course = (prior + alike) / (prior + foreseen)
            rate.coarser =
                steers ? coarser(bits: course * left, room: (1 - reserve) * budget - sum) : 0
            let later = course * (left - parts[index].bits) * exp2(-rate.coarser / halving)
            rate.fill =
                isFollowed
                ? fill(allowing: budget - sum - Self.kept * later, parts[index])
                : fill(after: sum, seconds: seconds)
            guard index < spent.count else { break }
            sum += spent[index]
            // As many bits as it would have taken at the quality of the whole.
            alike += spent[index] * exp2(rate.coarser / halving)
            foreseen += parts[index].bits
            left -= parts[index].bits
            seconds += parts[index].seconds
        }
        return rate
    }

    private func coarser(bits: Double, room: Double) -> Double {
        func steps(_ times: Double) -> Double { (times * halving / unit).rounded(.down) * unit }
        let most = steps(Self.reach.coarser)
        guard room > 0, bits > 0 else { return room > 0 ? 0 : most }
        let wanted = (halving * log2(bits / room) / unit).rounded() * unit
        return min(max(wanted, -steps(Self.reach.finer), finest), most)
    }

    /// Encoders keep their buffer half full: what is above may be spent beside the rate, and what is below is for the
    /// worst.
    private func fill(allowing bits: Double, _ part: Part) -> Double? {
        guard let guardRate, let buffer, buffer > 0 else { return nil }
        return min(max(0.5 + (bits - guardRate * part.seconds) / buffer, 0.02), 1)
    }

    /// Where nothing but the guard keeps the sum, it goes on where the part before left it.
    private func fill(after bits: Double, seconds: Double) -> Double? {
        guard let guardRate, let buffer, buffer > 0 else { return nil }
        // Encoders begin with nine tenths, and so does what their sum is worked out with.
        let fill = (0.9 * buffer + guardRate * seconds - bits) / buffer
        return min(max(fill, 0.02), 1)
    }
}

extension PartCourse {
    /// A part of the source: its bytes there (0: unknown) and its length.
    package typealias Piece = (bytes: Int, seconds: Double)

    /// The course of a video's parts; nil where nobody named a size.
    ///
    /// - Parameter ratio: How many times the source's bits ``EncoderSettings/fittedQuality`` takes; nil: nobody tried.
    /// - Throws: ``OutputError``.
    package init?(
        _ pieces: [Piece], video: VideoDescription, settings: EncoderSettings, ratio: Double?,
        otherBitrate: Int64, path: String
    ) throws {
        var settings = settings
        settings.part = PartRate()
        let facts = SizeFacts(video, otherBitrate: otherBitrate, settings)
        guard let wanted = try settings.size.wantedRate(facts, path: path), pieces.count > 1
        else { return nil }
        let encoder = try VideoWriter.check(path: path, video: video, settings: settings)
        let rate = try settings.size.rateControl(
            facts, crf: settings.crf, encoder: encoder, path: path)
        let seconds = pieces.reduce(0) { $0 + $1.seconds }
        budget = wanted * seconds
        let scale = rate.bitrate == nil ? encoder.qualityScale?.wide : nil
        reserve = (scale?.unit ?? 0 >= 1 ? 0.04 : 0.02) + 0.15 / Double(pieces.count)
        hasRoom = scale.map { (rate.crf ?? 0) + $0.halving <= $0.coarsest } ?? false
        steers = settings.crf == nil
        isForeseen = ratio != nil && rate.bitrate == nil && pieces.allSatisfy { $0.bytes > 0 }
        if steers, isForeseen, hasRoom {
            // As wide as the reserve can answer for in the last part.
            let most = wanted * min(3, 1 + reserve * Double(pieces.count))
            guardRate = most
            buffer = min(0.25 * budget, 60e6, encoder.longestBuffer * most)
        } else {
            guardRate = rate.maximumRate.map(Double.init)
            buffer = rate.bufferSize.map(Double.init)
        }
        if let ratio, isForeseen {
            parts = pieces.map { Part(bits: 8 * ratio * Double($0.bytes), seconds: $0.seconds) }
        } else {
            let even = Double(rate.bitrate ?? Int64(wanted))
            parts = pieces.map { Part(bits: even * $0.seconds, seconds: $0.seconds) }
        }
        halving = scale?.halving ?? 6
        unit = scale?.unit ?? 0.01
        finest = scale.map { min(0, $0.finest - (rate.crf ?? 0)) } ?? -.infinity
    }

    /// What the next part is told, after those before it took so many bytes.
    package func next(after bytes: [Int]) -> PartRate { next(after: bytes.map { 8 * Double($0) }) }
}

extension RateControl {
    /// The same for one part of the video.
    ///
    /// - Parameter steers: Whether the quality is ours to choose.
    func with(_ part: PartRate, steers: Bool) -> RateControl {
        var rate = self
        rate.initialFill = part.fill
        rate.maximumRate = part.maximumRate ?? maximumRate
        rate.bufferSize = part.bufferSize ?? bufferSize
        guard steers, part.coarser != 0 else { return rate }
        // Neither hundredths nor the noise of sums is meant.
        rate.crf = crf.map { (100 * ($0 + part.coarser)).rounded() / 100 }
        rate.bitrate = bitrate.map { Int64(Double($0) * exp2(-part.coarser / 6)) }
        return rate
    }
}
