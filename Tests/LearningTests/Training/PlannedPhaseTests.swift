// A compiled step whose values stay in its plans does what the reference does.
import Graphs
import Learning
import Networks
import TestSupport
import Tensors
import Testing

@Suite("Phases that plans compute")
struct PlannedPhaseTests {
    /// Two convolutions of more channels than a block has and a layer, so that values stand channel-blocked and row-major.
    private struct Pictures {
        let graph: Graph
        let parameters: Parameters
        let batch: [String: Tensor<Float>]

        init(seed: UInt64) {
            var random = RandomSource(seed: seed)
            var tensors: [(path: String, tensor: Tensor<Float>)] = []
            func weights(_ builder: GraphBuilder, _ path: String, _ shape: Shape) -> Value {
                let fanIn = Double(shape.dimensions.dropFirst().reduce(1, *))
                tensors.append(
                    (path, .normal(shape, deviation: 1 / fanIn.squareRoot(), using: &random)))
                return builder.parameter(path)
            }
            graph = Graph.build { builder in
                let padding = ConvolutionGeometry(padding: 1)
                let first = builder.input("x").convolved(
                    with: weights(builder, "first.weight", [18, 3, 3, 3]), padding)
                let second = first.relu.convolved(
                    with: weights(builder, "second.weight", [16, 18, 3, 3]), padding)
                let flat = second.relu.reshaped([-1, 16 * 20])
                let y = flat.linear(weights: weights(builder, "last.weight", [5, 320]))
                let error = y - builder.input("target")
                builder.output((error * error).mean(), "loss")
            }
            parameters = Parameters(tensors)
            batch = [
                "x": .normal([2, 3, 4, 5], using: &random),
                "target": .normal([2, 5], using: &random),
            ]
        }

        func steps(
            _ rule: any LearningRule
        ) throws -> (reference: TrainingStep, compiled: TrainingStep) {
            let shapes = parameters.values.merging(batch) { $1 }.mapValues(\.shape)
            let objectives = [TrainingObjective("loss")]
            return (
                try TrainingStep(rule, of: graph, objectives) { graph, _ in graph },
                try TrainingStep(rule, of: graph, objectives, shapes: shapes)
            )
        }
    }

    @Test(
        "Every way of inference yields the reference's gradients, step after step",
        arguments: [
            PredictiveCoding.Coordinates.values, .errors, .valuesWithFixedPredictions,
        ], [PredictiveCoding.OutputNode.clamped, .nudged])
    func equality(
        coordinates: PredictiveCoding.Coordinates, output: PredictiveCoding.OutputNode
    ) throws {
        let pictures = Pictures(seed: 2)
        for (momentum, rate) in [
            (0, InferenceRate.automatic), (0.5, .automatic), (0.3, .fixed(0.05)),
        ] {
            var rule = PredictiveCoding()
            (rule.coordinates, rule.output) = (coordinates, output)
            (rule.momentum, rule.rate, rule.steps, rule.nudge) = (momentum, rate, 9, 5)
            // What is kept between measurements of the curvature must be kept here too.
            rule.curvatureInterval = 2
            let (reference, compiled) = try pictures.steps(rule)
            for step in 0..<3 {
                let scale = Float(1 + step)
                let batch = pictures.batch.mapValues { $0.map { scale * $0 } }
                let one = try reference(pictures.parameters, batch)
                let other = try compiled(pictures.parameters, batch)
                let distance = relativeDistance(other.doubles, one.doubles)
                #expect(distance < 1e-3, "step \(step), momentum \(momentum)")
                #expect(Set(one.energies.keys) == Set(other.energies.keys))
                for (name, energy) in one.energies {
                    #expect(abs(other.energies[name, default: -1] - energy) <= 1e-2 * energy + 1e-6)
                }
            }
        }
    }

    @Test("New parameters count from the next step on")
    func parameters() throws {
        let pictures = Pictures(seed: 4)
        var rule = PredictiveCoding()
        (rule.rate, rule.steps, rule.nudge) = (.fixed(0.05), 5, 5)
        let (reference, compiled) = try pictures.steps(rule)
        _ = try compiled(pictures.parameters, pictures.batch)
        let others = Parameters(pictures.parameters.map { ($0.path, $0.tensor.map { -$0 }) })
        let one = try reference(others, pictures.batch)
        let other = try compiled(others, pictures.batch)
        #expect(relativeDistance(other.doubles, one.doubles) < 1e-4)
    }

    @Test("Steps that the reference takes back are taken back")
    func undoing() throws {
        // The loss is a valley of straight sides: no curvature where inference begins, much at the bottom.
        let graph = Graph.build { builder in
            let x = builder.input("x").linear(weights: builder.parameter("a.weight"))
            builder.output(((x - 1) * (x - 1) + 1e-6).squareRoot.sum(), "loss")
        }
        let parameters = Parameters([("a.weight", Tensor<Float>([0], shape: [1, 1]))])
        let batch = ["x": Tensor<Float>([1], shape: [1, 1])]
        var rule = PredictiveCoding()
        (rule.output, rule.nudge, rule.steps) = (.nudged, 1.5, 40)
        let objectives = [TrainingObjective("loss")]
        let reference = try TrainingStep(rule, of: graph, objectives) { graph, _ in graph }
        let compiled = try TrainingStep(
            rule, of: graph, objectives,
            shapes: parameters.values.merging(batch) { $1 }.mapValues(\.shape))
        let one = try reference(parameters, batch), other = try compiled(parameters, batch)
        // At the bottom: x = 1, of which half a square is left.
        #expect(one.energies.values.allSatisfy { abs($0 - 0.5) < 0.01 })
        #expect(relativeDistance(other.doubles, one.doubles) < 1e-2)
        #expect(other.energies.values.allSatisfy { abs($0 - 0.5) < 0.01 })
    }

    @Test("Inference reads what the first layer predicts, not what it predicts from")
    func predictedOnce() throws {
        let pictures = Pictures(seed: 5)
        var rule = PredictiveCoding()
        rule.rate = .fixed(0.1)
        let phases = try rule.phases(of: pictures.graph, loss: "loss", learning: nil)
        #expect(phases[1].graph.inputs["x"] == nil)
        #expect(phases[1].graph.inputs["prediction.first"] != nil)
        #expect(phases[1].graph.parameters["first.weight"] == nil)
        // Its weights still learn.
        #expect(phases[2].graph.output("gradient.first.weight") != nil)
        // Where weights learn during inference predictions change with them.
        rule.isIncremental = true
        let incremental = try rule.phases(of: pictures.graph, loss: "loss", learning: nil)
        #expect(incremental[1].graph.inputs["x"] != nil)
    }
}
