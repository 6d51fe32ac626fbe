// Plans for a surveyed video: what time and size allow, and what is done when time runs out.
import Enhancement
import Glibc
import Media
import Terminal
import TestSupport
import Testing

@testable import Policy

@Suite("Plans for videos")
struct ShotPlannerTests {
    /// Twelve shots of 100 frames: every second one is damaged.
    private static func survey() -> ShotSurvey {
        ShotSurvey(
            shots: madeShots(12, seed: 5).enumerated().map { index, shot in
                .init(start: 4 * Double(index), frames: 100, state: shot.state)
            }, width: 100, height: 100)
    }

    /// A frame takes 1 s by `live`, 0.3 s by `fast`, and 0.1 s without.
    private static let speed = MachineSpeed(models: ["live": 1e-4, "fast": 3e-5], coding: 1e-5)

    private static func planner(
        _ wishes: ShotWishes, _ speed: MachineSpeed = speed
    ) throws -> ShotPlanner {
        let grid = try #require(ShotGrid(of: madeShots(1)[0]))
        let policy = ShotPolicy(learning: madeShots(60), on: grid, trees: 30)
        return try ShotPlanner(policy, survey(), speed: speed, wishes: wishes, input: "film.mkv")
    }

    @Test("A deadline gives the damaged shots the dear model, and is kept")
    func deadline() throws {
        var wishes = ShotWishes()
        // 120 s of coding, and room for five of twelve shots by live.
        wishes.seconds = 120 + 500
        let planner = try Self.planner(wishes)
        #expect(planner.seconds() <= 620 && planner.seconds() > 500)
        let shots = planner.plan.shots
        #expect(shots.count == 12 && shots[3].start == 12)
        let lives = shots.indices.filter { shots[$0].choice.model == "live" }
        #expect(lives.count >= 4 && lives.allSatisfy { $0 % 2 == 0 })
        #expect(!planner.plan.variesQuality)
    }

