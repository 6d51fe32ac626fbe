// A step's pictures shared out among threads, each with its own teacher.
import Learning
import Media
import Networks
import Synchronization
import Tensors

/// Computes a step group by group; as many groups at a time as there are threads.
///
/// What comes out does not depend on the number of threads.
final class DistillationClasses {
    /// The parts of the last step's loss; see ``DistillationStep/lastLosses``.
    private(set) var lastLosses: [String: Double] = [:]

    private struct Lane {
        let teacher: Teacher, step: DistillationStep
    }
    private let lanes: [Unshared<Lane>]
    private let mixer: PictureMixer
    private let group: Int, groups: Int
    private let closeUps: Double

    init(
        _ student: DetectorStudent, of teacher: DetectorWeights, from initial: Parameters,
        _ settings: DistillationSettings
    ) throws {
        group = settings.group
        groups = settings.batch / settings.group
        closeUps = settings.closeUps
        mixer = PictureMixer(side: settings.side)
        lanes = try (0..<min(groups, settings.threads)).map { _ in
            Unshared(
                Lane(
                    teacher: try Teacher(teacher, batch: settings.group, side: settings.side),
                    step: try DistillationStep(
                        student, of: teacher.network, parameters: initial, batch: settings.group,
                        side: settings.side, hintWeight: settings.hintWeight)))
        }
    }

    /// Loss, gradients and statistics of a step.
    ///
    /// - Parameter seeds: Of each picture.
    func outcome(
        _ parameters: Parameters, _ seeds: [UInt64], of pictures: PictureCollection
    ) throws -> StepOutcome {
        let done = Mutex<[Int: (StepOutcome, [String: Double])]>([:])
        let (lanes, mixer, group, groups) = (lanes, mixer, group, groups)
        let closeUps = closeUps
        try inParallel(lanes.count, threads: lanes.count) { number in
            let lane = lanes[number].value
            for index in stride(from: number, to: groups, by: lanes.count) {
                let shown = try seeds[index * group..<(index + 1) * group].map { seed in
                    var random = RandomSource(seed: seed)
                    return try mixer(&random) { try pictures.drawn(&$0, closeUps: closeUps) }
                }
                let outcome = try lane.step(
                    parameters, pictures: Teacher.tensor(of: shown, .normalised),
                    answers: try lane.teacher.answers(to: shown))
                let losses = lane.step.lastLosses
                done.withLock { $0[index] = (outcome, losses) }
            }
        }
        let parts = done.withLock { done in (0..<groups).map { done[$0]! } }
        lastLosses = parts[0].1.keys.reduce(into: [:]) { means, name in
            means[name] = parts.reduce(0) { $0 + $1.1[name]! } / Double(groups)
        }
        return StepOutcome(averaging: parts.map(\.0))
    }
}
