import Graphs
import Learning
import Networks
import Tensors
import Testing

@testable import Memory

@Suite struct GenerativeInferenceTests {
    @Test("Settled activities are the minimum that the layers' equations give")
    func minimum() throws {
        var random = RandomSource(seed: 1)
        let network = GenerativeNetwork([3, 5, 9])
        let parameters = Parameters(initialising: network, using: &random)
        var rule = PredictiveCoding()
        (rule.steps, rule.momentum, rule.precisions) = (2000, 0.9, ["memory": 0.1])
        let inference = try GenerativeInference(network, rule, rows: 2, threads: 1)
        inference.setParameters(parameters)
        let pictures = Tensor<Float>.normal([2, 9], using: &random)
        let known = Tensor<Float>(
            [1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1], shape: [2, 9])
        let settled = try inference.settle(pictures, knowing: known)
        guard let top = settled.latents["memory"], let hidden = settled.latents["layer.0"],
            let b = parameters["memory.weight"], let w1 = parameters["layer.0.weight"],
            let w0 = parameters["layer.1.weight"]
        else {
            Issue.record("a layer is missing")
            return
        }
        #expect(network.latentLayers == ["memory", "layer.0"])
        // ε = x - μ layer by layer, and the slope Πε - f'(x) Wᵀ ε, written out.
        for row in 0..<2 {
            let x2 = top.row(row), x1 = hidden.row(row)
            let f2 = x2.map(Double.tanh), f1 = x1.map(Double.tanh)
            let e2 = (0..<3).map { 0.1 * (x2[$0] - Double(b[$0, 0])) }
            let e1 = (0..<5).map { i in
                x1[i] - (0..<3).reduce(0) { $0 + Double(w1[i, $1]) * f2[$1] }
            }
            let e0 = (0..<9).map { i in
                let predicted = (0..<5).reduce(0) { $0 + Double(w0[i, $1]) * f1[$1] }
                return Double(known[row, i]) * (Double(pictures[row, i]) - predicted)
            }
            for j in 0..<5 {
                let pull = (0..<9).reduce(0) { $0 + Double(w0[$1, j]) * e0[$1] }
                #expect(abs(e1[j] - (1 - f1[j] * f1[j]) * pull) < 1e-4)
            }
            for j in 0..<3 {
                let pull = (0..<5).reduce(0) { $0 + Double(w1[$1, j]) * e1[$1] }
                #expect(abs(e2[j] - (1 - f2[j] * f2[j]) * pull) < 1e-4)
            }
            let read = try inference.pictures(of: settled.latents).row(row)
            for i in 0..<9 {
                let predicted = (0..<5).reduce(0) { $0 + Double(w0[i, $1]) * f1[$1] }
                #expect(abs(read[i] - predicted) < 1e-5)
            }
        }
    }

    @Test("Inference goes on from given activities, and never raises the energy without momentum")
    func goesOn() throws {
        var random = RandomSource(seed: 2)
        let network = GenerativeNetwork([4, 10, 10, 20])
        var rule = PredictiveCoding()
        (rule.steps, rule.precisions) = (5, ["memory": 0.1])
        let inference = try GenerativeInference(network, rule, rows: 3, threads: 1)
        inference.setParameters(Parameters(initialising: network, using: &random))
        let pictures = Tensor<Float>.normal([3, 20], using: &random)
        let known = Tensor<Float>(repeating: 1, shape: [3, 20])
        var latents: GenerativeInference.Latents?
        var energies: [Double] = []
        for _ in 0..<8 {
            let settled = try inference.settle(pictures, knowing: known, from: latents)
            latents = settled.latents
            energies.append(settled.energy)
        }
        for (a, b) in zip(energies, energies.dropFirst()) { #expect(b <= a * (1 + 1e-5)) }
        #expect(energies[7] < energies[0])
        #expect(latents?.count == 3)
    }

    @Test("Weights learn what the energy's slope by them is")
    func gradients() throws {
        var random = RandomSource(seed: 3)
        let network = GenerativeNetwork([2, 4, 6])
        var parameters = Parameters(initialising: network, using: &random)
        var rule = PredictiveCoding()
        (rule.steps, rule.momentum, rule.precisions) = (3000, 0.9, ["memory": 0.1])
        let inference = try GenerativeInference(network, rule, rows: 2, threads: 1)
        let pictures = Tensor<Float>.normal([2, 6], using: &random)
        let known = Tensor<Float>(repeating: 1, shape: [2, 6])
        inference.setParameters(parameters)
        let settled = try inference.settle(pictures, knowing: known)
        #expect(Set(settled.gradients.keys) == Set(parameters.paths))
        // At the minimum over activities the energy's slope by a weight is that with activities held.
        for (position, path) in parameters.paths.enumerated() {
            let original = parameters[position][0, 0]
            func energy(_ shift: Float) throws -> Double {
                parameters.withElements(at: position) { $0[0] = original + shift }
                inference.setParameters(parameters)
                return try inference.settle(pictures, knowing: known).energy
            }
            let slope = (try energy(0.01) - energy(-0.01)) / 0.02
            _ = try energy(0)
            #expect(
                agree(Double(settled.gradients[path]?[0, 0] ?? .nan), slope, to: 5e-3), "\(path)")
        }
    }
}
