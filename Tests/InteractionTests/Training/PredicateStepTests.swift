import Compute
import Graphs
import Learning
import Networks
import Tensors
import TestSupport
import Testing

@testable import Interaction

private func small(_ objective: PredicateObjective) -> PredicateSettings {
    var settings = PredicateSettings(objective, steps: 10)
    (settings.positives, settings.negatives, settings.widths) = (3, 2, [6, 5])
    settings.aligned = 2 * PredicateSettings.groupSize
    return settings
}

private let verbCount = 4, lambda = 0.37

/// Values of everything that a step reads.
private func filled(
    _ networks: PredicateNetworks, _ settings: PredicateSettings, seed: UInt64 = 3
) -> [String: Tensor<Double>] {
    var random = RandomSource(seed: seed)
    let kinds = COCO.categories.count
    /// Numbers that sum to 1 in each row.
    func shares(_ rows: Int) -> Tensor<Double> {
        Tensor(
            (0..<rows).flatMap { _ in
                let row = (0..<kinds).map { _ in random.uniform(in: 0.1..<1) }
                return row.map { $0 / row.reduce(0, +) }
            }, shape: [rows, kinds])
    }
    func codes(_ rows: Int, _ width: Int) -> Tensor<Double> {
        var codes = Tensor<Double>(repeating: 0, shape: [rows, width])
        for row in 0..<rows { codes[row, random.index(below: width)] = 1 }
        return codes
    }
    var values = Parameters(initialising: networks, using: &random).values.mapValues {
        $0.converted(to: Double.self)
    }
    let pairs = settings.positives + settings.negatives
    values["features"] = .normal([pairs, SpatialFeatures.count], using: &random)
    values["labels"] = codes(pairs, verbCount)
    values["known"] = codes(pairs, verbCount).map { 1 - $0 }
    values["objects"] = codes(pairs, kinds)
    values["lambda"] = Tensor(lambda)
    values["aligned.features"] = .normal(
        [settings.aligned, SpatialFeatures.count], using: &random)
    values["aligned.objects"] = shares(settings.aligned)
    values["aligned.priors"] = shares(settings.aligned)
    values["aligned.verbs"] = codes(settings.aligned, verbCount)
    return values
}

@Suite("A step of the predicate head's training")
struct PredicateStepTests {
    /// What a parameter's gradient is to make small.
    private func goal(
        _ objective: PredicateObjective, isHead: Bool, _ losses: [String: Tensor<Double>]
    ) -> Double {
        func loss(_ name: String) -> Double { losses[name]!.item }
        guard isHead else { return loss("discriminator") }
        return switch objective {
        case .prior, .erm: loss("verbs")
        case .dann, .cdann: loss("verbs") - lambda * loss("discriminator")
        case .klprior, .coral: loss("verbs") + lambda * loss("alignment")
        }
    }

    @Test(
        "Alignment of an earlier layer leaves those behind it alone",
        arguments: [PredicateObjective.dann, .klprior, .coral])
    func alignedLayer(objective: PredicateObjective) throws {
        var settings = small(objective)
        settings.alignedLayer = 0
        let networks = PredicateNetworks(settings, verbCount: verbCount)
        let graph = PredicateStep.learningGraph(networks, settings)
        var values = filled(networks, settings).filter {
            (graph.inputs[$0.key] ?? graph.parameters[$0.key]) != nil
        }
        let first = try graph.evaluate(values)
        values["lambda"] = Tensor(0)
        let second = try graph.evaluate(values)
        for (path, isMoved) in [
            ("geometry.encoder.0.weight", true), ("geometry.encoder.1.weight", false),
            ("geometry.verbs.weight", false),
        ] {
            let name = "gradient.\(path)"
            #expect((first[name]!.elements != second[name]!.elements) == isMoved, "\(path)")
        }
    }

