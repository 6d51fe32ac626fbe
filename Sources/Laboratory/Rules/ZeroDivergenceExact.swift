// Z-IL is backpropagation: on small networks of every kind, and on our own.
import Graphs
import Learning
import Tensors

/// Z-IL's gradients beside backpropagation's, and what breaks when a condition is.
public struct ZeroDivergenceExact: Experiment {
    public let name = "zil-exact"
    public let claim =
        "inference learning that updates each weight when errors reach it equals backpropagation exactly, on any "
        + "levelled computation graph"
    public let source = "arXiv:2103.03725; arXiv:2103.04689"
    /// Of training; gradients are compared in both.
    public let precisions: [NumberPrecision] = [.f64, .f32]

    /// The experiment.
    public init() {}

    public func run(_ setting: ExperimentSetting) throws -> ExperimentResult {
        var result = ExperimentResult()
        try compare(setting, &result)
        try breakConditions(setting, &result)
        if setting.precision == .f32 {
            try trainSmall(Float.self, setting, &result)
            try trainOurs(Float.self, setting, &result)
        } else {
            try trainSmall(Double.self, setting, &result)
            try trainOurs(Double.self, setting, &result)
        }
        result.notes.append(
            "The walk computes every node at every step and shares with reverse differentiation the operations' products "
                + "alone, so it checks order, fan-out, sharing and levels; a wrong derivative it cannot see, which finite "
                + "differences do.")
        result.notes.append(
            "Z-IL needs a global clock or a trigger at each synapse, follows no gradient of an energy any more, and never "
                + "costs less than backpropagation.")
        return result
    }

    // MARK: - Gradients

    private func compare(_ setting: ExperimentSetting, _ result: inout ExperimentResult) throws {
        var table = ResultTable(
            "relative difference of gradients, Z-IL walk and backpropagation",
            columns: [
                "network", "nodes", "identities", "Double", "on arrival", "Float", "unlevelled",
            ])
        var worst = (double: 0.0, single: 0.0), loosest = 0.0
        func add(
            _ name: String, _ graph: Graph, _ learned: [String]?, _ values: [String: Tensor<Double>]
        ) throws {
            setting.observe("\(name): gradients")
            let levelled = LevelledGraph(graph, loss: "loss", learning: learned)
            func distance(_ change: (inout ZeroDivergenceWalk) -> Void) throws -> Double {
                try ZeroDivergenceTrial.distance(graph, learned, values, change)
            }
            let double = try distance { _ in }
            let arrival = try distance { $0.trigger = .arrival }
            let single = try ZeroDivergenceTrial.distance(
                graph, learned, values.mapValues { $0.converted(to: Float.self) },
                scale: 512
            ) { _ in }
            let loose = levelled.identityCount > 0 ? try distance { $0.isLevelled = false } : nil
            table.append(
                .text(name), .number(Double(levelled.levels.count { $0 != nil })),
                .number(Double(levelled.identityCount)), .number(double), .number(arrival),
                .number(single), loose.map { .number($0) } ?? .text("-"))
            worst = (max(worst.double, double, arrival), max(worst.single, single))
            if name == "residual" { loosest = loose ?? 0 }
        }
        for network in TrialNetwork.all(batch: 4, seed: 1) {
            try add(
                network.name, network.graph, nil,
                network.values(Double.self).merging(network.batch(4, seed: 2)) { $1 })
        }
        var ours = [ProductNetwork.generator("live", seed: 1), .verbs(seed: 1)]
        if setting.isFull { ours += [.generator("studio", seed: 1), .detector(seed: 1)] }
        for network in ours {
            try add(network.name, network.graph, network.learned, network.values)
        }
        result.tables.append(table)
        result.findings += [
            ResultFinding(
                "differences of 1e-13 at most in Double, by level and on arrival",
                found: worst.double.significant(3), holds: worst.double <= 1e-13),
            ResultFinding(
                "differences of 1e-5 at most in Float", found: worst.single.significant(3),
                holds: worst.single <= 1e-5),
            ResultFinding(
                "a residual network that is not levelled diverges (over 1)",
                found: loosest.isFinite ? loosest.significant(3) : "beyond all bounds",
                holds: loosest > 1),
        ]
    }

    // MARK: - Conditions

