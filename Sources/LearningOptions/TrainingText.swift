// What every program that trains says on its way.
import Learning
import Terminal

extension TrainingProgress {
    /// `step 100 of 2000: loss 0.1234, 2.0 steps/s, 15 min left`, and the energy of errors where a rule has such.
    public func line(decimals: Int) -> String {
        var line =
            "step \(step) of \(steps): loss \(fixed(loss, decimals: decimals)), "
            + "\(fixed(stepsPerSecond, decimals: 1)) steps/s, \(humanDuration(secondsLeft)) left"
        let sum = energies.values.reduce(0, +)
        if let most = energies.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }), sum > 0 {
            line +=
                "; energy of errors \(Self.text(sum)), "
                + "\(fixed(100 * most.value / sum, decimals: 0)) % of it at \(most.key)"
        }
        return line
    }

    /// The energy of every layer, by name; nil where a rule has none.
    public var energyLine: String? {
        guard !energies.isEmpty else { return nil }
        return "energies: "
            + energies.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            .map { "\($0.key) \(Self.text($0.value))" }.joined(separator: ", ")
    }

    /// Three digits, however small: energies lie orders apart.
    private static func text(_ energy: Double) -> String { energy.significant(3) }
}
