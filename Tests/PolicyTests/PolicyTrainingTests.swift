import Tensors
import Testing

@testable import Policy

/// A walk on a line from 0: worth most where actions are 0.5. Every fifth step cuts it.
private struct Walk: Environment {
    let stateCount = 1
    let box = ActionBox(1)
    var place: Float = 0
    var count = 0, resets = 0
    var actions: [Float] = []

    mutating func reset(using random: inout RandomSource) -> [Float] {
        (place, count) = (Float(random.uniform()), 0)
        resets += 1
        return [place]
    }

    mutating func step(_ action: [Float]) -> EnvironmentStep {
        count += 1
        place += action[0] / 10
        actions.append(action[0])
        return EnvironmentStep(
            state: [place], reward: -abs(action[0] - 0.5), isCut: count == 5)
    }
}

@Suite struct PolicyTrainingTests {
    @Test(
        "A run makes the steps and the updates that it says, equally many for each method, and gets better"
    )
    func run() throws {
        var updates: Set<Int> = []
        for method in PolicyMethod.allCases {
            var options = PolicyOptions(method)
            (options.hidden, options.batch) = ([16, 16], 16)
            options.search = CandidateSearch(global: 10, local: 10)
            let learner = try PolicyLearner(stateCount: 1, box: ActionBox(1), options)
            var training = PolicyTraining(steps: 600, randomSteps: 100, measurementInterval: 100)
            (training.updates, training.interval, training.episodes) = (3, 2, 4)
            var (world, other) = (Walk(), Walk())
            let points = try training.run(learner, in: &world, measuring: &other)
            #expect(points.map(\.step) == [100, 200, 300, 400, 500, 600])
            #expect(world.actions.count == 600 && world.resets == 121)
            #expect(learner.count == 600)
            #expect(learner.updates == 3 * 250)
            updates.insert(learner.updates)
            #expect(other.actions.count == 6 * 4 * 5)
            let (first, last) = (points[0].meanReturn, points[5].meanReturn)
            #expect(last > first && last > -1, "\(method): \(points)")
            // The first steps are drawn from the whole box.
            #expect(Set(world.actions.prefix(100)).count == 100)
            #expect(world.actions.prefix(100).contains { $0 < -0.9 })
        }
        #expect(updates.count == 1)
    }

    @Test("Measuring twice gives the same, and changes nothing")
    func measuring() throws {
        let learner = try PolicyLearner(stateCount: 1, box: ActionBox(1), PolicyOptions(.zospi))
        var world = Walk()
        let first = try PolicyTraining.measure(learner, in: &world, episodes: 3)
        #expect(try PolicyTraining.measure(learner, in: &world, episodes: 3) == first)
        #expect(learner.count == 0 && world.resets == 6)
    }
}
