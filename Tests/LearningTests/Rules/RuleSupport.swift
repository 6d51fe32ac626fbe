// What tests of learning rules share.
import Compute
import Graphs
import Learning
import Networks
import Tensors

extension PhaseSequence where Scalar == Double {
    /// The gradients of a rule, computed by the reference in Double.
    static func gradients(
        _ rule: any LearningRule, of graph: Graph, _ values: [String: Tensor<Double>],
        watch: (any InferenceWatch)? = nil
    ) throws -> [String: Tensor<Double>] {
        var sequence = PhaseSequence<Double>(
            try rule.phases(of: graph, loss: "loss", learning: nil))
        return try sequence(values, watch: watch ?? rule.watch()).gradients()
    }
}

extension StepOutcome {
    /// Gradients in Double.
    var doubles: [String: Tensor<Double>] { gradients.mapValues { $0.converted(to: Double.self) } }
}

extension SmallNetwork {
    /// A compiled step of the rule for such batches.
    func compiled(
        _ rule: any LearningRule, _ batch: [String: Tensor<Float>]
    ) throws -> TrainingStep {
        try TrainingStep(
            rule, of: graph, [TrainingObjective("loss")],
            shapes: parameters().values.merging(batch) { $1 }.mapValues(\.shape))
    }
}

/// A watch that notes the energies of all states that count.
final class EnergyNotes {
    var energies: [Double] = []
    var undone = 0
}

struct NotingWatch: InferenceWatch {
    var inner: any InferenceWatch
    let notes: EnergyNotes

    mutating func judge(phase: Int, _ figures: [String: Double]) throws -> InferenceVerdict {
        let verdict = try inner.judge(phase: phase, figures)
        guard let energy = figures["energy"] else { return verdict }
        if case .undo = verdict { notes.undone += 1 } else { notes.energies.append(energy) }
        return verdict
    }
}
