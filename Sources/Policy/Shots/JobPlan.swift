// The plan of one video while it is worked: made from a survey, followed, and made anew as time goes by.
import Compute
import Enhancement
import FileNames
import Glibc
import Media
import Networks
import Terminal

/// What is done with each shot of a job, from the survey to the report.
public final class JobPlan {
    /// What frames are enhanced with.
    public let model: PlannedModel
    private var planner: ShotPlanner?
    /// What the plan was made from; nil of a plan that somebody gave.
    private let survey: ShotSurvey?
    /// The plan of an earlier run, whose qualities hold; nil: this is the first.
    private var earlier: ShotPlan?
    private let job: VideoJob
    /// When all must be done, by `monotonicSeconds`; nil: whenever.
    private let deadline: Double?
    private var clock: (began: Double, foreseen: Double)?
    private var shot = -1

    /// The part of the time that is left for what nobody foresees.
    private static let reserve = 0.01

    /// Follows a plan that somebody gave.
    ///
    /// - Parameter precision: Of all networks; nil: what suits each best.
    /// - Throws: ``ShotPlanError`` where it wants a model that there is not.
    public init(
        _ plan: ShotPlan, of job: VideoJob, models: [String: any RestorationModel],
        precision: Precision? = nil
    ) throws {
        if let missing = plan.models.subtracting(models.keys).min() {
            throw ShotPlanError(path: job.request.input, problem: "wants the model '\(missing)'")
        }
        self.job = job
        model = PlannedModel(
            plan, models: models, startTime: job.startTime, precision: precision)
        (deadline, survey) = (nil, nil)
    }

    /// Surveys the video, times the models, and plans.
    ///
    /// - Parameters:
    ///   - probe: The model by whose corrections the policy knows shots, whatever they get.
    ///   - wishes: What is wanted beside time and size, which come from `deadline` and the job.
    ///   - deadline: When all must be done, by `monotonicSeconds`; nil: in what the usual model would take.
    ///   - precision: Of all networks; nil: what suits each best.
    ///   - observe: Told how many frames were surveyed.
    /// - Throws: ``DeadlineTooShort``, ``ShotPlanError``, `MediaError`, `PlanError`.
    public init(
        _ policy: ShotPolicy, of job: VideoJob, models: [String: any RestorationModel],
        probe: any RestorationModel, wishes: ShotWishes, deadline: Double?,
        precision: Precision? = nil,
        shouldStop: @escaping () -> Bool = { false }, observe: (Int) -> Void = { _ in }
    ) throws {
        let request = job.request
        try Self.requireVideo(job)
        let survey = try ShotSurvey(
            path: request.input, options: request.reading,
            probe: CorrectionProbe(probe, options: request.enhancement),
            start: request.start, end: request.end,
            threads: request.enhancement.threads, clock: monotonicSeconds, shouldStop: shouldStop,
            observe: observe)
        guard let survey else { throw MediaError.noFrames(path: request.input) }
        let speed = try MachineSpeed(
            models, on: survey, options: request.enhancement, precision: precision
        ) { try job.secondsOfEncoding($0, clock: monotonicSeconds) }
        var wishes = wishes
        wishes.bits = try job.wantedBits(of: survey.first[0])
        wishes.seconds = deadline.map(Self.left(until:))
        let planner = try ShotPlanner(
            policy, survey, speed: speed, wishes: wishes, input: request.input)
        self.job = job
        (self.deadline, self.survey) = (deadline, survey)
        model = PlannedModel(
            planner.plan, models: models, startTime: job.startTime, precision: precision)
        self.planner = planner
    }

    /// Refuses what cannot be surveyed: pictures, and what comes through a pipe.
    ///
    /// - Throws: ``ShotPlanError``.
    public static func requireVideo(_ job: VideoJob) throws(ShotPlanError) {
        guard job.source is VideoReader else {
            throw ShotPlanError(
                path: job.request.input,
                problem: "is no video file: its shots cannot be looked at beforehand", code: .usage)
        }
    }

