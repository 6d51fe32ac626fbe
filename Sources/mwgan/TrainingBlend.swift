// mwgan train --blend: how much of what was learned is kept beside the weights that a run went on from.
import Enhancement
import Networks
import Terminal

enum TrainingBlend {
    static let option = Option.string(
        "blend", placeholder: "auto|SHARE",
        help: "With --from: how much of what was learned is kept, the rest stays as it was; auto: "
            + "what restores most of held-out tiles.", group: "Model",
        completion: .words(["auto"]))

    /// What the options ask for; nil: all of what was learned is kept.
    ///
    /// - Parameter start: The weights that the run goes on from.
    static func wanted(
        _ arguments: Arguments, isPerceptual: Bool, from start: String?
    ) throws -> WeightBlend? {
        guard let text = arguments[option] else { return nil }
        guard let result = WeightBlend(text) else {
            throw UsageError.nonsense("--blend \(text): auto or a number from 0 to 1 is wanted")
        }
        guard start != nil else {
            throw UsageError.nonsense(
                "--blend wants --from: weights that the new ones are blended with")
        }
        guard result == .best else { return result }
        guard !isPerceptual else {
            throw UsageError.nonsense(
                "--blend auto chooses by PSNR, which --phase perceptual gives away: name a share")
        }
        guard arguments[TrainCommand.heldOut] > 0 else {
            throw UsageError.nonsense(
                "--blend auto chooses on held-out tiles: not with --held-out 0")
        }
        return result
    }

    /// Blends the weights of a model with those that its run began with, and says what was tried.
    static func apply(
        _ blend: WeightBlend, to model: inout EnhancementModel, from start: Parameters,
        measuring tiles: HeldOutTiles?, _ log: Log
    ) throws {
        let blended = try blend(from: start, to: model.parameters, measuring: tiles)
        for trial in blended.trials {
            log.info(
                "held out, \(trial.share) of what was learned: gain "
                    + "\(fixed(trial.gain, decimals: 3)) dB")
        }
        model.parameters = blended.parameters
        model.metadata["percept.blend"] = "\(blended.share)"
    }
}
