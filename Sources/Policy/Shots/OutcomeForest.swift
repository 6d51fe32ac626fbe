// A forest that foresees several numbers at once.
import Glibc
import Networks
import Tensors

/// Trees grown on states and what came of them; each answer is the mean of the trees'.
///
/// - SeeAlso: Geurts et al., "Extremely randomized trees" (2006).
struct OutcomeForest: Sendable {
    let trees: [RegressionTree]
    /// Numbers of a state and of an outcome.
    let stateCount: Int, width: Int
    /// What the trees' answers are times and beyond, number by number, so that all count alike while they grow.
    let means: [Float], deviations: [Float]

    /// Grows a forest.
    init(states: [[Float]], outcomes: [[Float]], trees count: Int, least: Int, seed: UInt64) {
        precondition(states.count == outcomes.count && !states.isEmpty, "no examples")
        (stateCount, width) = (states[0].count, outcomes[0].count)
        var means = [Float](repeating: 0, count: width)
        var deviations = means
        for column in 0..<width {
            let values = outcomes.map { Double($0[column]) }
            let mean = values.reduce(0, +) / Double(values.count)
            let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
            means[column] = Float(mean)
            deviations[column] = Float(max(square.squareRoot(), 1e-6))
        }
        (self.means, self.deviations) = (means, deviations)
        let examples = RegressionTree.Examples(
            states: states.flatMap { $0 },
            actions: outcomes.flatMap { row in
                row.enumerated().map { ($1 - means[$0]) / deviations[$0] }
            }, stateCount: stateCount, actionCount: width)
        var random = RandomSource(seed: seed)
        trees = (0..<count).map { _ in RegressionTree(examples, least: least, using: &random) }
    }

    /// A forest of the given parts, as a file holds them.
    init(
        trees: [RegressionTree], stateCount: Int, means: [Float], deviations: [Float]
    ) {
        (self.trees, self.stateCount, width) = (trees, stateCount, means.count)
        (self.means, self.deviations) = (means, deviations)
    }

    /// What is foreseen of a state.
    func outcomes(of state: [Float]) -> [Float] {
        precondition(state.count == stateCount, "\(state.count) numbers of \(stateCount)")
        var sums = [Float](repeating: 0, count: width)
        state.withUnsafeBufferPointer { state in
            for tree in trees {
                let leaf = tree.leaf(state, from: 0)
                for column in 0..<width { sums[column] += tree.answers[leaf * width + column] }
            }
        }
        return sums.indices.map {
            means[$0] + deviations[$0] * sums[$0] / Float(max(trees.count, 1))
        }
    }

    // MARK: - Files

    /// Its parts, as a file holds them.
    var tensors: [(name: String, tensor: Tensor<Float>)] {
        let scale = [
            (name: "means", tensor: Tensor(means, shape: [width])),
            (name: "deviations", tensor: Tensor(deviations, shape: [width])),
        ]
        return scale + RegressionTree.tensors(trees, width: width)
    }

    /// The forest of a file.
    init(_ file: Safetensors, stateCount: Int, width: Int) throws(SafetensorsError) {
        (self.stateCount, self.width) = (stateCount, width)
        func numbers(_ name: String) throws(SafetensorsError) -> [Float] {
            guard let entry = file.entry(name) else { throw file.error(.missingTensor(name)) }
            guard entry.shape == [width] else {
                throw file.error(.wrongShape(tensor: name, expected: [width], found: entry.shape))
            }
            return try file.tensor(name).elements
        }
        (means, deviations) = (try numbers("means"), try numbers("deviations"))
        trees = try RegressionTree.read(file, features: stateCount, width: width)
        guard !trees.isEmpty else { throw file.error(.missingTensor("tree.0.nodes")) }
    }
}
