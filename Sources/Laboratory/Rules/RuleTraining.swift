// Trains a small network on pictures by any rule, compiled, and says how many it tells rightly.
import Compute
import Graphs
import Learning
import Networks
import Tensors

/// Training of a network by Adam, with gradients of any rule.
struct RuleTraining {
    /// Pictures of a step, rounds over all of them, and the learning rate, which falls to nothing along a cosine.
    var batch = 50, epochs = 4, rate = 1e-3
    /// Threads to compute with, and what pictures are drawn by.
    var threads = 1, seed: UInt64 = 1

    /// What came out.
    struct Outcome {
        /// The part of test pictures that are told rightly, after each round.
        var accuracies: [Double]
        /// Weights by path.
        var parameters: Parameters
    }

    /// Trains from the network's own start to tell pictures.
    ///
    /// - Throws: `LearningRuleError`, `PlanError`.
    func run(
        _ network: TrialNetwork, by rule: any LearningRule,
        _ pictures: (training: LabelledPictures, test: LabelledPictures), observe: (Int) -> Void
    ) throws -> Outcome {
        let teller = try Teller(network, batch: batch, threads: threads)
        var accuracies: [Double] = []
        let parameters = try trained(
            network, by: rule, count: pictures.training.count, observe: observe,
            inputs: { rows, _ in
                let some = pictures.training.selecting(rows)
                return [
                    "x": some.pictures.reshaped(to: Shape([rows.count] + network.input)),
                    "target": some.targets(classes: network.target[0]),
                ]
            }, after: { accuracies.append(try teller.accuracy($0, on: pictures.test)) })
        return Outcome(accuracies: accuracies, parameters: parameters)
    }

    /// Trains a network to draw what a label and some random numbers say, and lets it draw.
    ///
    /// - Parameters:
    ///   - codes: How many random numbers go in behind the label.
    ///   - draws: Pictures of each kind.
    func generator(
        _ network: TrialNetwork, by rule: any LearningRule, _ pictures: LabelledPictures,
        codes: Int, draws: Int, observe: (Int) -> Void
    ) throws -> LabelledPictures {
        func wishes(_ labels: [Int], _ random: inout RandomSource) -> Tensor<Float> {
            var rows: [Float] = []
            for label in labels {
                rows += (0..<10).map { $0 == label ? 1 : 0 }
                rows += (0..<codes).map { _ in Float(random.normal()) }
            }
            return Tensor(rows, shape: [labels.count, 10 + codes])
        }
        let parameters = try trained(
            network, by: rule, count: pictures.count, observe: observe,
            inputs: { rows, random in
                let some = pictures.selecting(rows)
                return ["x": wishes(some.labels, &random), "target": some.pictures]
            }, after: { _ in })
        let labels = (0..<10 * draws).map { $0 % 10 }
        var random = RandomSource(seed: seed &+ 1000)
        var shapes = parameters.values.mapValues(\.shape)
        shapes["x"] = [labels.count, 10 + codes]
        let plan = try Plan(
            network.graph.keepingOutputs { $0 == "y" }, shapes: shapes,
            options: PlanOptions(threads: threads))
        plan.setParameters(parameters.values)
        return LabelledPictures(
            try plan.run(["x": wishes(labels, &random)])["y"]!, labels: labels,
            width: pictures.width, height: pictures.height, origin: "drawn")
    }

    /// Weights after all rounds.
    private func trained(
        _ network: TrialNetwork, by rule: any LearningRule, count: Int, observe: (Int) -> Void,
        inputs: (ArraySlice<Int>, inout RandomSource) -> [String: Tensor<Float>],
        after: (Parameters) throws -> Void
    ) throws -> Parameters {
        var parameters = Parameters(
            network.parameters.map { ($0.path, $0.tensor.converted(to: Float.self)) })
        let shapes = parameters.values.mapValues(\.shape).merging([
            "x": Shape([batch] + network.input), "target": Shape([batch] + network.target),
        ]) { $1 }
        let step = try TrainingStep(
            rule, of: network.graph, [TrainingObjective("loss")], shapes: shapes,
            options: PlanOptions(threads: threads))
        var random = RandomSource(seed: seed)
        var adam = Adam()
        let batches = count / batch
        precondition(batches > 0, "\(count) pictures fill no batch")
        let schedule = Schedule.cosine(peak: rate, final: 0, warmUp: 0, steps: batches * epochs)
        for epoch in 0..<epochs {
            observe(epoch)
            let order = (0..<count).shuffled(using: &random)
            for index in 0..<batches {
                let some = inputs(order[index * batch..<(index + 1) * batch], &random)
                repeat {
                    let outcome = try step(parameters, some)
                    adam.step(
                        &parameters, outcome.gradients,
                        rate: schedule.rate(at: epoch * batches + index))
                } while !step.needsBatch
            }
            try after(parameters)
        }
        return parameters
    }
}

/// Tells pictures by a network, a batch at a time.
private struct Teller {
    private let network: TrialNetwork, plan: Plan, batch: Int

    init(_ network: TrialNetwork, batch: Int, threads: Int) throws {
        (self.network, self.batch) = (network, batch)
        var shapes = Dictionary(
            uniqueKeysWithValues: network.parameters.map { ($0.path, $0.tensor.shape) })
        shapes["x"] = Shape([batch] + network.input)
        plan = try Plan(
            network.graph.keepingOutputs { $0 == "y" }, shapes: shapes,
            options: PlanOptions(threads: threads))
    }

    /// The part of pictures, in whole batches, whose highest output is their label.
    func accuracy(_ parameters: Parameters, on pictures: LabelledPictures) throws -> Double {
        plan.setParameters(parameters.values)
        var right = 0
        for start in stride(from: 0, through: pictures.count - batch, by: batch) {
            let some = pictures.selecting(start..<start + batch)
            let x = some.pictures.reshaped(to: Shape([batch] + network.input))
            let said = try plan.run(["x": x])["y"]!
            right += zip(said.largestColumns, some.labels).count { $0 == $1 }
        }
        return Double(right) / Double(pictures.count / batch * batch)
    }
}
