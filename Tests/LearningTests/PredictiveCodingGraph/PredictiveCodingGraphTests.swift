import Learning
import Tensors
import Testing

@Suite struct PredictiveCodingGraphTests {
    /// Four patterns of six pixels, one per label, with a little noise.
    private func patterns(
        _ rows: Int, using random: inout RandomSource
    ) -> (pictures: Tensor<Float>, labels: Tensor<Float>, classes: [Int]) {
        let shapes: [[Float]] = [
            [1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1], [1, 0, 1, 0, 1, 0], [0, 1, 0, 1, 0, 1],
        ]
        let classes = (0..<rows).map { $0 % 4 }
        let noise = Tensor<Float>.normal([rows, 6], deviation: 0.1, using: &random).elements
        let pictures = classes.enumerated().flatMap { row, label in
            (0..<6).map { shapes[label][$0] + noise[row * 6 + $0] }
        }
        let labels = classes.flatMap { label in (0..<4).map { $0 == label ? Float(1) : 0 } }
        return (
            Tensor(pictures, shape: [rows, 6]), Tensor(labels, shape: [rows, 4]), classes
        )
    }

    private func graph(
        _ topology: PCTopology, using random: inout RandomSource
    ) -> PredictiveCodingGraph {
        PredictiveCodingGraph(PCEnergy(topology), using: &random)
    }

    @Test("Weights without an edge are zero before and after learning, to the last bit")
    func masks() throws {
        var random = RandomSource(seed: 1)
        let topology = PCTopology.sparse(
            ["pixels": 6, "label": 4, "hidden": 8], density: 0.4, using: &random)
        var graph = graph(topology, using: &random)
        let data = patterns(40, using: &random)
        let before = graph.weights
        try graph.train(
            clamped: ["pixels": data.pictures, "label": data.labels],
            PCTraining(epochs: 3, batch: 10), using: &random)
        let mask = topology.mask.elements
        for (index, edge) in mask.enumerated() {
            let (old, new) = (before.elements[index], graph.weights.elements[index])
            #expect(edge == 0 ? old == 0 && new == 0 : old != new)
        }
    }

    @Test("Learning lowers the energy, and says so for each group")
    func learning() throws {
        var random = RandomSource(seed: 2)
        var graph = graph(.complete(["pixels": 6, "label": 4, "hidden": 8]), using: &random)
        let data = patterns(80, using: &random)
        var epochs: [PCEpoch] = []
        try graph.train(
            clamped: ["pixels": data.pictures, "label": data.labels],
            PCTraining(epochs: 20, batch: 20, rate: 5e-3, decay: 1e-3), using: &random
        ) { epochs.append($0) }
        #expect(epochs.map(\.number) == Array(1...20))
        #expect(epochs.allSatisfy { $0.energies.count == 3 })
        let totals = epochs.map { $0.energies.reduce(0, +) }
        #expect(totals.last! < 0.4 * totals[0])
    }

    @Test("One trained graph classifies pictures and draws labels")
    func queries() throws {
        var random = RandomSource(seed: 3)
        var graph = graph(.complete(["pixels": 6, "label": 4, "hidden": 8]), using: &random)
        let data = patterns(80, using: &random)
        func right() throws -> Int {
            let answer = try graph.condition(on: ["pixels": data.pictures])["label"].elements
            return data.classes.enumerated().count { row, label in
                let found = answer[row * 4..<(row + 1) * 4]
                return found.firstIndex(of: found.max()!)! - row * 4 == label
            }
        }
        #expect(try right() < 60)
        try graph.train(
            clamped: ["pixels": data.pictures, "label": data.labels],
            PCTraining(epochs: 40, batch: 20, rate: 5e-3, decay: 1e-2), using: &random)
        #expect(try right() == 80)
        let drawn = try graph.condition(on: ["label": data.labels])["pixels"].elements
        for row in 0..<4 {
            let distances = (0..<4).map { other in
                (0..<6).reduce(Float(0)) { sum, pixel in
                    let difference =
                        drawn[row * 6 + pixel] - data.pictures.elements[other * 6 + pixel]
                    return sum + difference * difference
                }
            }
            #expect(distances.firstIndex(of: distances.min()!) == row)
        }
    }

    @Test("The same seed gives the same weights, bit for bit")
    func repeatability() throws {
        func trained() throws -> Tensor<Float> {
            var random = RandomSource(seed: 4)
            var graph = graph(.complete(["pixels": 6, "label": 4, "hidden": 5]), using: &random)
            let data = patterns(30, using: &random)
            try graph.train(
                clamped: ["pixels": data.pictures, "label": data.labels],
                PCTraining(epochs: 2, batch: 10), using: &random)
            return graph.weights
        }
        #expect(try trained() == trained())
    }

    @Test("Weights that are not finite are reported as such")
    func badWeights() throws {
        var random = RandomSource(seed: 5)
        var graph = graph(.complete(["pixels": 6, "label": 4]), using: &random)
        let data = patterns(20, using: &random)
        #expect(throws: PCError.weightsNotFinite) {
            try graph.train(
                clamped: ["pixels": data.pictures, "label": data.labels],
                PCTraining(epochs: 50, batch: 10, rate: 1e30, decay: 0), using: &random)
        }
    }
}
