// The experiments on rules, at their smallest.
import Graphs
import Learning
import Tensors
import Testing

@testable import Laboratory

@Suite("Experiments on rules")
struct RuleExperimentsTests {
    @Test(
        "Every network that rules are tried on has a gradient for all that it learns, and Z-IL's is the same"
    )
    func trialNetworks() throws {
        for network in TrialNetwork.all(batch: 2, seed: 4) {
            let values = network.values(Double.self).merging(network.batch(2, seed: 5)) { $1 }
            let distance = try ZeroDivergenceTrial.distance(network.graph, nil, values) { _ in }
            #expect(distance < 1e-13, "\(network.name)")
            let gradients = try Backpropagation().gradientGraph(of: network.graph, loss: "loss")
                .evaluate(values)
            for (path, _) in network.parameters {
                #expect(
                    gradients["gradient.\(path)"]?.elements.contains { $0 != 0 } == true,
                    "\(network.name), \(path)")
            }
        }
    }

    @Test("Our own networks are levelled, and learn by Z-IL as by backpropagation")
    func products() throws {
        for network in [ProductNetwork.generator("fast", seed: 2), .verbs(seed: 2)] {
            let walk = try ZeroDivergenceTrial<Double>.trained(
                network, walks: true, steps: 2, rate: 0.05)
            let other = try ZeroDivergenceTrial<Double>.trained(
                network, walks: false, steps: 2, rate: 0.05)
            for path in network.learned {
                let pairs = zip(walk.weights[path]!.elements, other.weights[path]!.elements)
                #expect(pairs.allSatisfy { abs($0 - $1) < 1e-13 }, "\(network.name), \(path)")
            }
            #expect(other.losses[1] < other.losses[0])
        }
    }

    @Test("Training by a rule tells pictures better than chance, and starts alike for all rules")
    func training() throws {
        let digits = Digits()
        let pictures = (
            training: digits.pictures(600, seed: 1), test: digits.pictures(200, seed: 2)
        )
        var training = RuleTraining()
        training.epochs = 2
        let network = TrialNetwork.digits(batch: training.batch, widths: [784, 32, 10], seed: 1)
        var coding = PredictiveCoding()
        (coding.coordinates, coding.nudge, coding.steps) = (.errors, 0.01, 4)
        let outcomes = try [Backpropagation() as any LearningRule, ZeroDivergence(), coding].map {
            try training.run(network, by: $0, pictures) { _ in }.accuracies.last!
        }
        #expect(outcomes.allSatisfy { $0 > 0.4 }, "\(outcomes)")
        #expect(abs(outcomes[0] - outcomes[1]) < 0.03 && abs(outcomes[0] - outcomes[2]) < 0.05)
    }

    @Test("Rules are compared on trained networks, layer by layer")
    func comparison() throws {
        for network in [RuleComparison.Network.live, .hoi] {
            let rules = RuleComparison.ruleNames.map {
                RuleComparison.rule($0, nudge: 0.01, steps: 60)!
            }
            let table = try RuleComparison(network, batch: 1).table(rules, threads: 1)
            #expect(table.rows.count > 5 && table.rows.allSatisfy { $0.count == 5 })
            guard case .number(let zil) = table.rows[table.rows.count - 2][1],
                case .number(let coding) = table.rows[table.rows.count - 2][2]
            else {
                Issue.record("no figures")
                continue
            }
            #expect(zil < 1e-4 && coding < 0.05 && coding > 0, "\(network): \(zil), \(coding)")
        }
        #expect(RuleComparison.rule("hebb", nudge: 1, steps: 1) == nil)
    }
}
