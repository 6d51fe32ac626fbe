import Glibc
import Graphs
import Networks
import Tensors
import TestSupport
import Testing

/// A network that uses what an enhancer does: packets, a trunk, a skip, inverse packets.
struct Enhancer: Module {
    let head = ConvolutionLayer("head", 4, 8, activation: .leakyReLU(0.1))
    let trunk = [WaveletDenseBlock("trunk" / 0, 8, growth: 4, count: 1, convolutions: 3)]
    let tail = ConvolutionLayer("tail", 8, 4)

    var declarations: [Declaration] {
        head.declarations + trunk.declarations + tail.declarations
    }

    func callAsFunction(_ x: Value) -> Value {
        x + tail(trunk.reduce(head(x.haarPackets)) { $1($0) }).inverseHaarPackets
    }

    var graph: Graph { Graph.build { $0.output(self($0.input("x")), "y") } }
}

@Suite("ONNX export")
struct ONNXExportTests {
    let network = Enhancer()

    private func model(
        _ graph: Graph, _ parameters: Parameters, _ inputs: [String: [ONNXDimension]]
    ) throws -> ParsedModel {
        let bytes = try graph.onnx(
            parameters: parameters, inputs: inputs, metadata: ["model": "test"])
        return try #require(ParsedModel(bytes))
    }

    /// Every name is made once, and before it is used.
    private func checkOrder(_ model: ParsedModel) {
        var known = Set(model.initialisers.map(\.name) + model.inputs.map(\.name))
        #expect(known.count == model.initialisers.count + model.inputs.count)
        for node in model.nodes {
            #expect(node.inputs.allSatisfy { $0.isEmpty || known.contains($0) }, "\(node)")
            for output in node.outputs { #expect(known.insert(output).inserted, "\(output)") }
        }
        #expect(model.outputs.allSatisfy { known.contains($0.name) })
    }

    @Test("A network becomes a model of set 17 with its weights, bit for bit")
    func network17() throws {
        var random = RandomSource(seed: 1)
        let parameters = Parameters(initialising: network, using: &random)
        let model = try model(network.graph, parameters, ["x": [1, 1, 16, 24]])
        #expect(model.operatorSet == 17 && model.formatVersion == 8)
        #expect(model.metadata == ["model": "test"])
        #expect(model.inputs == [.init(name: "x", axes: ["1", "1", "16", "24"])])
        #expect(model.outputs == [.init(name: "y", axes: ["1", "1", "16", "24"])])
        checkOrder(model)
        for (path, tensor) in parameters {
            let stored = try #require(model.initialisers.first { $0.name == path })
            #expect(stored.type == 1 && stored.dimensions == tensor.shape.dimensions)
            tensor.withUnsafeBufferPointer {
                #expect(UnsafeRawBufferPointer($0).elementsEqual(stored.bytes))
            }
        }
        let convolutions = model.nodes.filter { $0.type == "Conv" }
        // Packets outside and inside, head, analyse, three dense, synthesise, tail.
        #expect(convolutions.count == 2 + 1 + 1 + 3 + 1 + 1)
        let head = try #require(convolutions.first { $0.inputs.contains("head.weight") })
        #expect(head.integers["pads"] == [1, 1, 1, 1] && head.inputs[2] == "head.bias")
        let slope = model.nodes.first { $0.type == "LeakyRelu" }?.floats["alpha"]
        #expect(slope == 0.1)
    }

    @Test("Named axes stay open, also in the output")
    func dynamic() throws {
        var random = RandomSource(seed: 1)
        let parameters = Parameters(initialising: network, using: &random)
        let shape: [ONNXDimension] = [
            1, 1, .named("height", sample: 8), .named("width", sample: 12),
        ]
        let model = try model(network.graph, parameters, ["x": shape])
        #expect(model.inputs[0].axes == ["1", "1", "height", "width"])
        #expect(model.outputs[0].axes == ["1", "1", "y.2", "y.3"])
        checkOrder(model)
    }

    @Test("What cannot be written is named")
    func refusals() throws {
        let parameters = Parameters([("w", Tensor(shape: [3, 2, 3, 3]))])
        func error(_ inputs: [String: [ONNXDimension]], _ body: (GraphBuilder) -> Value)
            -> ONNXError?
        {
            let graph = Graph.build { $0.output(body($0), "y") }
            do {
                _ = try graph.onnx(parameters: parameters, inputs: inputs)
                return nil
            } catch { return error as? ONNXError }
        }
        #expect(error([:]) { $0.input("x") } == .missingInput("x"))
        #expect(error(["x": [1]]) { $0.input("x") + $0.parameter("v") } == .missingParameter("v"))
        let backward = error(["x": [1, 4]]) {
            $0.input("x").applying(LeakyReLUBackward(slope: 0), $0.input("x"))
        }
        #expect(backward == .unsupported(operation: "LeakyReLUBackward", node: 1))
        let strided = ConvolutionBackwardData(ConvolutionGeometry(stride: 2))
        let open = error([
            "y": [1, 3, .named("h", sample: 4), 4], "x": [1, 2, .named("g", sample: 9), 9],
        ]) { $0.input("y").applying(strided, $0.parameter("w"), $0.input("x")) }
        #expect(open == nil || open == .dynamicSize(operation: "ConvolutionBackwardData", node: 3))
        #expect(open != nil)
        #expect(!"\(ONNXError.missingInput("x"))".contains("\n"))
    }

    @Test("Shapes that do not fit are an error, not a model")
    func shapes() {
        var random = RandomSource(seed: 1)
        let parameters = Parameters(initialising: network, using: &random)
        #expect(throws: ShapeError.self) {
            try network.graph.onnx(parameters: parameters, inputs: ["x": [1, 1, 15, 24]])
        }
    }

