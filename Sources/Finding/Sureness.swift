// From how unlike two pictures are to how surely one is a copy of the other.
import Glibc

/// The probability that a picture was found, by its distance and by how much of it was compared.
///
/// Logistic curves, fitted to one half of the clips and to photographs that are in no index, where a false alarm counts as
/// five misses: `bench finding tune` prints them.
enum Sureness {
    /// A curve: half way at `middle`, falling by `slope` for each unit of distance.
    struct Curve {
        let middle: Double, slope: Double

        func callAsFunction(_ distance: Float) -> Double {
            1 / (1 + exp(slope * (Double(distance) - middle)))
        }
    }

    static let whole = Curve(middle: 0.40, slope: 80)
    static let half = Curve(middle: 0.31, slope: 50)
    static let crop = Curve(middle: 0.26, slope: 40)

    /// Of a picture in its place, of which so many blocks were compared.
    static func known(_ distance: Float, blocks: Int) -> Double {
        let share = min(max((Double(blocks) - 8) / 8, 0), 1)
        return Curve(
            middle: half.middle + share * (whole.middle - half.middle),
            slope: half.slope + share * (whole.slope - half.slope))(distance)
    }

    /// What counts as found.
    static let found = 0.5
}
