import Interaction
import Networks
import Tensors
import TestSupport
import Testing

@Suite("A detector's weights")
struct DetectorWeightsTests {
    private let folder = TemporaryFolder()
    private let shape = DarknetShape(channels: 4, depth: 3, isDepthwise: true)

    /// A network with norms that do something.
    private func trained() -> (network: YOLOX, parameters: Parameters) {
        let network = YOLOX(shape, classCount: 3, norm: .separate(.inference))
        var random = RandomSource(seed: 6)
        var parameters = Parameters(initialising: network, using: &random)
        for (position, path) in parameters.map(\.path).enumerated() where path.contains(".bn.") {
            let span = path.hasSuffix("bias") || path.hasSuffix("mean") ? -0.3..<0.3 : 0.5..<1.5
            parameters[position] = Tensor.uniform(
                parameters[path]!.shape, in: span, using: &random)
        }
        return (network, parameters)
    }

    @Test(
        "Norms are folded as a file is read, whoever wrote it",
        arguments: ["model", "", "state_dict"])
    func folding(home: String) throws {
        let (network, parameters) = trained()
        let expected = network.folded(parameters)
        let path = folder("weights")
        if home.isEmpty {
            try parameters.write(to: path)
        } else {
            let counters = parameters.map(\.path).filter { $0.hasSuffix("running_var") }.map {
                $0.replacing("running_var", with: "num_batches_tracked")
            }
            _ = folder.write(
                torchFile(parameters.map { ($0.path, $0.tensor) }, below: home, counters: counters),
                to: "weights")
        }
        let read = try DetectorWeights(contentsOf: path)
        #expect(read.network.backbone.shape == shape && read.network.classCount == 3)
        #expect(read.parameters.isIdentical(to: expected))
        #expect(read.input == (home.isEmpty ? .normalised : .plain))
        #expect(try DetectorWeights(contentsOf: path, input: .normalised).input == .normalised)
        // Written, they are folded and say what they expect.
        try read.write(to: folder("out.safetensors"))
        let again = try DetectorWeights(contentsOf: folder("out.safetensors"))
        #expect(again.parameters.isIdentical(to: expected) && again.input == read.input)
        _ = try Detector(contentsOf: path, side: 32)
    }

    @Test("What is missing, left over or something else is named")
    func refused() throws {
        let (_, parameters) = trained()
        func problem(_ tensors: [(path: String, tensor: Tensor<Float>)]) -> String {
            let path = folder.write(
                torchFile(tensors, below: "model", counters: []), to: "weights.pth")
            do {
                _ = try DetectorWeights(contentsOf: path)
                return ""
            } catch { return "\(error)" }
        }
        let all = parameters.map { (path: $0.path, tensor: $0.tensor) }
        #expect(problem(all) == "")
        #expect(problem(Array(all.dropFirst())).contains("not the weights of a YOLOX detector"))
        #expect(problem(Array(all.dropLast())).contains("'model.\(all.last!.path)' is missing"))
        let extra = (path: "head.more", tensor: Tensor<Float>([1], shape: [1]))
        #expect(problem(all + [extra]).contains("'model.head.more' is not part of this network"))
    }
}