    @Test(
        "The head goes down its own goal, the discriminator down its error",
        arguments: PredicateObjective.allCases)
    func gradients(objective: PredicateObjective) throws {
        let settings = small(objective)
        let networks = PredicateNetworks(settings, verbCount: verbCount)
        let graph = PredicateStep.learningGraph(networks, settings)
        let values = filled(networks, settings).filter {
            (graph.inputs[$0.key] ?? graph.parameters[$0.key]) != nil
        }
        let results = try graph.evaluate(values)
        var random = RandomSource(seed: 9)
        let learned = networks.declarations.filter(\.isLearned).map(\.path)
        for path in learned {
            let gradient = try #require(results["gradient." + path], "\(path)")
            let isHead = path.hasPrefix("geometry")
            // Along one random direction.
            let direction = gradient.elements.map { _ in random.normal() }
            func moved(_ step: Double) throws -> Double {
                var values = values
                values[path] = Tensor(
                    zip(values[path]!.elements, direction).map { $0 + step * $1 },
                    shape: gradient.shape)
                return goal(objective, isHead: isHead, try graph.evaluate(values))
            }
            // A longer step would cross kinks: there are 8192 rectified numbers in each hidden layer.
            let slope = (try moved(1e-7) - moved(-1e-7)) / 2e-7
            let found = zip(gradient.elements, direction).reduce(0) { $0 + $1.0 * $1.1 }
            #expect(
                abs(found - slope) <= 1e-4 * max(abs(slope), 1e-2), "\(path): \(found), \(slope)")
        }
        #expect(
            Set(graph.outputs.map(\.name).filter { $0.hasPrefix("gradient.") })
                == Set(learned.map { "gradient." + $0 }))
    }

    @Test("Without λ alignment leaves the head alone", arguments: PredicateObjective.allCases)
    func noLambda(objective: PredicateObjective) throws {
        guard objective.aligns else { return }
        let settings = small(objective)
        let networks = PredicateNetworks(settings, verbCount: verbCount)
        var values = filled(networks, settings)
        values["lambda"] = Tensor(0.0)
        let plain = PredicateStep.learningGraph(
            PredicateNetworks(small(.erm), verbCount: verbCount), small(.erm))
        let expected = try plain.evaluate(
            values.filter { (plain.inputs[$0.key] ?? plain.parameters[$0.key]) != nil })
        let graph = PredicateStep.learningGraph(networks, settings)
        let found = try graph.evaluate(
            values.filter { (graph.inputs[$0.key] ?? graph.parameters[$0.key]) != nil })
        for (name, gradient) in expected where name.hasPrefix("gradient.") {
            #expect(relativeError(found[name]!.converted(to: Float.self), gradient) < 1e-5)
        }
    }

    @Test("What is unknown of a pair teaches nothing")
    func unknown() throws {
        let settings = small(.erm)
        let networks = PredicateNetworks(settings, verbCount: verbCount)
        let graph = PredicateStep.learningGraph(networks, settings)
        var values = filled(networks, settings).filter {
            (graph.inputs[$0.key] ?? graph.parameters[$0.key]) != nil
        }
        let pairs = settings.positives + settings.negatives
        values["known"] = Tensor(
            (0..<pairs * verbCount).map { $0 % verbCount == 2 ? 0 : 1 }, shape: [pairs, verbCount])
        let results = try graph.evaluate(values)
        let bias = results["gradient.geometry.verbs.bias"]!.elements
        #expect(bias[2] == 0 && bias[0] != 0 && bias[3] != 0)
    }

    @Test("A compiled step equals the reference", arguments: PredicateObjective.allCases)
    func compiled(objective: PredicateObjective) throws {
        let settings = small(objective)
        let networks = PredicateNetworks(settings, verbCount: verbCount)
        let graph = PredicateStep.learningGraph(networks, settings)
        let values = filled(networks, settings)
        let expected = try graph.evaluate(
            values.filter { (graph.inputs[$0.key] ?? graph.parameters[$0.key]) != nil })
        let parameters = Parameters(
            networks.declarations.map { ($0.path, values[$0.path]!.converted(to: Float.self)) })
        let step = try PredicateStep(networks, parameters: parameters, settings)
        let batch = values.filter { graph.inputs[$0.key] != nil }
        let outcome = try step(parameters, batch.mapValues { $0.converted(to: Float.self) })
        #expect(abs(outcome.loss - expected["loss"]!.item) <= 1e-4 * abs(outcome.loss))
        for (path, gradient) in outcome.gradients {
            #expect(relativeError(gradient, expected["gradient." + path]!) <= 1e-4, "\(path)")
        }
        #expect(step.lastLosses["discriminator"] != nil || !objective.isAdversarial)
    }

    @Test(
        "An adversary of spectral norm 1 does not care how large its weights are",
        arguments: [PredicateObjective.dann, .cdann, .klprior])
    func spectral(objective: PredicateObjective) throws {
        var settings = small(objective)
        settings.isSpectral = true
        let networks = PredicateNetworks(settings, verbCount: verbCount)
        let layers = networks.discriminator!.spectralLayers
        #expect(layers.count == 3)
        let graph = PredicateStep.learningGraph(networks, settings)
        let values = filled(networks, settings)
        var parameters = Parameters(
            networks.declarations.map { ($0.path, values[$0.path]!.converted(to: Float.self)) })
        let batch = values.filter {
            graph.inputs[$0.key] != nil && !$0.key.hasPrefix("spectral.")
        }.mapValues { $0.converted(to: Float.self) }
        let spectral = parameters.singularDirections(of: layers)
        var all = values.filter { (graph.inputs[$0.key] ?? graph.parameters[$0.key]) != nil }
        for (name, direction) in spectral.directions {
            all[name] = direction.converted(to: Double.self)
        }
        let expected = try graph.evaluate(all)
        let step = try PredicateStep(networks, parameters: parameters, settings)
        let outcome = try step(parameters, batch)
        #expect(abs(outcome.loss - expected["loss"]!.item) <= 1e-4 * abs(outcome.loss))
        for (path, gradient) in outcome.gradients {
            #expect(relativeError(gradient, expected["gradient." + path]!) <= 1e-4, "\(path)")
        }
        #expect(outcome.statistics == spectral.vectors)
        for layer in layers {
            let place = parameters.position(of: layer.weightPath)!
            parameters[place] = parameters[place].map { 7 * $0 }
        }
        let larger = try step(parameters, batch)
        #expect(abs(larger.loss - outcome.loss) <= 1e-4 * abs(outcome.loss))
        // Without the norm they would.
        settings.isSpectral = false
        let free = PredicateNetworks(settings, verbCount: verbCount)
        let freeStep = try PredicateStep(free, parameters: parameters, settings)
        let stretched = try freeStep(parameters, batch)
        #expect(abs(stretched.loss - outcome.loss) > 1e-2 * abs(outcome.loss))
    }

    @Test("Moments of two groups are as far apart as worked out by hand")
    func moments() throws {
        // Two couples of two groups of two rows.
        let rows: [Double] = [
            0, 0, 2, 2, 1, 5, 1, 5,
            1, 2, 3, 4, 1, 2, 3, 4,
        ]
        let graph = Graph.build { builder in
            builder.output(builder.input("x").momentDistance(groupSize: 2, features: 2), "y")
        }
        let found = try graph.evaluate(["x": Tensor(rows, shape: [8, 2])])["y"]!.item
        // Means (1, 1) and (1, 5); covariances all 2, and all 0. The second couple is alike.
        let expected = (16.0 / 2 + 4.0) / 2
        #expect(abs(found - expected) < 1e-12)
    }
}

extension PredicateStep {
    /// The graph of a step with all gradients.
    fileprivate static func learningGraph(
        _ networks: PredicateNetworks, _ settings: PredicateSettings
    ) -> Graph {
        objectives(networks, settings).reduce(graph(networks, settings)) {
            Backpropagation().appendingGradients(to: $0, of: $1.loss, learning: $1.paths)
        }
    }
}
