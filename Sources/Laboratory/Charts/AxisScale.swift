// One axis of a chart: where a value lies on it, and at which values it carries ticks.
import Glibc

/// A linear or logarithmic axis over some values.
struct AxisScale {
    /// A tick: its value, and what is written at it; nil for the small ones between.
    struct Tick: Hashable {
        let value: Double, label: String?
    }

    /// Whether the axis is logarithmic.
    let isLogarithmic: Bool
    /// From the lower end to the upper.
    let ticks: [Tick]
    /// The ends, as logarithms where the axis is logarithmic.
    private let low: Double, high: Double

    /// An axis that shows all finite `values` and a little room on either side; a logarithmic one
    /// shows those above 0.
    init(_ values: [Double], isLogarithmic: Bool) {
        self.isLogarithmic = isLogarithmic
        let shown = values.filter { $0.isFinite && (!isLogarithmic || $0 > 0) }
            // Differences have to be numbers, too.
            .map { isLogarithmic ? log10($0) : min(max($0, -1e300), 1e300) }
        var (low, high) = (shown.min() ?? 0, shown.max() ?? 1)
        // One value has an axis, too; a difference beyond what Double tells apart has no ticks.
        let least = max(isLogarithmic ? 0.1 : 0, 1e-9 * max(low.magnitude, high.magnitude))
        if high - low <= least {
            let half = isLogarithmic ? 0.5 : max(0.5 * low.magnitude, least, low == 0 ? 0.5 : 0)
            (low, high) = ((low + high) / 2 - half, (low + high) / 2 + half)
        }
        let room = 0.04 * (high - low)
        (self.low, self.high) = (low - room, high + room)
        ticks =
            isLogarithmic
            ? Self.logarithmic(self.low, self.high) : Self.linear(self.low, self.high)
    }

    /// Where a value lies, 0 at the lower end, 1 at the upper; nil where it is not finite. What is
    /// beyond an end is put there, so also what no logarithmic axis can show.
    func part(_ value: Double) -> Double? {
        guard value.isFinite else { return nil }
        guard !isLogarithmic || value > 0 else { return 0 }
        return min(max(((isLogarithmic ? log10(value) : value) - low) / (high - low), 0), 1)
    }

    // MARK: Ticks

    /// 1, 2 or 5 times a power of ten apart, four to nine of them.
    private static func linear(_ low: Double, _ high: Double) -> [Tick] {
        let most = (high - low) / 4
        let power = log10(most).rounded(.down)
        let unit = pow(10, power)
        let step = (most >= 5 * unit ? 5 : most >= 2 * unit ? 2 : 1) * unit
        let first = (low / step).rounded(.up), last = (high / step).rounded(.down)
        let values = stride(from: first, through: last, by: 1).map { $0 * step }
        let greatest = values.map(\.magnitude).max() ?? 0
        // Small and large ones are easier to read as a few digits and one power for all.
        let exponent =
            greatest >= 1e5 || greatest < 1e-2 && greatest > 0
            ? Int(log10(greatest * (1 + 1e-9)).rounded(.down)) : 0
        let decimals = max(0, exponent - Int(power))
        let scale = pow(10, Double(exponent))
        return values.map { value in
            let digits = value == 0 ? "0" : (value / scale).fixed(decimals)
            let label = exponent == 0 || value == 0 ? digits : digits + "×" + power10(exponent)
            return Tick(value: value, label: minus(label))
        }
    }

    /// At powers of ten, or where these are too few at 2 and 5 or all digits; where even these are,
    /// as on a linear axis.
    private static func logarithmic(_ low: Double, _ high: Double) -> [Tick] {
        let decades = Int(low.rounded(.down))...Int(high.rounded(.up))
        let isPlain = low >= -3.2 && high <= 4.2
        func inside(_ value: Double) -> Bool { (low...high).contains(log10(value)) }
        let width = high - low
        // Labels stand on decades that are a round number apart.
        let apart = [1, 2, 3, 5, 10, 20, 50, 100].first { width / Double($0) <= 8 } ?? 100
        let labelled: Set<Int> =
            width > 2.2 ? [1] : width > 1.1 ? [1, 2, 5] : [1, 2, 3, 4, 5, 6, 7, 8, 9]
        var ticks: [Tick] = []
        for decade in decades {
            for digit in 1...(apart == 1 ? 9 : 1) {
                let value = Double("\(digit)e\(decade)")!
                guard inside(value) else { continue }
                let isLabelled = labelled.contains(digit) && decade % apart == 0
                let label =
                    isPlain
                    ? value.fixed(max(0, -decade))
                    : (digit == 1 ? "" : "\(digit)×") + power10(decade)
                ticks.append(Tick(value: value, label: isLabelled ? minus(label) : nil))
            }
        }
        guard ticks.count(where: { $0.label != nil }) < 3 else { return ticks }
        return linear(pow(10, low), pow(10, high)).filter { $0.value > 0 }
    }

    // MARK: Labels

    /// `10⁻⁵`.
    private static func power10(_ exponent: Int) -> String {
        let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
        return "10"
            + String("\(exponent)".map { $0 == "-" ? "⁻" : digits[$0.wholeNumberValue!] })
    }

    /// With the sign that is as wide as a digit.
    private static func minus(_ label: String) -> String {
        label.hasPrefix("-") ? "−" + label.dropFirst() : label
    }
}
