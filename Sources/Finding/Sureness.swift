// From how unlike two pictures are to how surely one is a copy of the other.
import Glibc

/// The probability that a picture was found, by its distance and by what chance finds.
///
/// What of a picture is compared may be plain, and then all pictures are like it. So a distance is taken relative to that of
/// the twelfth nearest among the other videos, which nothing but chance has made alike; and that is taken to lie in a range, so
/// that a shot that is remembered a dozen times is found as well. Logistic curves, fitted to one half of the clips and to
/// photographs that are in no index, where a false alarm counts as five misses: `bench finding tune` prints them.
enum Sureness {
    /// The number of the other video that chance is told by.
    static let rank = 12

    /// A way of comparing: what chance is taken for, and a curve over the distance relative to that, half way at `middle`,
    /// falling by `slope` for each unit.
    struct Scale {
        let least: Double, most: Double, middle: Double, slope: Double

        /// A distance in parts of what chance finds; nil: too few other videos are there to tell.
        func relative(_ distance: Float, chance: Float?) -> Double {
            let chance = chance.map { min(max(Double($0), least), most) } ?? (least + most) / 2
            return Double(distance) / chance
        }

        func callAsFunction(_ relative: Double) -> Double {
            1 / (1 + exp(slope * (relative - middle)))
        }
    }

    static let whole = Scale(least: 0.50, most: 0.64, middle: 0.68, slope: 60)
    static let half = Scale(least: 0.44, most: 0.60, middle: 0.55, slope: 30)
    static let piece = Scale(least: 0.30, most: 0.60, middle: 0.42, slope: 25)

    /// For what is at a picture's narrow rim.
    static let rim = Scale(least: 0.44, most: 0.60, middle: 0.63, slope: 60)

    /// For a picture in its place, of which so many blocks are compared.
    static func known(blocks: Int) -> Scale {
        let share = min(max((Double(blocks) - 8) / 8, 0), 1)
        func between(_ value: (Scale) -> Double) -> Double {
            value(half) + share * (value(whole) - value(half))
        }
        return Scale(
            least: between(\.least), most: between(\.most), middle: between(\.middle),
            slope: between(\.slope))
    }

    /// What counts as found.
    static let found = 0.5
}
