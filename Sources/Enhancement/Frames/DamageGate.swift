// Frames that need nothing are left alone: how much of the correction a frame gets.
import Glibc
import Media
import Quality

/// Says how much of the network's correction a frame is given.
///
/// A network that was trained on damaged frames does harm to good ones. The decoder's quantisers say how
/// good a frame is; where it exports none, the bits that were spent on a pixel have to do. From which
/// quantisers on weights help depends on what they were trained with: their file says it.
public struct DamageGate: Sendable, Hashable {
    /// The whole correction from the one mean luma step on (8-bit code values), none below the other.
    public let zeroStep: Float, fullStep: Float
    /// The whole correction up to these bits per pixel, none above the others.
    public static let fullBits = 0.1, zeroBits = 0.22

    /// A gate that opens from one mean luma step to the other.
    public init(zeroStep: Float, fullStep: Float) {
        precondition(zeroStep >= 0 && fullStep >= zeroStep, "a gate opens upwards")
        self.zeroStep = zeroStep
        self.fullStep = fullStep
    }

    /// The look at the picture says nothing up to the first mean luma step, and all from the second on;
    /// no look at files that are quantised finer than the third.
    static let blindZero: Float = 21, blindFull: Float = 27, masterStep: Float = 6
    /// Grain to the finest detail looks like steps up to the first, none like those from the second on; it
    /// survives quantisers up to the third, and is gone from the fourth on.
    static let grainFull: Float = 6, grainZero: Float = 9, keepsGrain: Float = 11,
        endsGrain: Float = 16

    /// For weights whose file says nothing.
    public static let standard = DamageGate(zeroStep: 10, fullStep: 20)

    /// The share of the correction, 0 ... 1, for a frame of the given quantisers and bits.
    ///
    /// - Parameters:
    ///   - blindStep: The mean luma step that a look at the picture alone estimates. A file that was
    ///     compressed twice has fine quantisers and a damaged picture: where the look is sure, it wins
    ///     over quantisers that are not so fine that the file is a master's. And grain that fine
    ///     quantisers have kept is no damage.
    ///   - bitsPerPixel: Bits of the coded video per luma pixel; nil where unknown.
    public func share(
        quantisers: QuantiserMap?, blindStep: Float? = nil, bitsPerPixel: Double?
    ) -> Float {
        if let mean = quantisers?.meanLumaStep {
            let said = Self.share(mean, from: zeroStep, to: fullStep)
            guard let blindStep else { return said }
            let seen = Self.share(blindStep, from: Self.blindZero, to: Self.blindFull)
            let isNoMaster = Self.share(mean, from: Self.masterStep, to: 1.5 * Self.masterStep)
            let hasNoGrain = Self.share(blindStep, from: Self.grainFull, to: Self.grainZero)
            let losesGrain = Self.share(mean, from: Self.keepsGrain, to: Self.endsGrain)
            return min(max(said, min(seen, isNoMaster)), max(hasNoGrain, losesGrain))
        }
        guard let bitsPerPixel, bitsPerPixel > 0, fullStep > 0 else { return 1 }
        return ramp(
            Float(-log2(bitsPerPixel)), from: Float(-log2(Self.zeroBits)),
            to: Float(-log2(Self.fullBits)))
    }

    /// Where a step lies between two, on a scale of octaves.
    private static func share(_ step: Float, from zero: Float, to full: Float) -> Float {
        guard step < full else { return 1 }
        guard step > zero else { return 0 }
        return ramp(log2f(step), from: log2f(max(zero, 0.1)), to: log2f(full))
    }
}

extension DamageGate: LosslessStringConvertible {
    /// `6:9`; nil where that is no gate.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let zero = Float(parts[0]), let full = Float(parts[1]),
            zero >= 0, full >= zero, full <= 1000
        else { return nil }
        self.init(zeroStep: zero, fullStep: full)
    }

    public var description: String { "\(Self.text(zeroStep)):\(Self.text(fullStep))" }

    private static func text(_ step: Float) -> String {
        step == step.rounded() ? "\(Int(step))" : "\(step)"
    }
}
