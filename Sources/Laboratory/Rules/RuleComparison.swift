// Gradients of rules beside backpropagation's on our own networks, layer by layer.
import Compute
import Enhancement
import Graphs
import Interaction
import Learning
import Networks
import Tensors

/// Measures how far the gradients of rules are from backpropagation's on a network of ours with its trained weights.
public struct RuleComparison: Sendable {
    /// The networks by name.
    public enum Network: String, CaseIterable, Sendable {
        /// Generators.
        case live, studio
        /// What tells verbs from how boxes lie.
        case hoi
    }

    /// A rule and what it is called.
    public struct Rule: Sendable {
        public var name: String
        public var rule: any LearningRule
        public init(_ name: String, _ rule: any LearningRule) {
            (self.name, self.rule) = (name, rule)
        }
    }

    /// Rules by their names: zil; pc, which moves errors; pc-values; pc-fixed.
    ///
    /// - Parameters:
    ///   - nudge: What the loss of a sample counts.
    ///   - steps: Steps of inference.
    public static func rule(_ name: String, nudge: Double, steps: Int) -> Rule? {
        var coding = PredictiveCoding()
        (coding.nudge, coding.steps) = (nudge, steps)
        switch name {
        case "zil": return Rule(name, ZeroDivergence())
        case "pc": coding.coordinates = .errors
        case "pc-values": coding.coordinates = .values
        case "pc-fixed": coding.coordinates = .valuesWithFixedPredictions
        default: return nil
        }
        return Rule(name, coding)
    }

    /// Names that ``rule(_:nudge:steps:)`` knows.
    public static let ruleNames = ["zil", "pc", "pc-values", "pc-fixed"]

    private let graph: Graph
    private let parameters: Parameters
    private let learned: [String]
    private let inputs: [String: Tensor<Float>]

    /// A network with the weights of a file, on random input of its kind.
    ///
    /// - Throws: `ModelNotFound`, `SafetensorsError`.
    public init(_ network: Network, batch: Int = 2, seed: UInt64 = 1) throws {
        var random = RandomSource(seed: seed)
        switch network {
        case .live, .studio:
            let model = try EnhancementModel(
                contentsOf: try ModelCatalogue.current.path(of: network.rawValue))
            let generator = model.generator
            (parameters, learned) = (model.parameters, generator.declarations.map(\.path))
            inputs = [
                "packets": .normal([batch, generator.shape.inputs, 16, 16], using: &random),
                "target": .normal([batch, NetworkChannels.outputs, 16, 16], using: &random),
            ]
            graph = Graph.build { builder in
                let error = generator(builder.input("packets")) - builder.input("target")
                builder.output((error * error).mean(), "loss")
            }
        case .hoi:
            let model = try PredicateModel(
                contentsOf: try ModelCatalogue.current.path(
                    of: "verbs", advice: "'hoi models' lists those there are"))
            let head = model.head
            parameters = model.parameters
            learned = head.declarations.filter(\.isLearned).map(\.path)
            let verbs = head.verbCount
            inputs = [
                "features": .uniform([8 * batch, head.featureCount], in: 0..<1, using: &random),
                "labels": .uniform([8 * batch, verbs], in: 0..<0.1, using: &random),
            ]
            graph = Graph.build { builder in
                let logits = head(builder.input("features"))
                builder.output((logits.softplus - builder.input("labels") * logits).mean(), "loss")
            }
        }
    }

    /// A row for each layer with weights: the relative difference of each rule's gradient, and the cosine over all.
    ///
    /// - Throws: `LearningRuleError`, `PlanError`.
    public func table(_ rules: [Rule], threads: Int) throws -> ResultTable {
        let shapes = parameters.values.merging(inputs) { $1 }.mapValues(\.shape)
        func gradients(_ rule: any LearningRule) throws -> [String: Tensor<Float>] {
            let step = try TrainingStep(
                rule, of: graph, [TrainingObjective("loss", learning: learned)], shapes: shapes,
                options: PlanOptions(threads: threads))
            return try step(parameters, inputs).gradients
        }
        let truth = try gradients(Backpropagation()).mapValues { $0.converted(to: Double.self) }
        let found = try rules.map { try gradients($0.rule) }
        var table = ResultTable(
            "relative difference of gradients from backpropagation's",
            columns: ["parameter"] + rules.map(\.name))
        // In the order of the network.
        for path in learned {
            guard let expected = truth[path], expected.elements.contains(where: { $0 != 0 }) else {
                continue
            }
            table.rows.append(
                [.text(path)]
                    + found.map { gradient in
                        .number(
                            GradientDistance(
                                of: gradient.filter { $0.key == path }, from: [path: expected]
                            ).relative)
                    })
        }
        let all = found.map { GradientDistance(of: $0, from: truth) }
        table.rows.append([.text("all")] + all.map { .number($0.relative) })
        table.rows.append([.text("1 - cosine of all")] + all.map { .number($0.angular) })
        return table
    }
}
