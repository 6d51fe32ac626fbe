// A detector as a file has it: ours, others' safetensors, or what PyTorch wrote.
import Graphs
import Networks
import Tensors

/// A network of the YOLOX family with its weights, batch norm folded into them, and what it expects to see.
public struct DetectorWeights: Sendable {
    /// The network, without norms.
    public let network: YOLOX
    /// Its weights.
    public let parameters: Parameters
    /// What its input holds.
    public let input: DetectorInput

    /// Weights of a network without norms.
    public init(_ network: YOLOX, _ parameters: Parameters, input: DetectorInput = .normalised) {
        (self.network, self.parameters, self.input) = (network, parameters, input)
    }

    /// Reads a file with the official names: safetensors, or what `torch.save` wrote, of which nothing is run.
    ///
    /// Size, and whether norms are folded already, are read off the tensors. What PyTorch wrote does not say what it
    /// expects: it is taken for a file of YOLOX 0.1.1 or later (blue, green, red from 0 to 255).
    ///
    /// - Parameter input: What the weights expect where the file is wrong about it; nil believes the file.
    /// - Throws: `SafetensorsError`, `PyTorchError`.
    public init(contentsOf path: String, input: DetectorInput? = nil) throws {
        let network: YOLOX, parameters: Parameters
        if PyTorchFile.isOne(path) {
            let file = try PyTorchFile(contentsOf: path)
            network = try YOLOX(matching: file)
            parameters = try file.parameters(for: network)
            self.input = input ?? .plain
        } else {
            let file = try Safetensors(contentsOf: path)
            network = try YOLOX(matching: file)
            parameters = try Parameters(reading: file, for: network)
            self.input = try input ?? DetectorInput(of: file)
        }
        self.network = YOLOX(network.backbone.shape, classCount: network.classCount)
        self.parameters = network.folded(parameters)
    }

    /// Writes network and weights as ONNX, opset 17: `[1, 3, side, side]` to `[1, cells, 5 + classes]`; see `YOLOX`.
    ///
    /// - Parameter side: A multiple of 32.
    /// - Throws: `ONNXError`, `FileWriteError`.
    public func writeONNX(to path: String, side: Int) throws {
        precondition(side > 0 && side % 32 == 0, "a side of \(side) pixels")
        let graph = Graph.build { $0.output(network($0.input("picture")), "candidates") }
        try graph.writeONNX(
            to: path, parameters: parameters,
            inputs: ["picture": [1, 3, side, side].map { .fixed($0) }], name: "detector",
            metadata: [DetectorInput.key: input.rawValue])
    }

    /// Writes them as safetensors that say what they expect, all or nothing.
    ///
    /// - Throws: `FileWriteError`.
    public func write(to path: String, metadata: [String: String] = [:]) throws(FileWriteError) {
        var all = metadata
        all[DetectorInput.key] = input.rawValue
        try parameters.write(to: path, metadata: all)
    }
}