    @Test("Every operation of the table that a network uses has an ONNX form")
    func table() throws {
        // Derivatives and losses' helpers stay at home.
        let unsupported = Set(
            operationCases.flatMap { $0.graph.nodes.map(\.operation.kind) }.filter { kind in
                let backward = ["Backward", "Place", "Part", "Select", "OneHot"]
                return backward.contains { kind.contains($0) } && kind != "ConvolutionBackwardData"
            })
        var exported: Set<String> = []
        for item in operationCases {
            let kinds = item.graph.nodes.map(\.operation.kind)
            let values = item.inputs(seed: 1)
            let parameters = Parameters(
                item.graph.parameters.keys.sorted().map {
                    ($0, values[$0]!.converted(to: Float.self))
                })
            let inputs = values.mapValues { $0.shape.dimensions.map { ONNXDimension.fixed($0) } }
            do {
                let model = try model(item.graph, parameters, inputs)
                checkOrder(model)
                exported.formUnion(kinds)
                try keep(item, parameters, values)
            } catch let error as ONNXError {
                guard case .unsupported(let kind, _) = error, unsupported.contains(kind) else {
                    Issue.record("\(item): \(error)")
                    continue
                }
            }
        }
        #expect(exported.count >= 45)
        #expect(exported.isSuperset(of: ["Convolution", "HaarPackets", "Warp", "RoIAlign"]))
    }

    /// Where PERCEPT_ONNX names a folder, models and expected values go there, for
    /// Scripts/check-onnx.py to compare with ONNX Runtime.
    private func keep(
        _ item: OperationCase, _ parameters: Parameters, _ values: [String: Tensor<Double>]
    ) throws {
        guard let folder = getenv("PERCEPT_ONNX").map({ String(cString: $0) }) else { return }
        let name = String(item.name.map { $0.isLetter || $0.isNumber ? $0 : "_" })
        let inputs = values.filter { item.graph.inputs[$0.key] != nil }
        try item.graph.writeONNX(
            to: "\(folder)/\(name).onnx", parameters: parameters,
            inputs: inputs.mapValues { $0.shape.dimensions.map { .fixed($0) } })
        try keepValues(item.graph, values, inputs, "\(folder)/\(name).safetensors")
    }

    private func keepValues(
        _ graph: Graph, _ values: [String: Tensor<Double>], _ inputs: [String: Tensor<Double>],
        _ path: String
    ) throws {
        // Peers read Floats: so does the reference here.
        let rounded = values.mapValues { $0.converted(to: Float.self).converted(to: Double.self) }
        let outputs = try graph.evaluate(rounded)
        let tensors =
            inputs.map { ("input.\($0.key)", $0.value.converted(to: Float.self)) }
            + outputs.map { ("output.\($0.key)", $0.value.converted(to: Float.self)) }
        try Safetensors.write(tensors.map { (name: $0.0, tensor: $0.1) }, to: path)
    }

    @Test(
        "Whole networks, fixed and open, are kept for the check with ONNX Runtime",
        .enabled(if: getenv("PERCEPT_ONNX") != nil))
    func keepNetworks() throws {
        let folder = String(cString: getenv("PERCEPT_ONNX"))
        var random = RandomSource(seed: 1)
        let parameters = Parameters(initialising: network, using: &random)
        let shapes: [String: [ONNXDimension]] = [
            "fixed": [1, 1, 16, 24],
            "open": [
                .named("batch", sample: 2), 1, .named("height", sample: 8),
                .named("width", sample: 12),
            ],
        ]
        for (name, shape) in shapes {
            try network.graph.writeONNX(
                to: "\(folder)/network_\(name).onnx", parameters: parameters, inputs: ["x": shape])
            let x = Tensor<Double>.normal(
                name == "open" ? [3, 1, 20, 28] : [1, 1, 16, 24], using: &random)
            let values = parameters.values.mapValues { $0.converted(to: Double.self) }
            try keepValues(
                network.graph, values.merging(["x": x]) { $1 }, ["x": x],
                "\(folder)/network_\(name).safetensors")
        }
    }
}
