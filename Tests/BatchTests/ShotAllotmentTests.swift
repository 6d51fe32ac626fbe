// One budget of time for the shots of many videos: what each gets, who keeps what, and rounds in time.
import Enhancement
import Media
import Policy
import Terminal
import TestSupport
import Testing

@testable import Batch

@Suite("Shots of a batch")
struct ShotAllotmentTests {
    private let sample: BatchSample
    private let models: ShotModels

    init() throws {
        sample = try BatchSample()
        models = try ShotModels(only: nil)
        for number in 0..<4 {
            try sample.clip("\(number).mp4", frames: 8 + 2 * number, hue: 60 * number)
        }
    }

    private func options(deadline: Double? = nil) throws -> BatchOptions {
        var choice = EnhanceChoice()
        try choice.use(weights: models.usual.path)
        choice.encoding.encoder = "ffv1"
        choice.shots = try ShotsChoice(models, precision: .f32, balance: nil, deadline: deadline)
        return BatchOptions(enhance: choice, interactions: nil)
    }

    /// The plan and what chooses for it, its videos looked at.
    private func surveyed(
        _ options: BatchOptions, parts: PartLength = .off
    ) throws -> (plan: Manifest, allotment: ShotAllotment) {
        var plan = try sample.plan(options, parts: parts)
        var allotment = try #require(
            try ShotAllotment(options, models, folder: sample.folder))
        let isWhole = try allotment.survey(
            &plan, threads: 2, shouldStop: { false }, observe: { _, _ in })
        #expect(isWhole)
        return (plan, allotment)
    }

    /// A machine on which a pixel takes 4 µs by `live`, and 1 µs to decode and encode.
    private func time(left: Double = 0, lateness: Double = 1) -> ShotAllotment.Time {
        let ratios = models.policy.unit.models
        return ShotAllotment.Time(
            left: left, workers: 2, lateness: lateness, models: ratios.mapValues { 4e-6 * $0 },
            coding: [0: 1e-6, 1: 1e-6, 2: 1e-6, 3: 1e-6])
    }

    private func seconds(_ plan: Manifest, _ allotment: ShotAllotment) -> Double {
        plan.jobs.indices.reduce(0) { $0 + allotment.seconds(plan.jobs[$1], $1, time()) }
    }

    @Test("Every video gets a plan that stands in the manifest, the same whoever makes it")
    func planned() throws {
        var (plan, allotment) = try surveyed(options())
        try allotment.allot(&plan, nil, open: Set(plan.jobs.indices))
        #expect(plan.jobs.map { $0.shots?.frames.reduce(0, +) } == [8, 10, 12, 14])
        let path = sample.place("m.jsonl")
        try plan.write(to: path)
        let read = try Manifest(contentsOf: path)
        #expect(read.jobs.map(\.shots) == plan.jobs.map(\.shots))
        #expect(read.lines == plan.lines)
        // From what was kept of the survey it is the same again.
        var (again, other) = try surveyed(options())
        try other.allot(&again, nil, open: Set(again.jobs.indices))
        #expect(again.lines == plan.lines)
        // The plan is what tells outputs apart, and nothing that plans came from.
        var bare = plan.jobs[0]
        bare.shots = nil
        #expect(plan.enhanceDigest(of: plan.jobs[0]) != plan.enhanceDigest(of: bare))
        #expect(try options(deadline: 5).enhance?.digest == options().enhance?.digest)
    }

    @Test("More time is used, less is kept to, and none at all is refused")
    func budget() throws {
        var (plan, allotment) = try surveyed(options(deadline: 1))
        let all = Set(plan.jobs.indices)
        let coding = 44 * 64 * 48 * 1e-6 / 2
        var taken: [Double] = []
        for left in [1.05, 3, 20, 60].map({ coding * $0 }) {
            try allotment.allot(&plan, time(left: left), open: all)
            taken.append(seconds(plan, allotment) / 2)
            #expect(taken.last! <= left * 1.001)
        }
        #expect(taken == taken.sorted() && taken[0] < taken[3])
        // What works twice as slowly gets half of it done.
        try allotment.allot(&plan, time(left: coding * 20, lateness: 2), open: all)
        #expect(seconds(plan, allotment) / 2 <= coding * 10 * 1.001)
        let error = #expect(throws: DeadlineTooShort.self) {
            try allotment.allot(&plan, time(left: coding / 2), open: all)
        }
        #expect(error?.exitCode == 64)
        // Under way there is always a plan.
        var late = time(left: -5)
        late.isUnderWay = true
        try allotment.allot(&plan, late, open: all)
        #expect(plan.jobs.allSatisfy { $0.shots?.effort == 0 })
    }

    @Test(
        "What was begun keeps its plan for as long as the same is asked for",
        arguments: [true, false])
    func kept(_ isParted: Bool) throws {
        let parts = isParted ? PartLength.seconds(0.2) : .off
        var (plan, allotment) = try surveyed(options(), parts: parts)
        try allotment.allot(&plan, nil, open: Set(plan.jobs.indices))
        // The first is half done, or done.
        let state = BatchState(plan)
        let worker = UnitWorker(state, try BatchModels(plan.options), threads: 1)
        let isDone = try worker.run(plan.units(of: 0)[0])
        #expect(isDone)
        #expect(state.isBegun(0) && !state.isBegun(1))
        // By now somebody would choose otherwise; only a job that was not begun is asked about.
        var (next, other) = try surveyed(options(), parts: parts)
        #expect(next.jobs[0].shots == plan.jobs[0].shots && next.jobs[1].shots == nil)
        try other.allot(&next, time(left: 1e-9 + 44 * 64 * 48 * 0.51e-6), open: [1, 2, 3])
        #expect(next.jobs[0].shots == plan.jobs[0].shots)
        #expect(next.jobs[1].shots?.effort == 0)
        #expect(BatchState(next).isBegun(0))
        // Something else was asked for.
        let (changed, _) = try surveyed(options(deadline: 9), parts: parts)
        #expect(changed.jobs[0].shots == nil)
    }

    @Test(
        "Another encoder or size asks for no other look at the shots; nothing to do takes no time")
    func again() throws {
        _ = try surveyed(options())
        var other = try options()
        other.enhance?.encoding.crf = 20
        var plan = try sample.plan(other)
        var allotment = try #require(try ShotAllotment(other, models, folder: sample.folder))
        let isWhole = try allotment.survey(&plan, threads: 1, shouldStop: { false }) { _, _ in
            Issue.record("looked again")
        }
        #expect(isWhole)
        try allotment.allot(&plan, time(left: -1), open: [])
        #expect(plan.jobs.allSatisfy { $0.shots == nil })
    }

    @Test("Rounds begin with little, learn how long work takes, and settle each job once")
    func rounds() throws {
        let (plan, allotment) = try surveyed(options(deadline: 1))
        var now = 100.0
        let left = 44 * 64 * 48 * 20e-6 / 2
        var rounds = try DeadlineRounds(
            plan, allotment, deadline: now + left, time: time(), clock: { now })
        let first = rounds.plan
        #expect(rounds.seconds <= left)
        let round = rounds.next()
        let jobs = try #require(round)
        let costs = first.jobs.indices.map { allotment.seconds(first.jobs[$0], $0, time()) }
        #expect(jobs == Set(costs.indices.sorted { costs[$0] < costs[$1] }.prefix(2)))
        // It took eight times as long as foreseen.
        let took = 8 * jobs.reduce(0) { $0 + allotment.seconds(first.jobs[$1], $1, time()) } / 2
        now += took
        try rounds.finish(after: took)
        let open = Set(0..<4).subtracting(jobs)
        for job in jobs { #expect(rounds.plan.jobs[job].shots == first.jobs[job].shots) }
        func effort(_ plan: Manifest) -> Double {
            open.reduce(0) { $0 + (plan.jobs[$1].shots?.effort ?? 0) }
        }
        #expect(effort(rounds.plan) < effort(first))
        let planned = open.reduce(0) {
            $0 + allotment.seconds(rounds.plan.jobs[$1], $1, time()) / 2
        }
        #expect(abs(rounds.seconds / planned - 8) < 0.01)
        let second = rounds.next()
        #expect(second == open)
        try rounds.finish(after: 1)
        let last = rounds.next()
        #expect(!rounds.isOpen && last == nil)
    }

    @Test("Only where somebody names a size do shots differ in quality, and encoders are told so")
    func quality() throws {
        try sample.scenes("scenes.mp4", frames: 20)
        func planned(_ size: SizePolicy) throws -> (ShotPlan, Bool) {
            var options = try options()
            options.enhance?.encoding.encoder = "libx264"
            options.enhance?.encoding.size = size
            var (plan, allotment) = try surveyed(options)
            try allotment.allot(&plan, nil, open: Set(plan.jobs.indices))
            let job = try #require(plan.jobs.first { $0.input.name == "scenes.mp4" })
            let shots = try #require(job.shots?.plan)
            #expect(shots.shots.count > 1)
            let request = options.request(for: job, in: sample.folder)
            return (shots, request.encoding.variesQuality)
        }
        let (auto, isTold) = try planned(.auto)
        #expect(!auto.variesQuality && !isTold)
        let (sized, isSizedTold) = try planned(.factor(0.6))
        #expect(sized.variesQuality && isSizedTold)
    }

    @Test("A runner does the jobs that it was asked for, and no other")
    func only() throws {
        let plan = try sample.plan()
        let state = BatchState(plan)
        let runner = LocalRunner(
            state, try BatchModels(plan.options), workers: 2, threads: 1, only: [1, 3],
            log: Log(level: .error)
        ) { amount in
            #expect(amount.units == 4 && amount.doneUnits == 2)
            return BatchProgress(
                total: amount.units, cost: amount.cost, done: amount.doneUnits,
                doneCost: amount.doneCost, mode: .none)
        }
        _ = runner.run()
        #expect(plan.jobs.map(state.isDone) == [false, true, false, true])
    }

    @Test("Shots that want a model which the plan does not name are refused")
    func missing() throws {
        var (plan, allotment) = try surveyed(options())
        try allotment.allot(&plan, nil, open: Set(plan.jobs.indices))
        let other = ShotPlan([
            .init(start: 0, choice: ShotChoice(model: "other", strength: 1, balance: .automatic))
        ])
        plan.jobs[0].shots = PlannedShots(try #require(other), frames: [8], effort: 1)
        let error = #expect(throws: ShotModelMissing.self) {
            _ = try UnitWorker(BatchState(plan), try BatchModels(plan.options), threads: 1).run(
                plan.units[0])
        }
        #expect(error?.exitCode == 65)
    }
}
