// How often values occur, and which range of them 7 bits stand for best.

/// Counts of values in bins that grow with the largest value seen.
struct ValueHistogram {
    private static let half = 2048
    private var counts = [Int](repeating: 0, count: 2 * half)
    /// Bins span -limit ..< limit.
    private var limit: Float = 1
    /// Smallest and largest value, 0 included.
    private(set) var low: Float = 0, high: Float = 0

    /// Takes a value in; what is not finite does not count.
    mutating func add(_ value: Float) {
        guard value.isFinite, abs(value) < 0x1p100 else { return }
        while abs(value) >= limit { grow() }
        low = min(low, value)
        high = max(high, value)
        counts[Int((value / limit + 1) * Float(Self.half))] += 1
    }

    /// Doubles the range; two bins become one.
    private mutating func grow() {
        var wider = [Int](repeating: 0, count: counts.count)
        for (bin, count) in counts.enumerated() { wider[Self.half / 2 + bin / 2] += count }
        counts = wider
        limit *= 2
    }

    /// The range whose activations have the least squared error: all values, or less of both sides.
    var bestRange: (low: Float, high: Float) {
        var best = (error: Double.infinity, low: low, high: high)
        for step in 0..<18 {
            let share = 1 - 0.05 * Float(step)
            let error = error(low: low * share, high: high * share)
            if error < best.error { best = (error, low * share, high * share) }
        }
        return (best.low, best.high)
    }

    /// The sum of squared errors of activations that span a range.
    private func error(low: Float, high: Float) -> Double {
        guard let ranges = Calibration.Ranges(low: [low], high: [high]) else { return .infinity }
        let activations = ActivationScale(ranges)
        let (scale, zero) = (activations.scale[0], Float(activations.zero[0]))
        var sum = 0.0
        for (bin, count) in counts.enumerated() where count > 0 {
            let value = ((Float(bin) + 0.5) / Float(Self.half) - 1) * limit
            let level = (value / scale + zero).rounded(.toNearestOrEven)
            let clipped = min(max(level, 0), Float(ActivationScale.largest))
            let error = (clipped - zero) * scale - value
            sum += Double(count) * Double(error * error)
        }
        return sum
    }
}
