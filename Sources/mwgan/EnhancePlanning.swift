// mwgan enhance --auto, --deadline, --plan: what each shot gets.
import Batch
import Compute
import Enhancement
import Media
import Networks
import Policy
import Terminal

/// What a run plans its shots with.
struct EnhancePlanning {
    typealias Options = EnhanceCommand

    private let arguments: Arguments
    /// The models that shots may get, by the names that plans have for them.
    private let models: [(name: String, loaded: LoadedModel)]
    /// A plan that was given; nil: one is made.
    private let given: (plan: ShotPlan, path: String)?
    private let shots: ShotModels?
    /// When all inputs must be done, by `monotonicSeconds`.
    private let deadline: Double?
    /// The arithmetic that was asked for; nil: what suits each model best.
    private var precision: Precision? {
        get throws {
            guard arguments[CommonOptions.precision] != .auto else { return nil }
            return try models.map { try CommonOptions.precision(arguments, for: $0.loaded) }.last
        }
    }

    /// What the options ask for; nil: no plan.
    ///
    /// - Throws: `UsageError`, ``ShotPlanError``; what reading weights throws.
    init?(_ arguments: Arguments, inputs: Int) throws {
        let seconds = arguments[Options.deadline]
        let path = arguments[Options.plan]
        guard arguments[Options.automatic] || seconds != nil || path != nil else { return nil }
        self.arguments = arguments
        if let path {
            guard seconds == nil, !arguments[Options.automatic] else {
                throw UsageError.nonsense(
                    "--plan says what each shot gets: leave --auto and --deadline out")
            }
            guard inputs == 1 else { throw UsageError.nonsense("--plan wants a single input") }
            for (name, isGiven) in [
                ("model", arguments.isGiven(CommonOptions.model)),
                ("balance", arguments.isGiven(CommonOptions.balance)),
                ("strength", arguments.isGiven(Options.strength)),
            ] where isGiven {
                throw UsageError.nonsense("--plan says what each shot gets: leave --\(name) out")
            }
            let plan = try ShotPlan(contentsOf: path)
            given = (plan, path)
            shots = nil
            let names = plan.models.isEmpty ? ["fast"] : plan.models.sorted()
            models = try names.map { ($0, try LoadedModel($0)) }
            deadline = nil
            return
        }
        guard inputs == 1 || seconds == nil else {
            throw UsageError.nonsense(
                "--deadline wants a single input; for many write 'pipeline run --deadline'")
        }
        given = nil
        let shots = try ShotModels(only: arguments[CommonOptions.model])
        self.shots = shots
        models = shots.models.map { ($0.model.name, $0) }
        deadline = seconds.map { $0 + monotonicSeconds() }
    }

    private var restorers: [String: any RestorationModel] {
        models.reduce(into: [:]) { $0[$1.name] = $1.loaded.model }
    }

    /// Whether shots may be coded coarser than others: the encoder has to know before anything is planned.
    func mayVaryQuality(_ size: SizePolicy) -> Bool {
        given.map(\.plan.variesQuality) ?? size.isNamed
    }

    /// The plan of an input.
    ///
    /// - Parameter kept: What an earlier run of the same job kept of its own; nil: there was none.
    /// - Throws: What surveying and reading throw.
    func plan(of job: VideoJob, item: JobItem, kept: JSONValue?, _ log: Log) throws -> JobPlan {
        if let given {
            return try JobPlan(
                given.plan, of: job, models: restorers, precision: try precision)
        }
        guard let shots else { preconditionFailure("neither plan nor policy") }
        var wishes = ShotWishes()
        if arguments.isGiven(CommonOptions.balance) {
            wishes.balance = arguments[CommonOptions.balance]
        }
        wishes.strength = Float(arguments[Options.strength])
        if let kept,
            let plan = try JobPlan(
                goingOnBy: kept, shots.policy, of: job, models: restorers, wishes: wishes,
                deadline: deadline, precision: try precision)
        {
            tell(plan, item, log)
            return plan
        }
        try JobPlan.requireVideo(job)
        let progress = CommonOptions.progress("survey", total: job.frameCount, arguments)
        let plan: JobPlan
        do {
            plan = try JobPlan(
                shots.policy, of: job, models: restorers, probe: shots.probe.model,
                wishes: wishes, deadline: deadline,
                precision: try precision, shouldStop: { Signals.isStopRequested },
                observe: { progress.update(done: $0) })
        } catch {
            progress.finish()
            throw error
        }
        progress.finish()
        if let code = Signals.exitCode { throw code }
        tell(plan, item, log)
        return plan
    }

    private func tell(_ plan: JobPlan, _ item: JobItem, _ log: Log) {
        let time = plan.foreseenSeconds.map { ", about \(humanDuration($0))" } ?? ""
        log.info("\(item.input): \(plan.plan.shots.count) shots: \(plan.summary)\(time)")
    }

    /// What of the plan changes what is made; the plan itself may follow the clock.
    func identity() throws -> JSONValue {
        func sha(_ path: String) throws -> JSONValue {
            .string(try SHA256(ofFile: path).hexadecimal)
        }
        return .object([
            ("models", .array(try models.map { try $0.loaded.json()["sha256"] ?? .null })),
            ("policy", try shots.map { try sha($0.path) } ?? .null),
            ("plan", try given.map { try sha($0.path) } ?? .null),
            ("deadline", arguments[Options.deadline].map(JSONValue.number) ?? .null),
        ])
    }
}
