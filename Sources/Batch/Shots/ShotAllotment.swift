// From a batch and a budget of time to what each shot of each video gets.
import Enhancement
import Media
import Policy
import Synchronization
import Terminal

/// Decides what the shots of a batch get: all videos share one budget, so that a second is spent where it brings most.
///
/// What is decided stands in the plan of the batch, so outputs depend on no clock. A job that has been begun keeps its plan for
/// as long as the same is asked for.
public struct ShotAllotment: Sendable {
    private let options: BatchOptions
    private let choice: ShotsChoice
    private let folder: OutputFolder
    private let policy: ShotPolicy
    private let models: [String: any RestorationModel]
    private let usual: String
    private let probe: LoadedModel, probeDigest: String
    /// What is known of the shots of jobs that are still to be planned, by the number of the job.
    private var records: [Int: ShotRecord] = [:]
    /// Bits that their videos may take, where somebody named a size.
    private var bits: [Int: Double] = [:]

    /// What the machine is foreseen to do, and the time that it has.
    public struct Time: Sendable {
        /// Seconds of the clock that are left, for jobs of `workers` at a time.
        public var left: Double, workers: Int
        /// How much longer work has taken than was foreseen.
        public var lateness: Double
        /// Whether work has begun: then there is a plan, however late it is.
        public var isUnderWay = false
        /// Seconds that models take for a pixel in one worker, and decoding and encoding for one of each job.
        var models: [String: Double], coding: [Int: Double]

        /// Seconds of one worker that may be foreseen.
        var foreseen: Double { max(0, left) * Double(workers) / lateness }
    }

    /// An allotment for a batch whose options have shots chosen; nil where they do not.
    ///
    /// - Throws: `MediaError` where the weights of the probe cannot be read.
    public init?(_ options: BatchOptions, _ models: ShotModels?, folder: OutputFolder) throws {
        guard let choice = options.enhance?.shots, let models else { return nil }
        (self.options, self.choice, self.folder) = (options, choice, folder)
        policy = models.policy
        self.models = models.models.reduce(into: [:]) { $0[$1.model.name] = $1.model }
        usual = models.usual.model.name
        probe = models.probe
        probeDigest = try WeightsFile(path: probe.path).sha256
    }

    // MARK: - Looking at shots

    /// Gives jobs that were begun the plan that they have, and looks at the shots of the others.
    ///
    /// - Parameters:
    ///   - threads: Videos that are looked at, at a time.
    ///   - observe: Told how many pixels of all were looked at.
    /// - Returns: False where it was asked to stop.
    public mutating func survey(
        _ plan: inout Manifest, threads: Int, shouldStop: @escaping @Sendable () -> Bool,
        observe: @escaping @Sendable (_ done: Double, _ all: Double) -> Void
    ) throws -> Bool {
        let videos = plan.jobs.indices.filter { index in
            let job = plan.jobs[index]
            return job.failure == nil && job.output != nil && job.facts?.isPicture == false
        }
        var known = videos.reduce(into: [Int: ShotRecord]()) { known, index in
            let own = folder.folder(of: plan.jobs[index].input.name)
            known[index] = own.read(own.shots).flatMap(ShotRecord.init)
        }
        for (index, record) in known where record.wish == wish(plan.jobs[index]) {
            plan.jobs[index].shots = record.shots
        }
        let state = BatchState(plan)
        let fresh = videos.filter { index in
            plan.jobs[index].shots == nil || !state.isBegun(index)
        }
        for index in fresh { plan.jobs[index].shots = nil }
        known = known.filter {
            fresh.contains($0.key) && $0.value.question == question(plan.jobs[$0.key])
        }
        let jobs = plan.jobs
        let missing = fresh.filter { known[$0] == nil }.sorted { jobs[$0].cost > jobs[$1].cost }
        let all = missing.reduce(0) { $0 + jobs[$1].cost }
        let looker = self
        let found = Mutex((records: known, failures: [Int: JobFailure](), done: 0.0))
        try inParallel(missing.count, threads: threads) { number in
            let index = missing[number]
            guard !shouldStop() else { return }
            let pixels = Double(jobs[index].facts.map { $0.width * $0.height } ?? 0)
            do {
                let record = try looker.record(of: jobs[index], shouldStop) { _ in
                    observe(
                        found.withLock {
                            $0.done += pixels
                            return $0.done
                        }, all)
                }
                found.withLock { $0.records[index] = record }
            } catch {
                found.withLock { $0.failures[index] = JobFailure(error) }
            }
        }
        if shouldStop() { return false }
        var failures: [Int: JobFailure]
        (records, failures) = found.withLock { ($0.records, $0.failures) }
        for index in records.keys {
            do {
                bits[index] = try wantedBits(of: jobs[index])
            } catch {
                failures[index] = JobFailure(error)
            }
        }
        for (index, failure) in failures {
            records[index] = nil
            plan.jobs[index].failure = failure
            plan.jobs[index].segments = []
        }
        // A job that has failed has no units: those of the others have other numbers now.
        plan = Manifest(output: plan.output, options: plan.options, jobs: plan.jobs)
        return true
    }

    /// What a survey depends on.
    private func question(_ job: BatchJob) -> String {
        FileSeal.digest(
            of: JSONValue.array([
                .string(job.seal.sha256), .string(probeDigest), .string(BatchOptions.versions),
                .string(ShotState.names.joined(separator: ";")),
                options.maximumPixels.map(JSONValue.int) ?? .null,
            ]).compact)
    }

