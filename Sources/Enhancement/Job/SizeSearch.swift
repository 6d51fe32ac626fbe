// Narrows down the finest constant quality that fits a size, from encodings of every frame.
import Glibc

/// Attempts at qualities, of which the best that fits is taken: no line between points is trusted.
struct SizeSearch {
    /// A quality that was tried, and how many times the source's bits it took.
    struct Attempt: Equatable {
        let quality: Double, ratio: Double
    }

    /// How many times the source's bits are allowed.
    let allowed: Double
    /// Nothing finer is wanted.
    let finest: Double
    private(set) var attempts: [Attempt] = []

    init(allowed: Double, finest: Double) {
        self.allowed = allowed
        self.finest = finest
    }

    /// Takes in what a trial spent at its qualities.
    mutating func note(_ spent: SizeTrial.Spent) {
        guard spent.source > 0 else { return }
        for (quality, bytes) in zip(spent.qualities, spent.output) {
            attempts.append(
                Attempt(quality: quality, ratio: Double(bytes) / Double(spent.source)))
        }
    }

    /// Encoders that run on several threads do not make the same file twice.
    private static let margin = 0.995

    /// The attempt that uses most of what is allowed; nil where none fits.
    var best: Attempt? {
        attempts.filter { $0.ratio <= Self.margin * allowed }.max { $0.ratio < $1.ratio }
    }

    /// The coarsest attempt that takes too much.
    private var over: Attempt? {
        attempts.filter { $0.ratio > Self.margin * allowed }.max { $0.quality < $1.quality }
    }

    /// Whether the best is good enough, or nothing better can be.
    var isDone: Bool {
        guard let best else { return attempts.contains { $0.quality >= 51 } }
        if best.ratio >= 0.95 * allowed || best.quality <= finest { return true }
        return over.map { best.quality - $0.quality < 0.15 } ?? false
    }

    /// The two qualities to try next, in tenths.
    var next: [Double] {
        let target = log2(0.975 * allowed)
        let middle: Double
        let margin: Double
        switch (over, best) {
        case (let over?, let best?):
            let (high, low) = (log2(over.ratio), log2(best.ratio))
            let share = high > low ? (high - target) / (high - low) : 0.5
            let gap = best.quality - over.quality
            middle = over.quality + gap * min(max(share, 0.1), 0.9)
            margin = min(0.3, gap / 4)
        // Six steps halve the bits, about.
        case (let over?, nil):
            middle = over.quality + 6 * (log2(over.ratio) - target) + 1
            margin = 1
        case (nil, let best?):
            middle = best.quality - 6 * (target - log2(max(best.ratio, 1e-6)))
            margin = 1
        case (nil, nil):
            middle = 30
            margin = 4
        }
        func tenths(_ quality: Double) -> Double {
            (min(max(quality, finest), 51) * 10).rounded() / 10
        }
        return [tenths(middle), tenths(middle + margin)]
    }
}
