// Whether an actor that is shown better actions finds a peak that the critic's gradient does not lead to.
import Policy

/// A choice with two peaks: what methods choose where its worth is known, and where critics learn it.
public struct ZOSPIBandit: Experiment {
    public let name = "zospi-bandit"
    public let claim =
        "an actor that learns the best of tried actions is not held by local optima as one that follows gradients is"
    public let source = "Sun et al. (arXiv:2006.06600), section 3"

    /// The experiment.
    public init() {}

    static var contenders: [PolicyContender] {
        var kernel = PolicyOptions(.zospi)
        var forest = kernel
        (kernel.actor, forest.actor) = (.kernel, .forest)
        let all = [
            PolicyContender("ZOSPI", PolicyOptions(.zospi)),
            PolicyContender("ZOSPI, UCB", .optimistic),
            PolicyContender("ZOSPI, kernel actor", kernel),
            PolicyContender("ZOSPI, forest actor", forest),
            PolicyContender("TD3", PolicyOptions(.td3)),
            PolicyContender("DDPG", PolicyOptions(.ddpg)),
        ]
        return all.map { contender in
            var contender = contender
            contender.options.discount = 0
            return contender
        }
    }

    public func run(_ setting: ExperimentSetting) throws -> ExperimentResult {
        var result = ExperimentResult()
        let steps = setting.isFull ? 20_000 : 5000
        var training = PolicyTraining(
            steps: steps, randomSteps: 500, measurementInterval: steps / 10)
        training.episodes = 500
        var ends: [String: Spread] = [:]
        for isKnown in [true, false] {
            let title =
                "mean reward where \(isKnown ? "an action's worth is known" : "critics learn it")"
            var report = PolicyReport(title, steps: [steps / 10, steps / 2, steps])
            let contenders = Self.contenders.filter { !isKnown || $0.options.optimism == nil }
            var contest = PolicyContest(contenders: contenders, training: training) { _ in
                TwoPeakBandit()
            }
            if isKnown { contest.worth = { TwoPeakBandit.worth($0) } }
            let outcomes = try contest.outcomes(setting.told(isKnown ? "known, " : "learned, "))
            for (contender, outcomes) in zip(contenders, outcomes) {
                report.append(contender.name, outcomes)
                let name = (isKnown ? "known " : "learned ") + contender.name
                ends[name] = Spread(outcomes.map { $0.last })
            }
            result.tables.append(report.table)
            result.charts.append(report.chart)
        }
        func end(_ name: String) -> Double { ends[name]?.mean ?? .nan }
        func finding(_ expected: String, _ value: Double, _ range: ClosedRange<Double>) {
            result.findings.append(
                ResultFinding(expected, found: value.significant(3), holds: range.contains(value)))
        }
        finding(
            "worth known: the actor of ZOSPI reaches 1.00 within 0.03", end("known ZOSPI"),
            0.97...1.03)
        finding(
            "worth known: the actor that follows gradients stays at 0.55 within 0.03",
            end("known TD3"), 0.52...0.58)
        finding(
            "worth known: a kernel of better actions reaches 0.9", end("known ZOSPI, kernel actor"),
            0.9...1.03)
        finding(
            "worth known: a forest of better actions reaches 0.9", end("known ZOSPI, forest actor"),
            0.9...1.03)
        finding("worth learned: ZOSPI reaches 0.9", end("learned ZOSPI"), 0.9...1.03)
        finding("worth learned: ZOSPI with UCB reaches 0.9", end("learned ZOSPI, UCB"), 0.9...1.03)
        let (zospi, gradients) = (
            end("learned ZOSPI"), max(end("learned TD3"), end("learned DDPG"))
        )
        result.findings.append(
            ResultFinding(
                "worth learned: ZOSPI reaches more than TD3 and DDPG",
                found: "\(zospi.significant(3)) beside \(gradients.significant(3)) at best",
                holds: zospi > gradients))
        return result
    }
}