    /// Goes on where an earlier run of the same job ended, without another look at the shots: what it planned holds, and with a
    /// deadline how much coarser shots are coded than others, since parts that are finished are coded so.
    ///
    /// - Parameter kept: What ``kept`` was; nil is returned for anything else.
    /// - Throws: As the others.
    public init?(
        goingOnBy kept: JSONValue, _ policy: ShotPolicy, of job: VideoJob,
        models: [String: any RestorationModel], wishes: ShotWishes, deadline: Double?,
        precision: Precision? = nil
    ) throws {
        guard let survey = kept["survey"].flatMap(ShotSurvey.init),
            let shots = kept["shots"]?.elements?.map(ShotPlan.Shot.init),
            let plan = ShotPlan(shots.compactMap { $0 }),
            plan.shots.count == survey.shots.count,
            zip(plan.shots, survey.shots).allSatisfy({ abs($0.start - $1.start) < 0.001 }),
            plan.models.isSubset(of: models.keys)
        else { return nil }
        self.job = job
        (self.deadline, self.survey, earlier) = (deadline, survey, plan)
        model = PlannedModel(plan, models: models, startTime: job.startTime, precision: precision)
        guard let deadline else { return }
        var speed = try MachineSpeed(
            timing: models, options: job.request.enhancement, precision: precision)
        speed.coding =
            try VideoJob(job.request).secondsOfCoding(frames: 24, clock: monotonicSeconds)
            / speed.contention
        var wishes = wishes
        (wishes.bits, wishes.seconds) = (nil, Self.left(until: deadline))
        let planner = try ShotPlanner(
            policy, survey, speed: speed, wishes: wishes, input: job.request.input)
        follow(planner)
    }

    /// What a later run has to know to go on by ``init(goingOnBy:_:of:models:wishes:deadline:precision:)``; nil of a plan that
    /// somebody gave.
    public var kept: JSONValue? {
        survey.map {
            .object([
                ("survey", $0.json), ("shots", .array(plan.shots.map { .object($0.members) })),
            ])
        }
    }

    private static func left(until deadline: Double) -> Double {
        (deadline - monotonicSeconds()) * (1 - reserve)
    }

    private func follow(_ planner: ShotPlanner) {
        self.planner = planner
        model.current.plan = earlier.map(planner.plan.coded(like:)) ?? planner.plan
    }

    /// The plan as it stands.
    public var plan: ShotPlan { model.current.plan }

    /// Seconds that the work takes, as far as it is foreseen; nil of a plan that somebody gave.
    public var foreseenSeconds: Double? { planner?.seconds() }

    /// Says that all before a time is done already, as in a job that goes on.
    public func begin(at seconds: Double) throws {
        guard var planner, let deadline else { return }
        try planner.begin(
            at: planner.shot(at: seconds), left: Self.left(until: deadline))
        follow(planner)
    }

    /// Takes in that a frame is done; where a new shot has begun, chooses anew for those after it.
    public func observe(_ frame: Frame) throws {
        guard var planner, let deadline else { return }
        let seconds = Double(frame.timestamp) * frame.timeBase.value - model.startTime
        let now = monotonicSeconds()
        // The pace counts from the first frame that is done.
        guard let (began, foreseen) = clock else {
            clock = (now, 0)
            shot = planner.shot(at: seconds)
            return
        }
        let current = planner.shot(at: seconds)
        clock = (began, foreseen + planner.secondsOfFrame(in: max(0, current)))
        guard current > shot else { return }
        shot = current
        try planner.go(
            on: current, elapsed: now - began, foreseen: foreseen,
            left: (deadline - now) * (1 - Self.reserve))
        follow(planner)
    }

    /// A line for each shot: when it begins, what is done, what is foreseen.
    public var json: JSONValue {
        let shots = plan.shots
        let forecast = planner?.forecast ?? []
        return .array(
            shots.indices.map { index in
                var members = shots[index].members
                if index < forecast.count {
                    members.append(("foreseenGain", rounded(forecast[index].gain, 1000)))
                    members.append(("foreseenSeconds", rounded(forecast[index].seconds, 100)))
                }
                return .object(members)
            })
    }

