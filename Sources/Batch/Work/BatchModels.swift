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
            let path = try weights.located()
            let model = try restorationModel(contentsOf: path)
            // What people see is decided by the weights beside it: those must be the planned ones too.
            let other = try ModelCatalogue.perceptualPath(beside: path).map {
                try FileSeal(of: $0).sha256
            }
            guard other == choice.perceptual?.sha256 else {
                throw WeightsMissing(
                    path: choice.perceptual?.path ?? path,
                    sha256: choice.perceptual?.sha256 ?? "none")
            }
            try model.require(choice.precision, at: choice.balance, file: path)
            self.model = model
        } else {
            model = nil
        }
        search = try options.interactions.map {
            try $0.setup(detector: $0.detector.located(), head: $0.head.located())
        }
        taught = try options.interactions?.taught?.located()
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
