// The loop around a training step: schedule, checkpoints, log, progress, and a way to stop.
import Glibc
import Networks
import Tensors

/// How long and how a network is trained.
public struct TrainingOptions: Sendable {
    /// Steps in all, those before a resume included.
    public var steps: Int
    /// The learning rate of each step.
    public var schedule: Schedule
    /// The most that all gradients together may measure; nil for no limit.
    public var clipNorm: Double?
    /// Where the state is saved, and every how many seconds; it is also saved at the end.
    public var checkpointPath: String?
    public var checkpointInterval: Double = 300
    /// Where the CSV log goes.
    public var logPath: String?
    /// Every how many steps progress and samples are reported; nil for never.
    public var progressInterval: Int? = 100
    public var sampleInterval: Int?
    /// How many refused steps in a row end the run.
    public var refusalLimit = 20

    /// Training for a number of steps.
    public init(steps: Int, schedule: Schedule) {
        self.steps = steps
        self.schedule = schedule
    }
}

/// How far a run is.
public struct TrainingProgress: Sendable {
    /// Steps done and in all.
    public let step: Int, steps: Int
    /// Mean loss since the last report, over the steps that were taken.
    public let loss: Double
    /// The learning rate of the last step.
    public let rate: Double
    /// Steps refused so far.
    public let refusals: Int
    /// Steps per second since the last report.
    public let stepsPerSecond: Double
    /// Mean energy of each value node since the last report, where a rule has such.
    public let energies: [String: Double]
    /// Seconds that the remaining steps take at this pace.
    public var secondsLeft: Double { Double(steps - step) / max(stepsPerSecond, 1e-9) }
}

/// A run that cannot go on.
public struct TrainingError: Error, Equatable, CustomStringConvertible {
    /// The step, the last loss and gradient norm, and how many steps in a row were refused.
    public let step: Int, loss: Double, norm: Double, refusals: Int

    /// `training diverged at step 812: …`
    public var description: String {
        "training diverged at step \(step): loss \(loss), gradient norm \(norm), \(refusals) "
            + "steps in a row refused; lower the learning rate and resume from the last checkpoint"
    }
}

/// Trains: draws a batch, asks for loss and gradients, steps, and keeps the books.
public struct Trainer {
    /// How a run came to its end.
    public enum Ending: Sendable, Equatable {
        /// All steps are done.
        case finished
        /// A stop was asked for; the checkpoint holds everything.
        case stopped
    }

    /// The run; after `run` its result.
    public var state: TrainingState
    /// How long and how.
    public let options: TrainingOptions
    /// Monotonic seconds.
    public var clock: () -> Double = monotonicSeconds
    /// Called every `progressInterval` steps and after the last one.
    public var progress: (TrainingProgress) -> Void = { _ in }
    /// Called every `sampleInterval` steps, to look at results.
    public var sample: (TrainingState) throws -> Void = { _ in }
    /// Asked before each step.
    public var shouldStop: () -> Bool = { false }

    /// A trainer that goes on from `state`.
    public init(_ state: TrainingState, options: TrainingOptions) {
        self.state = state
        self.options = options
    }

    /// Trains until all steps are done or a stop is asked for.
    ///
    /// - Parameter batch: The batch of a step. It draws from the state's random source, or, to be
    ///   made ahead of time by another thread, depends on the step's number alone.
    /// - Parameter step: Loss and gradients of a batch.
    /// - Throws: `TrainingError` after too many refused steps, `FileWriteError`, and what `batch`,
    ///   `step` and `sample` throw. After an error of these the last checkpoint stands.
    public mutating func run<Batch>(
        batch: (_ step: Int, _ random: inout RandomSource) throws -> Batch,
        step: (Parameters, Batch) throws -> StepOutcome
    ) throws -> Ending {
        let log = try options.logPath.map { try TrainingLog($0, resumingAt: state.step) }
        let earlier = state.seconds
        let start = clock()
        var saved = start
        var reported = (time: start, step: state.step)
        var taken: [(loss: Double, energies: [String: Double])] = []
        var refusedInARow = 0

        while state.step < options.steps {
            if shouldStop() {
                try save()
                return .stopped
            }
            let number = state.step
            let rate = options.schedule.rate(at: number)
            let outcome = try step(state.parameters, try batch(number, &state.random))
            let (norm, isTaken) = state.advance(
                by: outcome, rate: rate, clipNorm: options.clipNorm)
            let now = clock()
            state.seconds = earlier + now - start
            try log?.append(
                step: state.step, seconds: state.seconds, rate: rate, loss: outcome.loss,
                norm: norm, isTaken: isTaken)

            refusedInARow = isTaken ? 0 : refusedInARow + 1
            if refusedInARow >= options.refusalLimit {
                throw TrainingError(
                    step: state.step, loss: outcome.loss, norm: norm, refusals: refusedInARow)
            }
            if isTaken { taken.append((outcome.loss, outcome.energies)) }
            let isLast = state.step == options.steps
            if isLast || isDue(options.progressInterval) {
                progress(
                    TrainingProgress(
                        step: state.step, steps: options.steps,
                        loss: taken.reduce(0) { $0 + $1.loss } / Double(taken.count), rate: rate,
                        refusals: state.refusals,
                        stepsPerSecond: Double(state.step - reported.step)
                            / max(now - reported.time, 1e-9),
                        energies: Dictionary(means: taken.map(\.energies))))
                reported = (now, state.step)
                taken = []
            }
            if isDue(options.sampleInterval) { try sample(state) }
            if now - saved >= options.checkpointInterval, refusedInARow == 0 {
                try save()
                saved = now
            }
        }
        try save()
        return .finished
    }

    private func isDue(_ interval: Int?) -> Bool {
        interval.map { state.step % $0 == 0 } ?? false
    }

    private func save() throws(FileWriteError) {
        if let path = options.checkpointPath { try state.write(to: path) }
    }
}

/// Seconds of a clock that nobody sets.
public func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
