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
    ///   - teacher: What it learns from.
    ///   - start: Such a student to begin with; nil for random weights.
    ///   - watch: Told the steps done and the student's weights, norms folded, every so many steps.
    /// - Returns: The student with averaged weights, norms folded, and whether all steps were done.
    /// - Throws: ``DistillationError``, `SafetensorsError`, `TrainingError`, `FileWriteError`, `PlanError`, `MediaError`.
    public func run(
        _ shape: DarknetShape = .nano, taughtBy teacher: DetectorWeights,
        from start: DetectorWeights? = nil, on pictures: PictureCollection,
        progress: @escaping (Report) -> Void = { _ in },
        watch: (interval: Int, look: (Int, Parameters) throws -> Void)? = nil,
        shouldStop: @escaping () -> Bool = { false }
    ) throws -> (weights: Parameters, isComplete: Bool) {
        precondition(pictures.count > 0, "no pictures")
        precondition(settings.batch % settings.group == 0, "a batch that is no groups")
        let network = YOLOX(
            shape, classCount: teacher.network.classCount, norm: .separate(.training))
        let student = DetectorStudent(
            network, hintsOf: settings.hintWeight > 0 ? teacher.network : nil)
        var random = RandomSource(seed: settings.seed)
        var initial = Parameters(initialising: student, using: &random)
        if let start {
            try check(start, shape, teacher)
            let mixer = PictureMixer(side: settings.side)
            let some = try (0..<Self.measuredPictures).map { _ in
                try mixer(&random) { try pictures.drawn(&$0, closeUps: settings.closeUps) }
            }
            initial = try student.parameters(
                goingOnFrom: start.parameters, initial,
                measuring: Teacher.tensor(of: some, .normalised))
        }
        let classes = try DistillationClasses(student, of: teacher, from: initial, settings)

        var trainer = Trainer(
            try resuming(
                initial, of: student, from: start, pictureCount: pictures.count),
            options: options(watch?.interval))
        trainer.progress = { progress(Report(progress: $0, losses: classes.lastLosses)) }
        if let watch { trainer.sample = { try watch.look($0.step, network.folded($0.result)) } }
        trainer.shouldStop = shouldStop
        let ending = try trainer.run(
            // Pictures are drawn in order, and made by many threads: each has a random source of its own.
            batch: { _, random in (0..<settings.batch).map { _ in random.next() } },
            step: { parameters, seeds in try classes.outcome(parameters, seeds, of: pictures) })
        return (network.folded(trainer.state.result), ending == .finished)
    }

    /// Pictures by which norms of weights that a run goes on from get their statistics.
    private static let measuredPictures = 64

    private func check(
        _ start: DetectorWeights, _ shape: DarknetShape, _ teacher: DetectorWeights
    ) throws {
        guard start.network.backbone.shape == shape else {
            throw DistillationError(problem: "weights to begin with of another size")
        }
        guard start.network.classCount == teacher.network.classCount else {
            throw DistillationError(
                problem: "weights to begin with know \(start.network.classCount) kinds of things, "
                    + "the teacher \(teacher.network.classCount)")
        }
        guard start.input == .normalised else {
            throw DistillationError(
                problem: "weights to begin with want pictures as \(start.input.rawValue), not "
                    + DetectorInput.normalised.rawValue)
        }
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
        _ initial: Parameters, of student: DetectorStudent, from start: DetectorWeights?,
        pictureCount: Int
    ) throws -> TrainingState {
        var state = TrainingState(
            parameters: initial, optimiser: Adam(decay: settings.decay),
            averageDecay: settings.averageDecay,
            seed: settings.seed)
        guard let path = settings.checkpointPath else { return state }
        state.notes["settings"] = settings.fingerprint
        state.notes["pictures"] = "\(pictureCount)"
        if let start {
            let all = start.parameters.flatMap(\.tensor.elements)
            state.notes["start"] = all.withUnsafeBytes { SHA256(of: $0).hexadecimal }
        }
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
