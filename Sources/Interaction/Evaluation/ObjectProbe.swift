// How much of the object is left in what predicates are told by.
import Compute
import Graphs
import Learning
import Networks
import Tensors

/// Accuracies of linear classifiers that tell the kind of object from the head's features, which stay as they are.
///
/// The lower above chance, the less predicates lean on the object. Verbs say much of their object by themselves, so a
/// second classifier is told the verb too: what it gains by the features is what they say beyond the verb.
public struct ObjectProbe: Sendable, Equatable {
    /// Told by the features; and always the most frequent object.
    public let features: Double, chance: Double
    /// Told by the features and the verb; and always the verb's most frequent object.
    public let featuresGivenVerb: Double, chanceGivenVerb: Double
    /// Interactions that were learned from and measured on.
    public let trained: Int, measured: Int

    private struct Sample { let pair: Int, verb: Int }

    /// Learns on the interactions of every other picture, and measures on the others.
    ///
    /// - Parameter encodings: `[pairs, features]`, as ``PredicateScorer/encodings(of:)`` gives them.
    /// - Throws: `PlanError`, `TrainingError`, ``PredicateTrainingError`` where one half shows nothing.
    public init(
        _ encodings: Tensor<Float>, of pairs: LabelledPairs, steps: Int = 1500, seed: UInt64 = 1
    ) throws {
        var halves: [[Sample]] = [[], []]
        for index in 0..<pairs.count {
            for verb in pairs.verbs[index] {
                halves[pairs.places[index].picture % 2].append(Sample(pair: index, verb: verb))
            }
        }
        guard !halves[0].isEmpty, !halves[1].isEmpty else {
            throw PredicateTrainingError(problem: "too few interactions to learn objects from")
        }
        let (learned, asked) = (halves[0], halves[1])
        (trained, measured) = (learned.count, asked.count)
        var counts: [Int: Int] = [:], byVerb: [Int: [Int: Int]] = [:]
        for sample in learned {
            counts[pairs.objects[sample.pair], default: 0] += 1
            byVerb[sample.verb, default: [:]][pairs.objects[sample.pair], default: 0] += 1
        }
        // Of equally frequent objects the first, so that nothing depends on hashing.
        func mostFrequent(_ counts: [Int: Int]) -> Int {
            counts.max { ($0.value, -$0.key) < ($1.value, -$1.key) }!.key
        }
        let frequent = mostFrequent(counts), frequentByVerb = byVerb.mapValues(mostFrequent)
        func share(_ isRight: (Sample) -> Bool) -> Double {
            Double(asked.count(where: isRight)) / Double(asked.count)
        }
        chance = share { pairs.objects[$0.pair] == frequent }
        chanceGivenVerb = share {
            pairs.objects[$0.pair] == frequentByVerb[$0.verb, default: frequent]
        }
        features = try Self.accuracy(encodings, pairs, learned, asked, false, steps, seed)
        featuresGivenVerb = try Self.accuracy(encodings, pairs, learned, asked, true, steps, seed)
    }

    private static let batch = 512

    private static func accuracy(
        _ encodings: Tensor<Float>, _ pairs: LabelledPairs, _ learned: [Sample],
        _ asked: [Sample], _ readsVerb: Bool, _ steps: Int, _ seed: UInt64
    ) throws -> Double {
        let width = encodings.shape[1]
        let inputs = width + (readsVerb ? pairs.verbNames.count : 0)
        // From zero, as the problem is convex: what is not learned is not guessed either.
        let classifier = LinearLayer(
            "probe", inputs, COCO.categories.count, initialiser: .zeros)
        let scales = deviations(of: encodings)
        func rows(_ samples: [Sample]) -> Tensor<Float> {
            Tensor(shape: [batch, inputs]) { target in
                target.update(repeating: 0)
                encodings.withUnsafeBufferPointer { source in
                    for (row, sample) in samples.enumerated() {
                        for column in 0..<width {
                            target[row * inputs + column] =
                                source[sample.pair * width + column] / scales[column]
                        }
                        if readsVerb { target[row * inputs + width + sample.verb] = 1 }
                    }
                }
            }
        }
        let graph = Graph.build { builder in
            let logits = classifier(builder.input("x"))
            builder.output(logits, "logits")
            builder.output(logits.crossEntropy(indices: builder.input("object")), "loss")
        }
        var random = RandomSource(seed: seed)
        let first = Parameters(initialising: classifier, using: &random)
        var shapes = Dictionary(uniqueKeysWithValues: first.map { ($0.path, $0.tensor.shape) })
        shapes["x"] = [batch, inputs]
        shapes["object"] = [batch]
        let step = try TrainingStep(
            Backpropagation(), of: graph, [TrainingObjective("loss")], shapes: shapes)
        var trainer = Trainer(
            TrainingState(
                parameters: first, optimiser: Adam(), averageDecay: 0.99, seed: seed),
            options: TrainingOptions(
                steps: steps, schedule: .cosine(peak: 1e-2, steps: steps)))
        _ = try trainer.run(
            batch: { _, random in
                (0..<batch).map { _ in learned[random.index(below: learned.count)] }
            },
            step: { parameters, samples in
                let objects = samples.map { Float(pairs.objects[$0.pair]) }
                return try step(
                    parameters, ["x": rows(samples), "object": Tensor(objects, shape: [batch])])
            })
        let plan = try Plan(
            Graph.build { $0.output(classifier($0.input("x")), "logits") }, shapes: shapes)
        plan.setParameters(trainer.state.result.values)
        var right = 0
        for start in stride(from: 0, to: asked.count, by: batch) {
            let samples = Array(asked[start..<min(start + batch, asked.count)])
            let logits = try plan.run(["x": rows(samples)])["logits"]!.elements
            let kinds = COCO.categories.count
            for (row, sample) in samples.enumerated() {
                let line = logits[row * kinds..<(row + 1) * kinds]
                if line.firstIndex(of: line.max()!)! - row * kinds == pairs.objects[sample.pair] {
                    right += 1
                }
            }
        }
        return Double(right) / Double(asked.count)
    }

    /// How much each feature varies, so that all are learned at one pace.
    private static func deviations(of encodings: Tensor<Float>) -> [Float] {
        let (rows, width) = (encodings.shape[0], encodings.shape[1])
        var sums = [Double](repeating: 0, count: width), squares = sums
        encodings.withUnsafeBufferPointer { values in
            for row in 0..<rows {
                for column in 0..<width {
                    let value = Double(values[row * width + column])
                    sums[column] += value
                    squares[column] += value * value
                }
            }
        }
        return zip(sums, squares).map { sum, square in
            let mean = sum / Double(max(rows, 1))
            let variance = square / Double(max(rows, 1)) - mean * mean
            return variance > 1e-8 ? Float(variance.squareRoot()) : 1
        }
    }
}
