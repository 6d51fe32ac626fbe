// Whether the frames of a video come at a constant rate, told by their times and not by its header.

/// Looks for the frame rate on whose grid times lie.
enum FrameGrid {
    /// The first rate on whose grid, begun at the earliest time, every time has a place of its own and
    /// at least half of the places are taken; nil where there is none: the rate is variable.
    ///
    /// - Parameters:
    ///   - times: in any order, in units of `timeBase`; none of them: the first rate there is.
    ///   - rates: candidates in frames a second; those of 0 are passed over.
    static func rate(of times: [Int64], timeBase: Rational, among rates: [Rational]) -> Rational? {
        let times = times.sorted()
        return rates.first { rate in
            guard rate.numerator > 0, rate.denominator > 0 else { return false }
            guard let first = times.first else { return true }
            let frames = timeBase.value * rate.value
            // Containers round times to their ticks, the first one too.
            let tolerance = min(0.45, 0.05 + frames)
            var last = -1.0
            for time in times {
                let place = Double(time - first) * frames
                let nearest = place.rounded()
                guard abs(place - nearest) <= tolerance, nearest > last else { return false }
                last = nearest
            }
            return Double(times.count) >= (last + 1) / 2
        }
    }
}
