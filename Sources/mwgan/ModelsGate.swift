// mwgan models gate: from which quantisers on a model's weights are used.
import Batch
import Enhancement
import Terminal

enum ModelsGate {
    /// Writes the weights as they are, and the gate beside them.
    static func run(_ arguments: Arguments) throws -> ExitCode {
        let words = arguments[ModelsCommand.action]
        guard words.count == 3, let gate = DamageGate(words[2]) else {
            throw UsageError.nonsense(
                "gate: a model and two luma steps are wanted, as in 'gate my.safetensors 6:20'")
        }
        var model = try LoadedModel(words[1]).trainable()
        // Each file has its own weights only.
        model.perceptual = nil
        model.gate = gate
        let target = arguments[ModelsCommand.output] ?? "\(model.name).safetensors"
        try model.write(to: target)
        CommonOptions.output(target)
        return .success
    }
}
