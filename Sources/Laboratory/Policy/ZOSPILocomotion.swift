// Whether ZOSPI still learns from fewer steps where all methods make equally many updates.
import Policy

/// Hopper and HalfCheetah by ZOSPI and TD3, with one and with ten updates for each step.
public struct ZOSPILocomotion: Experiment {
    public let name = "zospi-locomotion"
    public let claim =
        "global search with supervised learning is remarkably sample-efficient, beyond policy gradients"
    public let source = "Sun et al. (arXiv:2006.06600), section 5, locomotion; curves to 300k steps"

    /// The experiment.
    public init() {}

    var worlds = ["Hopper-v5", "HalfCheetah-v5"]
    var ratios = [1, 10]

    /// Methods with the networks of the paper, or with small ones.
    static func contenders(isFull: Bool) -> [PolicyContender] {
        [PolicyMethod.zospi, .td3].map { method in
            var options = PolicyOptions(method)
            options.batch = 25
            if isFull {
                options.hidden = [256, 256]
                (options.actorRate, options.criticRate) = (3e-4, 3e-4)
            }
            return PolicyContender(method.rawValue, options)
        }
    }

    public func run(_ setting: ExperimentSetting) throws -> ExperimentResult {
        var result = ExperimentResult()
        let steps = setting.steps ?? (setting.isFull ? 100_000 : 10_000)
        var training = PolicyTraining(
            steps: steps, randomSteps: setting.isFull ? steps / 4 : steps / 10,
            measurementInterval: steps / 10)
        training.episodes = 5
        let contenders = Self.contenders(isFull: setting.isFull)
        for world in worlds {
            // Before anything is computed: what is missing is said at once.
            _ = try GymnasiumWorld(world)
            var report = PolicyReport(
                "\(world), mean return", steps: [steps / 5, steps / 2, steps])
            var last: [Int: [Spread]] = [:]
            for ratio in ratios {
                training.updates = ratio
                let told = setting.told("\(world), \(ratio) updates a step: ")
                let outcomes = try PolicyContest(contenders: contenders, training: training) {
                    _ in try GymnasiumWorld(world)
                }.outcomes(told)
                for (contender, outcomes) in zip(contenders, outcomes) {
                    report.append("\(contender.name), \(ratio) a step", outcomes)
                    last[ratio, default: []].append(Spread(outcomes.map(\.last)))
                }
            }
            result.tables.append(report.table)
            result.charts.append(report.chart)
            result.findings += findings(world, last)
        }
        let size = setting.isFull ? "256-256" : "64-64"
        result.notes = [
            "networks \(size), batches of 25; the published code compares ZOSPI at ten updates a step with TD3 at one",
            "an update of the actor is every second update of the critics, for both",
        ]
        return result
    }

    private func findings(_ world: String, _ last: [Int: [Spread]]) -> [ResultFinding] {
        guard let once = last[1], let often = last[10] else { return [] }
        let found = { (a: Spread, b: Spread) in
            "\(a.mean.significant(4)) beside \(b.mean.significant(4))"
        }
        return [
            ResultFinding(
                "\(world): at one update a step for both ZOSPI reaches more than TD3",
                found: found(once[0], once[1]), holds: once[0].mean > once[1].mean),
            ResultFinding(
                "\(world): at ten updates a step for both ZOSPI reaches more than TD3",
                found: found(often[0], often[1]), holds: often[0].mean > often[1].mean),
            ResultFinding(
                "\(world): ZOSPI at ten updates a step reaches more than TD3 at one, the published comparison",
                found: found(often[0], once[1]), holds: often[0].mean > once[1].mean),
        ]
    }
}
