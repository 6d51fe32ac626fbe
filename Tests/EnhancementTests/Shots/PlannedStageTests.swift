// Frames through one model after the other: each as its own model makes it.
import Compute
import Media
import Networks
import Testing

@testable import Enhancement

@Suite("Shots by a plan")
struct PlannedStageTests {
    private static let options = EnhancementOptions(precision: .f32, threads: 1)

    /// Frames 0.1 s apart of which some are key frames.
    private static func frames(_ count: Int, keys: Set<Int>) -> [Frame] {
        (0..<count).map { index in
            var frame = texturedFrame(index)
            frame.timestamp = Int64(100 * index)
            frame.timeBase = Rational(1, 1000)
            frame.isKey = keys.contains(index)
            return frame
        }
    }

    private static func model(
        _ shots: [(Double, ShotChoice)], _ models: [String: any RestorationModel],
        startTime: Double = 0
    ) throws -> PlannedModel {
        let plan = try #require(ShotPlan(shots.map { .init(start: $0.0, choice: $0.1) }))
        return PlannedModel(plan, models: models, startTime: startTime, precision: .f32)
    }

    private static func run(_ model: PlannedModel, _ frames: [Frame]) throws -> [Frame] {
        let stage = try model.stage(
            width: frames[0].width, height: frames[0].height, options: options)
        var results: [Frame] = []
        for (index, frame) in frames.enumerated() {
            results += try stage.push(frame)
            #expect(results.count <= index + 1)
        }
        return try results + stage.flush()
    }

    private static func alone(_ frames: [Frame], _ model: EnhancementModel, _ strength: Float = 1)
        throws -> [Frame]
    {
        var options = options
        (options.balance, options.strength) = (.fixed(0), strength)
        return try enhanced(frames, model, options)
    }

    @Test("One choice for all is the model itself, bit for bit")
    func single() throws {
        let model = randomModel()
        let frames = Self.frames(7, keys: [0])
        let planned = try Self.model(
            [(0, ShotChoice(model: "a")), (0.3, ShotChoice(model: "a"))], ["a": model])
        #expect(
            try Self.run(planned, frames).map(samples) == Self.alone(frames, model).map(samples))
    }

    @Test("Where models change, each frame is as its own model makes it of the whole video")
    func changes() throws {
        let (a, b) = (randomModel(seed: 1), randomModel(seed: 2))
        // Where a run begins at a key frame, no motion is carried over in the whole video either.
        let frames = Self.frames(14, keys: [0, 4, 9])
        let planned = try Self.model(
            [
                (0, ShotChoice(model: "a")), (0.4, ShotChoice(model: "b", strength: 0.5)),
                (0.9, .skip),
            ], ["a": a, "b": b])
        let results = try Self.run(planned, frames)
        #expect(results.map(\.timestamp) == frames.map(\.timestamp))
        let (byA, byB) = (try Self.alone(frames, a), try Self.alone(frames, b, 0.5))
        for index in frames.indices {
            let expected = index < 4 ? byA[index] : index < 9 ? byB[index] : frames[index]
            #expect(samples(results[index]) == samples(expected), "frame \(index)")
        }
    }

    @Test("Shots of a single frame, and repeated frames, keep their order")
    func short() throws {
        let model = randomModel()
        var frames = Self.frames(9, keys: [0])
        for index in 4...6 {
            var copy = frames[3]
            copy.timestamp = frames[index].timestamp
            frames[index] = copy
        }
        let shots = frames.indices.map { index in
            (0.1 * Double(index), index % 2 == 0 ? ShotChoice(model: "a") : ShotChoice.skip)
        }
        let results = try Self.run(try Self.model(shots, ["a": model]), frames)
        #expect(results.map(\.timestamp) == frames.map(\.timestamp))
        for index in frames.indices {
            #expect(
                (samples(results[index]) == samples(frames[index])) == (index % 2 == 1),
                "frame \(index)")
        }
    }

    @Test("Frames say how much coarser they are to be coded; times count from the file's first")
    func coarser() throws {
        let frames = Self.frames(4, keys: [0]).map { frame in
            var frame = frame
            frame.timestamp += 5000
            return frame
        }
        var (fine, coarse) = (ShotChoice.skip, ShotChoice.skip)
        (fine.coarser, coarse.coarser) = (-2, 3.5)
        let planned = try Self.model(
            [(0, fine), (0.2, coarse)], ["a": randomModel()], startTime: 5)
        #expect(try Self.run(planned, frames).map(\.coarser) == [-2, -2, 3.5, 3.5])
    }

    @Test("A plan that is replaced holds for frames that are still to come")
    func replaced() throws {
        let frames = Self.frames(6, keys: [0])
        let planned = try Self.model([(0, ShotChoice.skip)], ["a": randomModel()])
        let stage = try planned.stage(
            width: frames[0].width, height: frames[0].height, options: Self.options)
        var results = try frames[..<3].flatMap { try stage.push($0) }
        #expect(results.count == 3)
        planned.current.plan = try #require(
            ShotPlan([.init(start: 0, choice: ShotChoice(model: "a"))]))
        results += try frames[3...].flatMap { try stage.push($0) } + stage.flush()
        let isChanged = zip(results, frames).map { samples($0) != samples($1) }
        #expect(isChanged == [false, false, false, true, true, true])
    }

    @Test("Shots that do not follow one another are no plan; a time belongs to the shot before it")
    func plans() throws {
        #expect(ShotPlan([]) == nil)
        #expect(
            ShotPlan([.init(start: 1, choice: .skip), .init(start: 1, choice: .skip)]) == nil)
        #expect(ShotPlan([.init(start: .nan, choice: .skip)]) == nil)
        let plan = try #require(
            ShotPlan([
                .init(start: 1, choice: ShotChoice(model: "a")),
                .init(start: 2, choice: ShotChoice(model: "b")),
            ]))
        #expect([0, 1.5, 1.9996, 5].map { plan.choice(at: $0).model } == ["a", "a", "b", "b"])
        #expect(plan.models == ["a", "b"])
    }
}
