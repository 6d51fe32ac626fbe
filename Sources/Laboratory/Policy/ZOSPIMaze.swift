// How fast and how surely methods learn to reach the nearest of four goals.
import Policy

/// The maze with four solutions, by ZOSPI and what stands beside it, with as many updates for each.
public struct ZOSPIMaze: Experiment {
    public let name = "zospi-maze"
    public let claim =
        "ZOSPI finds the best way in the maze with four solutions where DDPG and TD3 end in worse ones; UCB helps it"
    public let source = "Sun et al. (arXiv:2006.06600), figure of the Four-Solution-Maze"

    /// The experiment.
    public init() {}

    static var contenders: [PolicyContender] {
        ZOSPIBandit.contenders.map { contender in
            var contender = contender
            contender.options.discount = PolicyOptions(.zospi).discount
            return contender
        }
    }

    public func run(_ setting: ExperimentSetting) throws -> ExperimentResult {
        var result = ExperimentResult()
        try measure(
            16, steps: setting.steps ?? (setting.isFull ? 60_000 : 20_000), setting, &result)
        if setting.isFull { try measure(32, steps: setting.steps ?? 300_000, setting, &result) }
        result.notes = [
            "one update for two steps and 64-64 networks for all; an update of the actor is every second update of the critics, and for DDPG every one",
            "a wider square needs --full, and so do the 60,000 steps of the smaller one",
        ]
        return result
    }

    private func measure(
        _ side: Int, steps: Int, _ setting: ExperimentSetting, _ result: inout ExperimentResult
    ) throws {
        var training = PolicyTraining(
            steps: steps, randomSteps: 1000, measurementInterval: steps / 20)
        (training.interval, training.episodes) = (2, 50)
        let optimum = FourSolutionMaze(side: side).optimum
        var report = PolicyReport(
            "mean return, N = \(side); the most is \(optimum.significant(4))",
            steps: [steps / 4, steps / 2, steps])
        let contenders = Self.contenders
        let outcomes = try PolicyContest(contenders: contenders, training: training) { _ in
            FourSolutionMaze(side: side)
        }.outcomes(setting.told("N = \(side), "))
        var ends: [String: [Double]] = [:]
        for (contender, outcomes) in zip(contenders, outcomes) {
            report.append(contender.name, outcomes)
            ends[contender.name] = outcomes.map(\.settled)
        }
        result.tables.append(report.table)
        result.charts.append(report.chart)
        let mean = { (name: String) in Spread(ends[name] ?? []).mean }
        let least = { (name: String) in ends[name]?.min() ?? .nan }
        let (zospi, td3, ddpg, optimistic) = (
            mean("ZOSPI"), mean("TD3"), mean("DDPG"), mean("ZOSPI, UCB")
        )
        result.findings += [
            ResultFinding(
                "N = \(side): ZOSPI reaches 90 % of the most, the mean of the last quarter",
                found: "\((100 * zospi / optimum).significant(3)) %", holds: zospi >= 0.9 * optimum),
            ResultFinding(
                "N = \(side): ZOSPI reaches more than TD3",
                found: "\(zospi.significant(4)) beside \(td3.significant(4))", holds: zospi > td3),
            ResultFinding(
                "N = \(side): ZOSPI reaches more than DDPG",
                found: "\(zospi.significant(4)) beside \(ddpg.significant(4))", holds: zospi > ddpg),
            ResultFinding(
                "N = \(side): the worst start of ZOSPI reaches more than the worst of TD3",
                found: "\(least("ZOSPI").significant(4)) beside \(least("TD3").significant(4))",
                holds: least("ZOSPI") > least("TD3")),
            ResultFinding(
                "N = \(side): UCB reaches more than noise on actions, as in the paper's figure",
                found: "\(optimistic.significant(4)) beside \(zospi.significant(4))",
                holds: optimistic > zospi),
        ]
    }
}

extension PolicyOutcome {
    /// The mean return over the last quarter of the run: less noise than one measurement.
    var settled: Double {
        let last = points.suffix(max(points.count / 4, 1)).map(\.meanReturn)
        return last.reduce(0, +) / Double(last.count)
    }
}
