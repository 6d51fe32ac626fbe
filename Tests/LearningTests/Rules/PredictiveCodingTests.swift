// Predictive coding: its energy falls, its limits are backpropagation, and it says what it cannot do.
import Graphs
import Learning
import Networks
import Tensors
import Testing

@Suite("Predictive coding")
struct PredictiveCodingTests {
    /// Layers with tanh between them, and a squared error.
    private func network(
        _ widths: [Int] = [5, 7, 6, 4], seed: UInt64 = 1, gain: Double = 1
    ) -> (graph: Graph, values: [String: Tensor<Double>]) {
        var random = RandomSource(seed: seed)
        var values = [
            "x": Tensor<Double>.uniform([3, widths[0]], using: &random),
            "target": Tensor<Double>.uniform([3, widths.last!], using: &random),
        ]
        let graph = Graph.build { builder in
            var x = builder.input("x")
            for (layer, (input, output)) in zip(widths, widths.dropFirst()).enumerated() {
                let path = "layers.\(layer)"
                values["\(path).weight"] = .normal(
                    [output, input], deviation: gain / Double(input).squareRoot(), using: &random)
                values["\(path).bias"] = .uniform([output], in: -0.1..<0.1, using: &random)
                x = (layer == 0 ? x : x.tanh).linear(
                    weights: builder.parameter("\(path).weight"),
                    bias: builder.parameter("\(path).bias"))
            }
            let error = x - builder.input("target")
            builder.output(x, "y")
            builder.output(0.5 * (error * error).sum(), "loss")
        }
        return (graph, values)
    }

    private func distance(
        _ rule: PredictiveCoding, _ graph: Graph, _ values: [String: Tensor<Double>]
    ) throws -> Double {
        relativeDistance(
            try PhaseSequence<Double>.gradients(rule, of: graph, values),
            try PhaseSequence<Double>.gradients(Backpropagation(), of: graph, values))
    }

    @Test(
        "As λ falls the gradient becomes backpropagation's, ten times nearer for a tenth of it",
        arguments: [PredictiveCoding.Coordinates.values, .errors],
        [
            PredictiveCoding.OutputNode.clamped, .nudged,
        ])
    func limit(
        coordinates: PredictiveCoding.Coordinates, output: PredictiveCoding.OutputNode
    ) throws {
        let (graph, values) = network()
        var rule = PredictiveCoding()
        (rule.coordinates, rule.output, rule.steps) = (coordinates, output, 400)
        let distances = try [1e-2, 1e-3, 1e-4].map { lambda in
            rule.nudge = lambda
            return try distance(rule, graph, values)
        }
        #expect(distances[0] > 1e-3)
        for (larger, smaller) in zip(distances, distances.dropFirst()) {
            #expect(abs(larger / smaller - 10) < 1.5, "\(distances)")
        }
    }

    @Test("With predictions held, inference ends at backpropagation's gradient whatever λ is")
    func fixedPredictions() throws {
        let (graph, values) = network()
        var rule = PredictiveCoding()
        rule.coordinates = .valuesWithFixedPredictions
        // With γ = 1 errors need one step a layer.
        (rule.steps, rule.rate, rule.nudge) = (4, .fixed(1), 3)
        #expect(try distance(rule, graph, values) < 1e-13)
        rule.steps = 1
        #expect(try distance(rule, graph, values) > 0.1)
        (rule.steps, rule.rate) = (200, .automatic)
        #expect(try distance(rule, graph, values) < 1e-6)
    }

    @Test("Both coordinates end at the same minimum, the errors' sooner where a network is deep")
    func coordinates() throws {
        let (graph, values) = network([4, 6, 6, 6, 6, 6, 3], gain: 1.5)
        func gradients(
            _ coordinates: PredictiveCoding.Coordinates, _ steps: Int
        ) throws -> [String: Tensor<Double>] {
            var rule = PredictiveCoding()
            (rule.coordinates, rule.steps, rule.nudge) = (coordinates, steps, 1)
            return try PhaseSequence<Double>.gradients(rule, of: graph, values)
        }
        let end = try gradients(.values, 6000)
        #expect(relativeDistance(try gradients(.errors, 2000), end) < 1e-4)
        let slow = relativeDistance(try gradients(.values, 15), end)
        let fast = relativeDistance(try gradients(.errors, 15), end)
        #expect(fast < 0.5 * slow, "\(fast), \(slow)")
    }