    @Test("Where other programs take half of the processor, time is worth half")
    func shared() throws {
        var (alone, beside) = (ShotWishes(), ShotWishes())
        (alone.seconds, beside.seconds) = (620, 1240)
        var half = Self.speed
        half.contention = 2
        let (first, second) = (try Self.planner(alone), try Self.planner(beside, half))
        #expect(second.actions == first.actions)
        #expect(abs(second.seconds() / first.seconds() - 2) < 1e-9)
        let error = #expect(throws: DeadlineTooShort.self) {
            beside.seconds = 200
            _ = try Self.planner(beside, half)
        }
        #expect(abs((error?.needed ?? 0) - 240) < 1e-9)
    }

    @Test("Where nobody names a time, it takes what the usual model would")
    func usual() throws {
        let planner = try Self.planner(ShotWishes())
        #expect(planner.seconds() <= 120 + 1200 + 1)
    }

    @Test(
        "Where shots may not get the usual model, the time that it would take is there all the same"
    )
    func others() throws {
        let grid = try #require(ShotGrid(of: madeShots(1)[0]))
        let policy = ShotPolicy(learning: madeShots(60), on: grid, trees: 30)
        // Somebody allows `fast` alone, which takes 0.3 s a frame where `live` would take 1.
        let speed = MachineSpeed(models: ["fast": 3e-5], coding: 1e-5)
        let planner = try ShotPlanner(
            policy, Self.survey(), speed: speed, wishes: ShotWishes(), input: "film.mkv")
        #expect(abs(planner.usualSeconds - 1320) < 60, "\(planner.usualSeconds)")
        #expect(planner.plan.models == ["fast"])
    }

    @Test("What decoding and encoding alone exceed is refused, in one line")
    func tooShort() {
        var wishes = ShotWishes()
        wishes.seconds = 100
        let error = #expect(throws: DeadlineTooShort.self) { try Self.planner(wishes) }
        #expect(error?.exitCode == 64)
        #expect(error?.description.contains("film.mkv: decoding and encoding alone take") == true)
        #expect(error?.description.contains("\n") == false)
    }

    @Test("Work that is late gets cheaper, work that is early dearer; what has begun stays")
    func late() throws {
        var wishes = ShotWishes()
        wishes.seconds = 120 + 500
        let first = try Self.planner(wishes)
        var late = first, early = first
        // Two shots took three times as long as foreseen, or a third.
        let foreseen = (0..<2).reduce(0.0) { $0 + 100 * first.secondsOfFrame(in: $1) }
        try late.go(on: 2, elapsed: 3 * foreseen, foreseen: foreseen, left: 620 - 3 * foreseen)
        try early.go(on: 2, elapsed: foreseen / 3, foreseen: foreseen, left: 620 - foreseen / 3)
        #expect(Array(late.actions[...2]) == Array(first.actions[...2]))
        func lives(_ planner: ShotPlanner) -> Int {
            planner.plan.shots[3...].count { $0.choice.model == "live" }
        }
        #expect(lives(late) < lives(first) && lives(early) >= lives(first))
        // The pace counts by itself: with as much time left, slow work does less with it.
        var (slow, fast) = (first, first)
        try slow.go(on: 2, elapsed: 3 * foreseen, foreseen: foreseen, left: 500)
        try fast.go(on: 2, elapsed: foreseen, foreseen: foreseen, left: 500)
        #expect(lives(slow) < lives(fast))
        // However late it is, there is a plan.
        try late.go(on: 5, elapsed: 10_000, foreseen: 10, left: 0)
        #expect(late.plan.shots[6...].allSatisfy { $0.choice.model == nil })
    }

    @Test("With a size shots differ in quality, by steps that later plans keep")
    func size() throws {
        var wishes = ShotWishes()
        wishes.bits = 0.3 * 12 * 100 * 10_000
        wishes.seconds = 120 + 500
        var planner = try Self.planner(wishes)
        let coarser = planner.plan.shots.map(\.choice.coarser)
        #expect(Set(coarser).count > 1 && coarser.allSatisfy { abs($0) <= 6 })
        try planner.go(on: 4, elapsed: 2000, foreseen: 100, left: 60)
        #expect(planner.plan.shots.map(\.choice.coarser) == coarser)
    }

    @Test("A balance and a share that somebody asks for hold for all shots")
    func wished() throws {
        var wishes = ShotWishes()
        (wishes.balance, wishes.strength) = (.fixed(0.1), 0.4)
        let shots = try Self.planner(wishes).plan.shots.filter { $0.choice.model != nil }
        #expect(!shots.isEmpty)
        #expect(
            shots.allSatisfy { $0.choice.balance == .fixed(0.1) && $0.choice.strength <= 0.4 })
    }

    @Test("Plans come back from reports and lists; what is no plan is named")
    func files() throws {
        let folder = try TemporaryFolder()
        func read(_ text: String) throws -> ShotPlan {
            writeBytes(Array(text.utf8), to: folder("plan.json"))
            return try ShotPlan(contentsOf: folder("plan.json"))
        }
        let list = """
            [{"start": 0, "model": "skip"},
             {"start": 2.5, "model": "live", "strength": 0.5, "balance": "auto", "coarser": 1.5}]
            """
        let plan = try read(list)
        #expect(try read("{\"seconds\": 3, \"plan\": \(list)}") == plan)
        #expect(
            plan.shots.map(\.choice) == [
                .skip, ShotChoice(model: "live", strength: 0.5, balance: .automatic, coarser: 1.5),
            ])
        for (text, word) in [
            ("nonsense", "no JSON"), ("{}", "no list"), ("[]", "must be there"),
            ("[{\"start\": 0}]", "shot 1"),
            ("[{\"start\": 0, \"model\": \"live\", \"strength\": 2}]", "shot 1"),
            ("[{\"start\": 1, \"model\": \"skip\"}, {\"start\": 1, \"model\": \"skip\"}]", "after"),
        ] {
            let error = #expect(throws: ShotPlanError.self, "\(text)") { try read(text) }
            #expect(error?.description.contains(word) == true && error?.exitCode == 65)
        }
        let missing = #expect(throws: ShotPlanError.self) {
            try ShotPlan(contentsOf: folder("none.json"))
        }
        #expect(missing?.exitCode == 66)
    }

    @Test("A survey finds cuts and parts long shots, and tells damage")
    func surveys() throws {
        let folder = try TemporaryFolder()
        // Three scenes of 2 s, and one of 9 s.
        let scenes = ["testsrc=d=2", "smptehdbars=d=2", "rgbtestsrc=d=2", "testsrc2=d=9"]
        let inputs = scenes.map { "-f lavfi -i \($0):r=10:s=160x96" }
        _ = ffmpeg(
            inputs.joined(separator: " ")
                + " -filter_complex 'concat=n=4' -c:v libx264 -qp 30 -pix_fmt yuv420p \(folder("a.mkv"))"
        )
        guard
            let survey = try ShotSurvey(
                path: folder("a.mkv"), options: ReadOptions(), probe: nil, threads: 1, clock: { 0 })
        else {
            Issue.record("no frames")
            return
        }
        #expect(survey.frames == 150 && survey.width == 160 && survey.height == 96)
        #expect(survey.shots.map(\.start) == [0, 2, 4, 6, 14])
        #expect(survey.shots.map(\.frames) == [20, 20, 20, 80, 10])
        // A quantiser of 30 is a luma step of 20.
        #expect(survey.shots.allSatisfy { abs($0.state.lumaStep - 20) < 8 })
    }

    @Test("Key frames count for what they are, most in short shots, and change as the others do")
    func keys() {
        let coding = ShotCoding(key: [1, 0.25], growth: 2)
        #expect(coding.bits(later: 0.1, tried: 0.1, quality: 18, frames: 1) == 1)
        let short = coding.bits(later: 0.1, tried: 0.1, quality: 18, frames: 10)
        #expect(abs(short - (0.1 + 0.9 * 0.2)) < 1e-12)
        let coarse = coding.bits(later: 0.02, tried: 0.02, quality: 29, frames: 10)
        #expect(abs(coarse - (0.025 + 0.9 * 0.04)) < 1e-12)
        let between = coding.bits(later: 0.1, tried: 0.1, quality: 23.5, frames: 1)
        #expect(abs(between - 0.5) < 1e-12)
        // A model that makes half as many bits again does so in the key frame, within bounds.
        let more = coding.bits(later: 0.15, tried: 0.1, quality: 18, frames: 1)
        #expect(abs(more - 1.5) < 1e-12)
        #expect(coding.bits(later: 0.1, tried: 0, quality: 18, frames: 1) == 2)
        #expect(ShotCoding(key: [1, 1], growth: .nan).growth == 1)
        #expect(ShotCoding(key: [1, 1], growth: 90).growth == 8)
        for text in [#"{"key":[1],"growth":1}"#, #"{"key":[1,-1],"growth":1}"#, #"{"key":[1,1]}"#] {
            #expect((try? JSONValue(parsing: Array(text.utf8))).flatMap(ShotCoding.init) == nil)
        }
    }

    @Test("Shots whose key frames are dear are coded coarser than their first frames ask for")
    func keyed() throws {
        let grid = try #require(ShotGrid(of: madeShots(1)[0]))
        let policy = ShotPolicy(learning: madeShots(60), on: grid, trees: 30)
        let plain = Self.survey()
        func qualities(_ key: [Double]) throws -> [Double] {
            let survey = ShotSurvey(
                shots: plain.shots.map { shot in
                    var shot = shot
                    shot.frames = 10
                    shot.coding = ShotCoding(key: key, growth: 1)
                    return shot
                }, width: 100, height: 100)
            var wishes = ShotWishes()
            wishes.bits = 0.3 * 12 * 10 * 10_000
            let planner = try ShotPlanner(
                policy, survey, speed: Self.speed, wishes: wishes, input: "film.mkv")
            return planner.actions.map { grid.actions[$0].quality }
        }
        let cheap = try qualities([0.01, 0.005]), dear = try qualities([2, 1])
        #expect(dear.reduce(0, +) > cheap.reduce(0, +) + 6, "\(cheap), \(dear)")
    }
}