    private func breakConditions(
        _ setting: ExperimentSetting, _ result: inout ExperimentResult
    ) throws {
        setting.observe("MLP: conditions broken in turn")
        let seeds = 1...max(setting.seeds, 1)
        var table = ResultTable(
            "MLP 64-32-32-32-10, batch 16: each condition broken in turn",
            columns: ["what is broken", "relative difference", "a prototype had"])
        func measure(
            _ name: String, _ expected: Double, _ change: (inout ZeroDivergenceWalk) -> Void
        ) throws -> Double {
            let distances = try seeds.map { seed in
                let network = TrialNetwork.layers(batch: 16, seed: UInt64(seed))
                return try ZeroDivergenceTrial.distance(
                    network, batch: network.batch(16, seed: UInt64(100 + seed)), change)
            }
            let spread = Spread(distances)
            table.append(.text(name), spread.cell, .number(expected))
            return spread.mean
        }
        let none = try measure("nothing", 2.4e-16) { _ in }
        let nearly = try measure("γ = 0.99999", 2.0e-5) { $0.rate = 0.99999 }
        let half = try measure("γ = 0.5", 0.67) { $0.rate = 0.5 }
        let noisy = try measure("activities begin off by 0.05", 0.41) { $0.noise = 0.05 }
        let plain = try measure("all weights learn at step 20, γ = 0.1", 0.77) {
            $0.rate = 0.1
            $0.trigger = .step(20)
        }
        result.tables.append(table)
        result.findings.append(
            ResultFinding(
                "exact with all conditions; far off with γ = 0.5, a noisy start, or plain inference learning",
                found:
                    "\(none.significant(3)); \(half.significant(3)), \(noisy.significant(3)), \(plain.significant(3)); \(nearly.significant(3)) with γ = 0.99999",
                holds: none < 1e-13 && half > 0.3 && noisy > 0.1 && plain > 0.3 && nearly < 1e-3
                    && nearly > 1e-6))
    }

    // MARK: - Training

    private func trainSmall<Scalar: TensorScalar>(
        _: Scalar.Type, _ setting: ExperimentSetting, _ result: inout ExperimentResult
    ) throws {
        let steps = 3000
        let most = Scalar.self == Double.self ? 1e-12 : 1e-3
        let data = Strokes()
        let (learned, asked) = (data.pictures(2000, seed: 11), data.pictures(400, seed: 12))
        var table = ResultTable(
            "\(steps) steps of gradient descent in \(Scalar.self) from the same start, batch 4, strokes of 8x8",
            columns: [
                "network", "largest difference of weights", "accuracy, Z-IL", "accuracy, backprop",
            ])
        var worst = 0.0, isEqual = true
        for network in [
            TrialNetwork.layers(batch: 4, seed: 3), .convolutions(batch: 4, seed: 3),
            .recurrent(batch: 4, seed: 3),
        ] {
            var runs: [(weights: [String: Tensor<Scalar>], accuracy: Double)] = []
            for isWalk in [true, false] {
                let trial = ZeroDivergenceTrial<Scalar>(network, walks: isWalk)
                let weights = try trial.trained(
                    on: learned, steps: steps, rate: 0.1,
                    observe: {
                        setting.observe(
                            "\(network.name), \(isWalk ? "Z-IL" : "backprop"): step \($0) of \(steps)"
                        )
                    })
                runs.append((weights, try network.accuracy(weights, on: asked)))
            }
            let distance = largestDifference(runs[0].weights, runs[1].weights)
            table.append(
                .text(network.name), .number(distance), .number(runs[0].accuracy),
                .number(runs[1].accuracy))
            worst = max(worst, distance)
            isEqual = isEqual && runs[0].accuracy == runs[1].accuracy
        }
        result.tables.append(table)
        result.findings.append(
            ResultFinding(
                "after \(steps) steps weights differ by \(most.significant(1)) at most, and accuracies are equal",
                found: "\(worst.significant(3)), \(isEqual ? "equal" : "not equal")",
                holds: worst <= most && isEqual))
    }

    private func trainOurs<Scalar: TensorScalar>(
        _: Scalar.Type, _ setting: ExperimentSetting, _ result: inout ExperimentResult
    ) throws {
        let steps = 20
        let most = Scalar.self == Double.self ? 1e-10 : 1e-4
        var table = ResultTable(
            "our own networks, \(steps) steps in \(Scalar.self) from the same start",
            columns: [
                "network", "parameters", "largest difference of weights", "loss before",
                "loss after",
            ])
        var networks = [ProductNetwork.generator("live", seed: 5), .verbs(seed: 5)]
        if setting.isFull { networks += [.generator("studio", seed: 5), .detector(seed: 5)] }
        var worst = 0.0
        for network in networks {
            var runs: [[String: Tensor<Scalar>]] = []
            var losses: [Double] = []
            for isWalk in [true, false] {
                setting.observe(
                    "\(network.name): \(steps) steps by \(isWalk ? "Z-IL" : "backprop")")
                let run = try ZeroDivergenceTrial<Scalar>.trained(
                    network, walks: isWalk, steps: steps, rate: network.rate)
                runs.append(run.weights)
                losses = run.losses
            }
            let distance = largestDifference(runs[0], runs[1])
            table.append(
                .text(network.name),
                .number(Double(network.learned.reduce(0) { $0 + network.values[$1]!.count })),
                .number(distance), .number(losses[0]), .number(losses.last!))
            worst = max(worst, distance)
        }
        result.tables.append(table)
        result.findings.append(
            ResultFinding(
                "MW-GAN and HOI: after \(steps) steps weights differ by \(most.significant(1)) at most",
                found: worst.significant(3), holds: worst <= most))
    }

    private func largestDifference<Scalar: TensorScalar>(
        _ a: [String: Tensor<Scalar>], _ b: [String: Tensor<Scalar>]
    ) -> Double {
        a.reduce(0) { largest, entry in
            zip(entry.value.elements, b[entry.key]!.elements).reduce(largest) {
                let distance = abs(Double($1.0) - Double($1.1))
                return distance.isNaN ? .infinity : max($0, distance)
            }
        }
    }
}