    /// What a plan is made for: a job that was begun is not planned anew for the same.
    private func wish(_ job: BatchJob) -> String {
        FileSeal.digest(
            of: JSONValue.array([
                .string(question(job)), .string(options.enhance?.digest ?? ""),
                choice.json["balance"] ?? .null,
                .string(choice.policy.sha256), choice.deadline.map(JSONValue.number) ?? .null,
            ]).compact)
    }

    private func record(
        of job: BatchJob, _ shouldStop: () -> Bool, observe: (Int) -> Void
    ) throws -> ShotRecord? {
        let request = options.request(for: job, in: folder)
        let survey = try ShotSurvey(
            path: job.input.path, options: request.reading,
            probe: CorrectionProbe(probe.model, options: request.enhancement), threads: 1,
            clock: monotonicSeconds, shouldStop: shouldStop, observe: observe)
        if shouldStop() { return nil }
        guard let survey else { throw MediaError.noFrames(path: job.input.path) }
        let record = ShotRecord(question: question(job), survey: survey)
        let own = folder.folder(of: job.input.name)
        try own.write(record.json, to: own.shots, isDurable: false)
        return record
    }

    private func wantedBits(of job: BatchJob) throws -> Double? {
        guard options.enhance?.encoding.size.isNamed == true else { return nil }
        let video = try VideoJob(options.request(for: job, in: folder))
        return try video.source.next().flatMap { try video.wantedBits(of: $0) }
    }

    // MARK: - Choosing

    /// Times the models, and some frames of each video that is still to be planned.
    ///
    /// - Parameter threads: Of each worker.
    /// - Throws: `PlanError`; what reading and encoding throw.
    public func time(
        _ plan: Manifest, left: Double, workers: Int, threads: Int
    ) throws -> Time {
        let speed = try MachineSpeed(
            timing: models, options: EnhancementOptions(threads: threads),
            precision: choice.precision,
            busyThreads: workers * threads)
        var coding: [Int: Double] = [:]
        for index in records.keys.sorted() {
            let video = try VideoJob(options.request(for: plan.jobs[index], in: folder))
            let seconds = try video.secondsOfCoding(frames: 24, clock: monotonicSeconds)
            coding[index] = seconds / speed.contention
        }
        return Time(
            left: left, workers: workers, lateness: speed.contention, models: speed.models,
            coding: coding)
    }

    /// Seconds of one worker that a job takes as it is planned, lateness left aside; without a plan, by the usual model.
    public func seconds(_ job: BatchJob, _ index: Int, _ time: Time) -> Double {
        guard let facts = job.facts else { return 0 }
        let pixels = Double(facts.width * facts.height) * Double(max(1, facts.frames ?? 1))
        let effort = job.shots?.effort ?? policy.unit.models[usual] ?? 1
        let unit = policy.unit.seconds(whereModelsTake: time.models)
        return pixels * (effort * unit + (time.coding[index] ?? 0))
    }

    /// Chooses for all shots of jobs that have not been begun.
    ///
    /// - Parameters:
    ///   - time: What there is of it; nil: as much as the usual model would take, on any machine.
    ///   - open: Jobs that are still to be done; the others keep the plan that they have.
    /// - Throws: `DeadlineTooShort` where decoding and encoding alone take longer.
    public func allot(_ plan: inout Manifest, _ time: Time?, open: Set<Int>) throws {
        guard !open.isEmpty else { return }
        let numbers = records.keys.filter(open.contains).sorted()
        func planner(_ index: Int, seconds: Double?) throws -> ShotPlanner {
            let record = records[index]!
            var wishes = ShotWishes()
            (wishes.seconds, wishes.bits) = (seconds, bits[index])
            wishes.balance = choice.balance
            wishes.strength = Float(options.enhance?.strength ?? 1)
            // Without a deadline effort is counted as where outcomes were measured: the same plan on any machine.
            let speed = MachineSpeed(
                models: time?.models ?? policy.unit.models.filter { models[$0.key] != nil },
                coding: time?.coding[index] ?? 0)
            return try ShotPlanner(
                policy, record.survey, speed: speed, wishes: wishes,
                input: plan.jobs[index].input.name)
        }
        let planners = try numbers.map { try planner($0, seconds: nil) }
        var all: Double?
        if let time {
            // What has its plan already, and pictures, take their part.
            let others = open.subtracting(numbers).reduce(0) {
                $0 + seconds(plan.jobs[$1], $1, time)
            }
            all = time.foreseen - others
            let needed = planners.reduce(others) { $0 + $1.codingSeconds }
            guard time.foreseen > needed || time.isUnderWay else {
                throw DeadlineTooShort(
                    input: folder.path, left: time.left,
                    needed: needed * time.lateness / Double(time.workers))
            }
        }
        let parts = SharedTime.parts(of: all, among: planners)
        for (number, part) in zip(numbers, parts) {
            // No shot gets less than decoding and encoding, which are not asked again.
            let planner = try planner(number, seconds: part * (1 + 1e-9) + 1e-6)
            let record = records[number]!
            plan.jobs[number].shots = PlannedShots(
                planner.plan, frames: record.survey.shots.map(\.frames),
                effort: planner.effort)
            try keep(plan.jobs[number], record)
        }
    }

    private func keep(_ job: BatchJob, _ record: ShotRecord) throws {
        var record = record
        (record.shots, record.wish) = (job.shots, wish(job))
        let own = folder.folder(of: job.input.name)
        try own.write(record.json, to: own.shots, isDurable: false)
    }
}
