// What a whole shot takes to encode, beside its first frames, on which it is tried.
import Glibc
import Terminal

/// How the bits of a whole shot follow from those of its first frames, after the very first.
///
/// The first frame of a shot is a key frame, and those just after it have it to copy from: later ones take more, about as
/// much more as they took in the file.
public struct ShotCoding: Sendable, Hashable {
    /// Bits for a luma pixel of the key frame, at each of the qualities that are tried.
    public var key: [Double]
    /// How many times as many bits a frame takes, over the whole shot, as over its first ones.
    public var growth: Double

    init(key: [Double], growth: Double) {
        precondition(key.count == CodingProbe.qualities.count, "\(key.count) qualities")
        self.key = key
        self.growth = growth.isFinite ? min(max(growth, 0.25), 8) : 1
    }

    /// Bits for a luma pixel over all frames of a shot.
    ///
    /// - Parameters:
    ///   - later: What is foreseen of frames that are no key frames, tried on the first ones.
    ///   - tried: What those took as they are, at the same quality.
    func bits(later: Double, tried: Double, quality: Double, frames: Int) -> Double {
        let (fine, coarse) = (CodingProbe.qualities[0], CodingProbe.qualities[1])
        let ends = key.map { log2(max($0, 1e-6)) }
        let plain = exp2(ends[0] + (quality - fine) / (coarse - fine) * (ends[1] - ends[0]))
        // What a model changes, it changes in key frames, too.
        let change = min(max(later / max(tried, 1e-6), 0.5), 2)
        let share = 1 / Double(max(frames, 1))
        return share * plain * change + (1 - share) * later * growth
    }

    var json: JSONValue {
        .object([("key", .array(key.map(JSONValue.number))), ("growth", .number(growth))])
    }

    init?(_ json: JSONValue) {
        guard let key = json["key"]?.elements?.compactMap(\.double),
            key.count == CodingProbe.qualities.count, key.allSatisfy({ $0 >= 0 && $0.isFinite }),
            let growth = json["growth"]?.double
        else { return nil }
        self.init(key: key, growth: growth)
    }
}
