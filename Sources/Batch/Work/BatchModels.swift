// Weights in memory, shared by all workers of a process.
import Compute
import Enhancement
import Interaction
import Media
import Networks
import Teaching
import Terminal

/// What the work of a plan is done with.
public struct BatchModels: Sendable {
    /// What frames are enhanced with; nil: samples are copied, or nothing is enhanced.
    public let model: (any RestorationModel)?
    /// Its compiled networks.
    public let pool: NetworkPool
    /// What single shots may be enhanced with, their compiled networks, and the arithmetic of them all.
    private let candidates: [String: any RestorationModel]
    private let candidatePools: [String: NetworkPool]
    private let precision: Precision?
    let search: FindingSetup?
    /// What was taught, and how looks are compared; nil: nothing is told of it.
    let taught: (memory: TaughtMemory, space: LookSpace)?

    /// Reads the weights that options name, and keeps to the arithmetic that they say.
    ///
    /// Call it before anything is computed: which instructions may be used is decided once.
    ///
    /// - Parameter workers: How many jobs are worked on at a time.
    /// - Throws: ``WeightsMissing``, ``TaughtMissing``, ``MachineTooSmall``; what reading weights throws.
    public init(_ options: BatchOptions, workers: Int = 1) throws {
        let wanted = [options.enhance?.instructions, options.interactions?.instructions]
        for name in wanted.compactMap({ $0 }) {
            guard Processor.limit(to: name) else {
                throw MachineTooSmall(wanted: name, found: Processor.name)
            }
        }
        pool = NetworkPool(limit: max(1, workers))
        if let choice = options.enhance, let weights = choice.model {
            let model = try weights.model(perceptual: choice.perceptual)
            try model.require(choice.precision, at: choice.balance, file: weights.path)
            self.model = model
        } else {
            model = nil
        }
        let shots = options.enhance?.shots
        candidates = try shots?.located() ?? [:]
        candidatePools = PlannedModel.pools(for: candidates, workers: workers)
        precision = shots?.precision
        search = try options.interactions.map {
            try $0.setup(detector: $0.detector.located(), head: $0.head.located())
        }
        taught = try options.interactions?.taught?.located()
    }

    /// What a job is enhanced with.
    ///
    /// - Throws: ``ShotModelMissing`` where its shots want a model that the plan does not name.
    func model(for job: BatchJob, _ video: VideoJob) throws -> (any RestorationModel)? {
        guard let shots = job.shots else { return model }
        if let name = shots.plan.models.subtracting(candidates.keys).min() {
            throw ShotModelMissing(job: job.input.name, model: name)
        }
        return PlannedModel(
            shots.plan, models: candidates, startTime: video.startTime, precision: precision,
            pools: candidatePools)
    }
}

/// A plan whose shots want a model that it does not name.
public struct ShotModelMissing: ExitCodeProviding, Equatable {
    /// The job, and what the model is called.
    public let job: String, model: String

    /// 65.
    public var exitCode: Int32 { ExitCode.badData.rawValue }
    /// One line.
    public var description: String {
        "\(job): its shots want the model '\(model)', which the plan does not name"
    }
}

/// A machine that cannot compute what a plan wants, bit for bit.
public struct MachineTooSmall: ExitCodeProviding, Equatable {
    /// The instructions that the plan wants, and those that this machine has.
    public let wanted: String, found: String

    /// 75: another machine may have them.
    public var exitCode: Int32 { ExitCode.tryLater.rawValue }
    /// One line.
    public var description: String {
        "the plan wants \(wanted), this machine has \(found): it must be done on another one"
    }
}
