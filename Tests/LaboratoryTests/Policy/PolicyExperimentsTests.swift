import Graphs
import Policy
import Tensors
import Testing

@testable import Laboratory

@Suite struct PolicyExperimentsTests {
    @Test("Experiments on policies have names and claims of their own, and say where claims stand")
    func names() {
        let all = PolicyExperiments.all
        #expect(
            all.map(\.name) == [
                "zospi-landscape", "zospi-bandit", "zospi-maze", "zospi-locomotion",
            ])
        #expect(Set(all.map(\.claim)).count == all.count)
        #expect(all.allSatisfy { $0.source.contains("arXiv:2006.06600") })
    }

    @Test("The landscape has its hollows and tops where the figure has them")
    func landscape() {
        for (action, value) in ZOSPILandscape.turns {
            #expect(abs(ZOSPILandscape.value(action) - value) < 1e-6)
        }
        let all = (0...2000).map { ZOSPILandscape.value(Float($0) / 1000 - 1) }
        #expect(all.allSatisfy { (-1...0).contains($0) })
        #expect(abs(ZOSPILandscape.value(-0.475) + 0.8) < 1e-5)
    }

    @Test("Near tries stay in the nearest hollow, tries from everywhere find the best one")
    func climbs() {
        let experiment = ZOSPILandscape()
        let near = experiment.climb(CandidateSearch(global: 0, local: 10, radius: 0.1), seed: 1)
        let all = experiment.climb(CandidateSearch(global: 10, local: 0), seed: 1)
        #expect(near.count == 51 && all.count == 51)
        #expect(abs(near[50] + 0.6) < 0.005 && all[50] > -0.02)
        // A climb never goes down.
        #expect(zip(near, near.dropFirst()).allSatisfy { $0 <= $1 + 1e-6 })
    }

    @Test("What an action is worth is the same as a number and as a graph")
    func worth() throws {
        let graph = Graph.build { $0.output(TwoPeakBandit.worth($0.input("pairs")), "worth") }
        var random = RandomSource(seed: 1)
        let pairs = Tensor<Double>.uniform([200, 2], using: &random)
        let found = try graph.evaluate(["pairs": pairs])["worth"]
        for row in 0..<200 {
            let expected = TwoPeakBandit.reward(
                state: Float(pairs[row, 0]), action: Float(pairs[row, 1]))
            #expect(abs((found?[row, 0] ?? .nan) - Double(expected)) < 1e-5)
        }
        #expect(TwoPeakBandit.reward(state: 0.5, action: -0.6) > 0.99)
        #expect(abs(TwoPeakBandit.reward(state: 0.5, action: 0.3) - 0.55) < 0.01)
    }

    @Test(
        "A contest gives each method the same steps and updates, from each start, on any number of threads"
    )
    func contest() throws {
        var setting = ExperimentSetting()
        setting.seeds = 2
        var training = PolicyTraining(steps: 300, randomSteps: 100, measurementInterval: 100)
        training.episodes = 20
        let contenders = [
            PolicyContender("a", PolicyOptions(.zospi)), PolicyContender("b", PolicyOptions(.td3)),
        ]
        let contest = PolicyContest(contenders: contenders, training: training) { _ in
            TwoPeakBandit()
        }
        let one = try contest.outcomes(setting)
        setting.threads = 3
        let three = try contest.outcomes(setting)
        #expect(one.map { $0.map(\.points) } == three.map { $0.map(\.points) })
        #expect(one.allSatisfy { $0.count == 2 && $0.allSatisfy { $0.updates == 200 } })
        #expect(one[0][0].points != one[0][1].points)
        var report = PolicyReport("title", steps: [100, 300])
        report.append("a", one[0])
        #expect(report.table.rows[0].count == report.table.columns.count)
        #expect(report.chart.series[0].points.count == 3)
    }
}