    /// What is done with how much of the video, in words: `fast 20 %, live 65 %, studio 15 %`.
    public var summary: String { plan.summary(weights: planner?.weights) }
}

/// A number with few digits.
private func rounded(_ value: Double, _ unit: Double) -> JSONValue {
    .number((value * unit).rounded() / unit)
}

extension ShotPlan {
    /// This plan, its shots coarser and finer than the middle as those of another are.
    func coded(like other: ShotPlan) -> ShotPlan {
        precondition(shots.count == other.shots.count, "plans of other shots")
        let all = zip(shots, other.shots).map { shot, other in
            var shot = shot
            shot.choice.coarser = other.choice.coarser
            return shot
        }
        guard let plan = ShotPlan(all) else { preconditionFailure("shots out of order") }
        return plan
    }

    /// What is done with how much of the video, in words: `fast 20 %, live 65 %, studio 15 %`.
    ///
    /// - Parameter weights: How many frames each shot has; nil: all have the same.
    public func summary(weights: [Double]? = nil) -> String {
        var frames: [String: Double] = [:]
        for (shot, weight) in zip(shots, weights ?? shots.map { _ in 1 }) {
            let choice = shot.choice
            frames[choice.strength > 0 ? choice.model ?? "skip" : "skip", default: 0] += weight
        }
        let whole = max(frames.values.reduce(0, +), 1e-9)
        return frames.sorted { $0.key < $1.key }.map { name, weight in
            "\(name) \(Int((100 * weight / whole).rounded())) %"
        }.joined(separator: ", ")
    }
}

extension ShotPlan.Shot {
    /// As plans write it.
    public var members: [(String, JSONValue)] {
        [("start", rounded(start, 10_000))] + choice.members
    }

    /// As plans write it; nil where it is no shot.
    public init?(_ json: JSONValue) {
        guard let start = json["start"]?.double, let choice = ShotChoice(json) else { return nil }
        self.init(start: start, choice: choice)
    }
}

/// A plan that cannot be read, or not followed.
public struct ShotPlanError: ExitCodeProviding, Equatable {
    /// The file, and what is wrong with it.
    public let path: String, problem: String
    var code = ExitCode.badData

    /// 65, 66 where there is no such file, 64 where the input has no shots.
    public var exitCode: Int32 { code.rawValue }
    /// One line.
    public var description: String { "\(path): \(problem)" }

    init(path: String, problem: String, code: ExitCode = .badData) {
        (self.path, self.problem, self.code) = (path, problem, code)
    }
}

extension ShotPlan {
    /// Reads a plan from a file: a list of shots, or a report that has one under `plan`.
    ///
    /// - Throws: ``ShotPlanError``.
    public init(contentsOf path: String) throws(ShotPlanError) {
        guard let bytes = wholeFile(path) else {
            throw ShotPlanError(
                path: path, problem: String(cString: strerror(errno)), code: .noInput)
        }
        guard let json = try? JSONValue(parsing: bytes) else {
            throw ShotPlanError(path: path, problem: "is no JSON")
        }
        guard let entries = (json["plan"] ?? json).elements else {
            throw ShotPlanError(path: path, problem: "is no list of shots, and has none as 'plan'")
        }
        var shots: [Shot] = []
        for (index, entry) in entries.enumerated() {
            guard let shot = Shot(entry) else {
                throw ShotPlanError(
                    path: path,
                    problem:
                        "shot \(index + 1) wants 'start' in seconds, 'model' (a name or skip), "
                        + "'strength' from 0 to 1 and 'balance' (auto or 0 to 1)")
            }
            shots.append(shot)
        }
        guard let plan = ShotPlan(shots) else {
            throw ShotPlanError(
                path: path, problem: "shots must be there, and begin one after the other")
        }
        self = plan
    }
}
