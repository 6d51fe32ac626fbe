// How far activities move in one step of inference, and what halves it.

/// How far activities move in one step of inference.
public enum InferenceRate: Sendable, Hashable {
    /// One over the largest curvature of the energy, measured by power iteration over the whole graph; halved where
    /// the energy rises.
    case automatic
    /// A number.
    case fixed(Double)
}

/// Watches the energy of predictive coding.
///
/// What is not finite, or grows a million times over, ends the step with the layer's name. Under an automatic rate a
/// step after which the energy is higher is taken back, and the rate halved. Inference that hardly moves any more ends.
struct EnergyWatch: InferenceWatch {
    /// Numbers of the phases that infer and that learn.
    let inference: Int, learning: Int
    /// Whether steps are taken back.
    let halves: Bool
    /// The squared gradient relative to the first one at which inference ends; 0 for never.
    let tolerance: Double

    private var last: Double?
    private var first: (energy: Double, slope: Double)?
    private var step = 0
    private var undoneAtTheEnd = false

    init(inference: Int, learning: Int, halves: Bool, tolerance: Double) {
        (self.inference, self.learning) = (inference, learning)
        (self.halves, self.tolerance) = (halves, tolerance)
    }

    mutating func judge(phase: Int, _ figures: [String: Double]) throws -> InferenceVerdict {
        guard phase == inference || phase == learning, let energy = figures["energy"] else {
            return .goOn
        }
        step += 1
        let slope = figures["slope"] ?? 0
        if first == nil { first = (energy, slope) }
        let bound = 1e6 * max(abs(first!.energy), 1e-12)
        // A step that may be taken back may also have overshot.
        let mayUndo = halves && last != nil && !(phase == learning && undoneAtTheEnd)
        if mayUndo, !(energy <= last! + 1e-6 * abs(last!)) {
            if phase == learning { undoneAtTheEnd = true }
            return .undo(scaling: "rate", by: 0.5)
        }
        guard energy.isFinite, abs(energy) <= bound || step < 3 else {
            throw LearningRuleError.diverged(
                node: worst(figures), step: step, energy: energy,
                remedy: halves
                    ? "lower the learning rate" : "lower the inference rate, or let it be found")
        }
        last = energy
        if phase == inference, tolerance > 0, slope <= tolerance * first!.slope { return .stop }
        return .goOn
    }

    /// The value node whose energy is no number, or is the largest.
    private func worst(_ figures: [String: Double]) -> String {
        let prefix = "energy."
        let nodes = figures.filter { $0.key.hasPrefix(prefix) }.sorted { $0.key < $1.key }
        let found =
            nodes.first { !$0.value.isFinite } ?? nodes.max { abs($0.value) < abs($1.value) }
        return found.map { String($0.key.dropFirst(prefix.count)) } ?? "loss"
    }
}