    @Test("The energy never rises under the automatic rate, on networks drawn at random")
    func descent() throws {
        for seed in 1...60 {
            let network = RandomNetwork(seed: UInt64(seed), width: 4)
            for choice in [ValueNodeChoice.layers, .operations] {
                var rule = PredictiveCoding()
                (rule.valueNodes, rule.output, rule.steps) = (choice, .nudged, 30)
                rule.nudge = 3
                let notes = EnergyNotes()
                _ = try PhaseSequence<Double>.gradients(
                    rule, of: network.graph, network.values,
                    watch: NotingWatch(inner: rule.watch()!, notes: notes))
                for (before, after) in zip(notes.energies, notes.energies.dropFirst()) {
                    #expect(after <= before + 1e-6 * abs(before), "seed \(seed)")
                }
                #expect(notes.energies.last! < notes.energies[0])
            }
        }
    }

    @Test("A step that was too long is taken back, and the next is half as long")
    func undoing() throws {
        // The loss is a valley of straight sides: no curvature where inference begins, much at the bottom.
        let graph = Graph.build { builder in
            let x = builder.input("x").linear(weights: builder.parameter("a.weight"))
            builder.output(((x - 1) * (x - 1) + 1e-6).squareRoot.sum(), "loss")
        }
        let values = [
            "x": Tensor<Double>([1], shape: [1, 1]), "a.weight": Tensor([0], shape: [1, 1]),
        ]
        var rule = PredictiveCoding()
        (rule.output, rule.nudge, rule.steps) = (.nudged, 1.5, 40)
        let notes = EnergyNotes()
        var sequence = PhaseSequence<Double>(
            try rule.phases(of: graph, loss: "loss", learning: nil))
        _ = try sequence(values, watch: NotingWatch(inner: rule.watch()!, notes: notes))
        #expect(notes.undone > 0)
        #expect(zip(notes.energies, notes.energies.dropFirst()).allSatisfy { $1 <= $0 + 1e-6 })
        // At the bottom: x = 1, of which half a square is left.
        #expect(abs(notes.energies.last! - 0.5) < 0.01, "\(notes.energies)")
    }

    @Test("The automatic rate is one over the curvature of the whole graph, fan-out summed")
    func curvature() throws {
        // A node that feeds three others of weight 1.
        let graph = Graph.build { builder in
            let x = builder.input("x").linear(weights: builder.parameter("a.weight"))
            let children = (0..<3).map { x.linear(weights: builder.parameter("b\($0).weight")) }
            builder.output(1e-9 * (children[0] + children[1] + children[2]).sum(), "loss")
        }
        var values = ["x": Tensor<Double>([1], shape: [1, 1])]
        for path in graph.parameters.keys { values[path] = Tensor([1], shape: [1, 1]) }
        var rule = PredictiveCoding()
        rule.output = .nudged
        var sequence = PhaseSequence<Double>(
            try rule.phases(of: graph, loss: "loss", learning: nil))
        _ = try sequence(values, watch: rule.watch())
        let curvature = 1 / sequence.carried["rate"]!.item
        #expect(abs(curvature - (5 + 21.0.squareRoot()) / 2) < 1e-3, "\(curvature)")
    }

