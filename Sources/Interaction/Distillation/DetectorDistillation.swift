// Training of a small detector by another one.
import Compute
import Graphs
import Learning
import Media
import Networks
import Tensors
import Terminal

/// Trains a detector from random weights to say what another says.
///
/// - SeeAlso: ``DistillationStep``.
public struct DetectorDistillation {
    /// How long and with what.
    public var settings: DistillationSettings

    /// A run of the given settings.
    public init(_ settings: DistillationSettings) { self.settings = settings }

    /// How far a run is.
    public struct Report: Sendable {
        /// Steps, pace, and the whole loss.
        public let progress: TrainingProgress
        /// The parts of the last step's loss; see ``DistillationStep/lastLosses``.
        public let losses: [String: Double]
    }

    /// Trains; goes on from the checkpoint if there is one.
    ///
    /// - Parameters:
    ///   - shape: How large the student is.
    ///   - teacher: Its weights as a detector of pictures of ``DistillationSettings/side``.
    ///   - watch: Told the steps done and the student's weights, norms folded, every so many steps.
    /// - Returns: The student with averaged weights, norms folded, and whether all steps were done.
    /// - Throws: ``DistillationError``, `SafetensorsError`, `TrainingError`, `FileWriteError`, `PlanError`, `MediaError`.
    public func run(
        _ shape: DarknetShape = .nano, taughtBy teacher: Teacher, on pictures: PictureCollection,
        progress: @escaping (Report) -> Void = { _ in },
        watch: (interval: Int, look: (Int, Parameters) throws -> Void)? = nil,
        shouldStop: @escaping () -> Bool = { false }
    ) throws -> (weights: Parameters, isComplete: Bool) {
        precondition(pictures.count > 0, "no pictures")
        precondition(
            teacher.batch == settings.batch && teacher.side == settings.side,
            "a teacher of other pictures")
        let student = YOLOX(
            shape, classCount: teacher.network.classCount, norm: .separate(.training))
        var random = RandomSource(seed: settings.seed)
        let initial = Parameters(initialising: student, using: &random)
        let step = try DistillationStep(
            student, parameters: initial, batch: settings.batch, side: settings.side,
            threads: settings.threads)
        let mixer = PictureMixer(side: settings.side)

        var trainer = Trainer(
            try resuming(initial, of: student, pictureCount: pictures.count),
            options: options(watch?.interval))
        trainer.progress = { progress(Report(progress: $0, losses: step.lastLosses)) }
        if let watch { trainer.sample = { try watch.look($0.step, student.folded($0.result)) } }
        trainer.shouldStop = shouldStop
        let ending = try trainer.run(
            batch: { _, random in
                try (0..<settings.batch).map { _ in
                    try mixer(&random) { try pictures[$0.index(below: pictures.count)] }
                }
            },
            step: { parameters, batch in
                try step(
                    parameters, pictures: Teacher.tensor(of: batch, .normalised),
                    answers: try teacher.answers(to: batch))
            })
        return (student.folded(trainer.state.result), ending == .finished)
    }

    private func options(_ sampleInterval: Int?) -> TrainingOptions {
        var options = TrainingOptions(
            steps: settings.steps,
            schedule: .cosine(
                peak: settings.peakRate, final: settings.peakRate / 50,
                warmUp: min(settings.warmUp, settings.steps / 10), steps: settings.steps))
        options.clipNorm = 50
        options.checkpointPath = settings.checkpointPath
        options.logPath = settings.logPath
        options.progressInterval = settings.progressInterval
        options.sampleInterval = sampleInterval
        return options
    }

    /// The state at the checkpoint, if there is one, else the first.
    private func resuming(
        _ initial: Parameters, of student: YOLOX, pictureCount: Int
    ) throws -> TrainingState {
        var state = TrainingState(
            parameters: initial, optimiser: Adam(decay: settings.decay),
            averageDecay: settings.averageDecay,
            seed: settings.seed)
        guard let path = settings.checkpointPath else { return state }
        state.notes["settings"] = settings.fingerprint
        state.notes["pictures"] = "\(pictureCount)"
        return try state.resumed(from: path, for: student) { DistillationError(problem: $0) }
    }
}

/// Training of a detector that cannot be done.
public struct DistillationError: ExitCodeProviding, Equatable {
    /// What is wrong.
    public let problem: String

    /// 65.
    public var exitCode: Int32 { ExitCode.badData.rawValue }
    /// The problem.
    public var description: String { problem }
}