    @Test("Inference that diverges is stopped, with the layer's name and what to do")
    func divergence() throws {
        let (graph, values) = network(gain: 3)
        var rule = PredictiveCoding()
        (rule.steps, rule.rate) = (200, .fixed(2))
        #expect {
            try PhaseSequence<Double>.gradients(rule, of: graph, values)
        } throws: { error in
            guard case .diverged(let node, let step, _, let remedy) = error as? LearningRuleError
            else { return false }
            return node.hasPrefix("layers.") && step > 2 && remedy.contains("inference rate")
        }
        // What is no number at all is found too.
        var broken = values
        broken["layers.1.weight"] = broken["layers.1.weight"]!.map { _ in .nan }
        rule.rate = .automatic
        #expect(throws: LearningRuleError.self) {
            try PhaseSequence<Double>.gradients(rule, of: graph, broken)
        }
    }

    @Test("Inference ends early where hardly anything moves, and momentum gets there sooner")
    func tolerance() throws {
        let (graph, values) = network()
        func runs(_ momentum: Double) throws -> Int {
            var rule = PredictiveCoding()
            (rule.steps, rule.tolerance, rule.momentum) = (5000, 1e-8, momentum)
            var sequence = PhaseSequence<Double>(
                try rule.phases(of: graph, loss: "loss", learning: nil))
            _ = try sequence(values, watch: rule.watch())
            return sequence.runs[2]
        }
        let plain = try runs(0), fast = try runs(0.5)
        #expect(plain < 1000 && fast < plain, "\(plain), \(fast)")
    }

    @Test("Precisions weigh the errors of their layer")
    func precisions() throws {
        let (graph, values) = network()
        var rule = PredictiveCoding()
        (rule.steps, rule.nudge) = (3000, 1)
        func energies(_ precisions: [String: Double]) throws -> [String: Double] {
            rule.precisions = precisions
            var sequence = PhaseSequence<Double>(
                try rule.phases(of: graph, loss: "loss", learning: nil))
            let outputs = try sequence(values, watch: rule.watch())
            return outputs.filter { $0.key.hasPrefix("energy.") }.mapValues(\.item)
        }
        let even = try energies([:]), stiff = try energies(["layers.0": 100])
        #expect(Set(even.keys) == ["energy.layers.0", "energy.layers.1"])
        #expect(stiff["energy.layers.0"]! < 0.1 * even["energy.layers.0"]!)
    }

    @Test("Norms over a batch and reversed gradients are refused with the reason")
    func refusals() {
        func refused(_ body: (GraphBuilder) -> Value) -> String? {
            let graph = Graph.build { $0.output(body($0), "loss") }
            do {
                _ = try PredictiveCoding().phases(of: graph, loss: "loss", learning: nil)
                return nil
            } catch {
                return "\(error)"
            }
        }
        let reversed = refused { builder in
            builder.input("x").linear(weights: builder.parameter("w"))
                .reversingGradient(times: builder.input("lambda")).sum()
        }
        #expect(reversed?.contains("reversed") == true)
        let plain = refused { $0.input("x").linear(weights: $0.parameter("w")).sum() }
        #expect(plain == nil)
    }

    @Test("Compiled it is what the reference computes")
    func compiled() throws {
        let network = SmallNetwork()
        var random = RandomSource(seed: 3)
        let batch = SmallNetwork.batch(&random)
        var rule = PredictiveCoding()
        for coordinates in [PredictiveCoding.Coordinates.values, .errors] {
            (rule.coordinates, rule.steps, rule.nudge) = (coordinates, 10, 20)
            let one = try network.step(rule)(network.parameters(), batch)
            let other = try network.compiled(rule, batch)(network.parameters(), batch)
            #expect(relativeDistance(other.doubles, one.doubles) < 1e-3)
            #expect(Set(one.energies.keys) == Set(other.energies.keys) && !one.energies.isEmpty)
        }
    }

    @Test(
        "What is measured before the first step of inference serves all that learn",
        arguments: [
            PredictiveCoding.Coordinates.values, .errors, .valuesWithFixedPredictions,
        ])
    func incrementalRate(coordinates: PredictiveCoding.Coordinates) throws {
        let network = SmallNetwork()
        var random = RandomSource(seed: 3)
        let batch = SmallNetwork.batch(&random)
        var rule = PredictiveCoding()
        (rule.isIncremental, rule.steps, rule.nudge) = (true, 3, 30)
        rule.coordinates = coordinates
        for step in [try network.step(rule), try network.compiled(rule, batch)] {
            let outcomes = try (0..<4).map { _ in try step(network.parameters(), batch) }
            #expect(outcomes.allSatisfy { $0.gradients.count == network.declarations.count })
            #expect(outcomes[1].energies != outcomes[2].energies)
        }
    }

    @Test(
        "The incremental variant learns at every step of inference, and asks for a batch after the last"
    )
    func incremental() throws {
        let network = SmallNetwork()
        var random = RandomSource(seed: 3)
        let batch = SmallNetwork.batch(&random)
        var rule = PredictiveCoding()
        (rule.isIncremental, rule.steps, rule.nudge, rule.rate) = (true, 4, 30, .fixed(0.1))
        let step = try network.step(rule)
        var gradients: [[String: Tensor<Float>]] = []
        for call in 0..<8 {
            #expect(step.needsBatch == (call % 4 == 0))
            let outcome = try step(network.parameters(), batch)
            #expect(outcome.loss.isFinite)
            gradients.append(outcome.gradients)
        }
        // At first nothing but the last layer has an error; a new batch begins anew.
        #expect(gradients[0]["head.weight"] != gradients[1]["head.weight"])
        #expect(gradients[0] == gradients[4] && gradients[3] == gradients[7])
        let first = network.graph.parameters.keys.filter { $0.hasPrefix("block") }
        #expect(
            first.allSatisfy { path in gradients[0][path]?.elements.allSatisfy { $0 == 0 } ?? true }
        )
        #expect(first.contains { path in gradients[3][path]!.elements.contains { $0 != 0 } })
    }
}
