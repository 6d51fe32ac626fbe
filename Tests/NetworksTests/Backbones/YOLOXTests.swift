import Compute
import Graphs
import Networks
import Tensors
import Terminal
import TestSupport
import Testing

@Suite("YOLOX and its backbone")
struct YOLOXTests {
    @Test("The nano detector has the published number of parameters, each path once")
    func size() {
        let network = YOLOX(.nano)
        #expect(network.learnedCount == 904_463)
        #expect(network.declarations.count == 226)
        #expect(Set(network.declarations.map(\.path)).count == 226)
    }

    // The published counts hold scale and shift of each batch norm; folded, a bias is left of the two.
    @Test(
        "Tiny and small have the published numbers of parameters",
        arguments: [(DarknetShape.tiny, 5_055_855), (.small, 8_968_255)])
    func sizes(shape: DarknetShape, published: Int) {
        let network = YOLOX(shape)
        let biases = network.declarations.filter {
            $0.path.hasSuffix("bias") && !$0.path.contains("_preds")
        }
        let normalised = biases.reduce(0) { $0 + $1.shape.count }
        #expect(network.learnedCount + normalised == published)
        #expect(Set(network.declarations.map(\.path)).count == network.declarations.count)
    }

    @Test("The stem sees the pixels of each 2x2 square as channels, down each column first")
    func stem() throws {
        let network = CSPDarknet(.nano)
        var random = RandomSource(seed: 9)
        let parameters = Parameters(initialising: network, using: &random)
        let path = "backbone.backbone.stem.conv.conv"
        let graph = Graph.build { builder in
            let picture = builder.input("x")
            builder.output(network(picture)[0], "stem")
            let squares = [(0, 0), (1, 0), (0, 1), (1, 1)].map { y, x in
                picture.sliced(axis: 2, from: y, step: 2).sliced(axis: 3, from: x, step: 2)
            }
            let y = builder.concatenate(squares).convolved(
                with: builder.parameter("\(path).weight"),
                bias: builder.parameter("\(path).bias"), ConvolutionGeometry(padding: 1))
            builder.output(y.silu, "focus")
        }.pruned()
        var values = Dictionary(
            uniqueKeysWithValues: parameters.map { ($0.path, $0.tensor.converted(to: Double.self)) }
        ).filter { graph.parameters[$0.key] != nil }
        values["x"] = .uniform([1, 3, 8, 12], in: -1..<1, using: &random)
        let found = try graph.evaluate(values)
        #expect(found["stem"]!.shape == [1, 16, 4, 6])
        for (a, b) in zip(found["stem"]!.elements, found["focus"]!.elements) {
            #expect(abs(a - b) < 1e-12)
        }
    }

    @Test(
        "With its norms separate it has the official names, and folded says the same",
        arguments: [DarknetShape.nano, DarknetShape(channels: 4, depth: 3)])
    func folding(shape: DarknetShape) throws {
        let trained = YOLOX(shape, classCount: 3, norm: .separate(.inference))
        var random = RandomSource(seed: 5)
        var parameters = Parameters(initialising: trained, using: &random)
        // Norms that do something: nothing is left at 0 or 1.
        for (position, path) in parameters.map(\.path).enumerated() where path.contains(".bn.") {
            let span = path.hasSuffix("bias") || path.hasSuffix("mean") ? -0.3..<0.3 : 0.5..<1.5
            let shape = parameters[path]!.shape
            parameters[position] = Tensor.uniform(shape, in: span, using: &random)
        }
        let stem = "backbone.backbone.stem.conv"
        let suffixes = parameters.map(\.path).filter { $0.hasPrefix(stem) }.map {
            $0.dropFirst(stem.count)
        }
        #expect(
            suffixes == [
                ".conv.weight", ".bn.weight", ".bn.bias", ".bn.running_mean", ".bn.running_var",
            ])
        let folded = trained.folded(parameters)
        let network = YOLOX(shape, classCount: 3)
        #expect(folded.map(\.path) == network.declarations.map(\.path))

        func outputs(_ network: YOLOX, _ parameters: Parameters) throws -> Tensor<Float> {
            let graph = Graph.build { $0.output(network($0.input("x")), "y") }
            var shapes = Dictionary(
                uniqueKeysWithValues: parameters.map { ($0.path, $0.tensor.shape) })
            shapes["x"] = [1, 3, 64, 32]
            let plan = try Plan(graph, shapes: shapes)
            plan.setParameters(parameters.values)
            var random = RandomSource(seed: 6)
            return try plan.run(["x": Tensor.uniform([1, 3, 64, 32], using: &random)])["y"]!
        }
        let expected = try outputs(trained, parameters), found = try outputs(network, folded)
        #expect(zip(expected.elements, found.elements).allSatisfy { abs($0 - $1) < 1e-4 })
        #expect(expected.elements.max()! - expected.elements.min()! > 0.01)
    }

    @Test(
        "Folded weights with norms again, by the pictures they are to be trained on, say the same")
    func unfolding() throws {
        let shape = DarknetShape(channels: 4, depth: 3, isDepthwise: true)
        let plain = YOLOX(shape, classCount: 3)
        var random = RandomSource(seed: 8)
        var folded = Parameters(initialising: plain, using: &random)
        for (position, path) in folded.paths.enumerated() where path.hasSuffix("bias") {
            let shape = folded[path]!.shape
            folded[position] = Tensor.uniform(shape, in: -0.3..<0.3, using: &random)
        }
        // Filters of other sizes, one of nothing.
        let first = folded.position(of: "backbone.backbone.stem.conv.conv.weight")!
        folded.withElements(at: first) { weights in
            for i in weights.indices { weights[i] *= i < 108 ? 0 : 1 + Float(i) / 100 }
        }
        func network(_ mode: Mode) -> YOLOX {
            YOLOX(shape, classCount: 3, norm: .separate(mode))
        }
        let initial = Parameters(initialising: network(.training), using: &random)
        let unfolded = network(.training).unfolded(folded, like: initial)
        #expect(unfolded.paths == initial.paths)
        let picture = Tensor<Float>.uniform([3, 3, 64, 32], using: &random)
        func outputs(
            _ network: YOLOX, _ parameters: Parameters
        ) throws -> [String: Tensor<Float>] {
            let graph = Graph.build { $0.output(network($0.input("x")), "y") }
            var shapes = Dictionary(
                uniqueKeysWithValues: parameters.map { ($0.path, $0.tensor.shape) })
            shapes["x"] = picture.shape
            let plan = try Plan(graph, shapes: shapes)
            plan.setParameters(parameters.values)
            return try plan.run(["x": picture])
        }
        func areClose(_ a: Tensor<Float>?, _ b: Tensor<Float>?, _ tolerance: Float) -> Bool {
            zip(a!.elements, b!.elements).allSatisfy { abs($0 - $1) < tolerance }
        }
        let expected = try outputs(plain, folded)["y"]
        let measured = try outputs(network(.measuring), unfolded)
        #expect(areClose(measured["y"], expected, 1e-4))
        let prefix = "statistic."
        let statistics = Dictionary(
            uniqueKeysWithValues: measured.filter { $0.key != "y" }.map {
                (String($0.key.dropFirst(prefix.count)), $0.value)
            })
        let centred = network(.training).recentred(unfolded, to: statistics)
        #expect(areClose(try outputs(network(.inference), centred)["y"], expected, 1e-3))
        // What running statistics are measured on is what a step sees here.
        #expect(areClose(try outputs(network(.training), centred)["y"], expected, 1e-3))
        #expect(!areClose(try outputs(network(.training), unfolded)["y"], expected, 0.05))
        #expect(
            areClose(try outputs(plain, network(.training).folded(centred))["y"], expected, 1e-3))
        // Filters are as large as first ones.
        let name = "backbone.lateral_conv0.conv.weight"
        func size(_ parameters: Parameters) -> Float {
            parameters[name]!.elements.reduce(0) { $0 + $1 * $1 }
        }
        #expect(abs(size(centred) / size(initial) - 1) < 1e-3)
    }

    @Test("A reading is what candidates are made of, and what was computed for it")
    func reading() throws {
        let network = YOLOX(DarknetShape(channels: 4, depth: 3), classCount: 3)
        var random = RandomSource(seed: 7)
        let parameters = Parameters(initialising: network, using: &random)
        let graph = Graph.build { builder in
            let picture = builder.input("x")
            let parts = network.reading(picture)
            for (index, features) in parts.features.enumerated() {
                builder.output(features, "features.\(index)")
            }
            let same = builder.concatenate(
                [parts.boxes, parts.objectness.sigmoid, parts.classes.sigmoid], axis: 2)
            builder.output((same - network(picture)).absolute.sum(), "difference")
            builder.output(same.absolute.sum(), "size")
        }
        var values: [String: Tensor<Double>] = [
            "x": Tensor.uniform([2, 3, 32, 64], using: &random)
        ]
        for (path, tensor) in parameters { values[path] = tensor.converted(to: Double.self) }
        let found = try graph.evaluate(values)
        #expect(found["difference"]!.item < 1e-9 && found["size"]!.item > 1)
        // Stages, pyramid, then both towers of each level.
        let extents = [8, 16, 32, 8, 16, 32, 8, 8, 16, 16, 32, 32]
        for (index, extent) in extents.enumerated() {
            #expect(
                found["features.\(index)"]!.shape == [
                    2, network.featureChannels[index], 32 / extent, 64 / extent,
                ])
        }
    }

    @Test("Features lie at a half to a 32nd of the size")
    func shapes() throws {
        let backbone = CSPDarknet(.nano)
        let graph = Graph.build { builder in
            for (index, value) in backbone(builder.input("x")).enumerated() {
                builder.output(value, "\(index)")
            }
        }
        var known: [String: Shape] = ["x": [2, 3, 64, 96]]
        for declaration in backbone.declarations { known[declaration.path] = declaration.shape }
        let shapes = try graph.shapes { known[$0] }
        #expect(
            graph.outputs.map { shapes[$0.node] } == [
                [2, 16, 32, 48], [2, 32, 16, 24], [2, 64, 8, 12], [2, 128, 4, 6], [2, 256, 2, 3],
            ])
    }

    /// The vectors' picture: pixel (y, x, c) is (7 x + 13 y + 29 c + x y / 64) mod 256.
    private var picture: Tensor<Float> {
        let side = 416
        return Tensor(shape: [1, 3, side, side]) { values in
            for c in 0..<3 {
                for y in 0..<side {
                    for x in 0..<side {
                        let value = Float((7 * x + 13 * y + 29 * c + x * y / 64) % 256) / 255
                        values[(c * side + y) * side + x] =
                            (value - CSPDarknet.mean[c]) / CSPDarknet.deviation[c]
                    }
                }
            }
        }
    }

    @Test(
        "The published weights give the published numbers",
        .enabled(if: dataFolder != nil, "PERCEPT_DATA is not set"))
    func vectors() throws {
        let folder = dataFolder! + "/weights/"
        let text = readBytes(folder + "yolox_nano_test_vectors.json")
        let vector = try #require(try JSONValue(parsing: text)["vectors"]?.elements?.first)
        let expected = try #require(vector["raw_output"])

        let network = YOLOX(.nano)
        let graph = Graph.build { $0.output(network($0.input("picture")), "raw") }
        let parameters = try Parameters(
            reading: Safetensors(contentsOf: folder + "yolox_nano_coco_folded.safetensors"),
            for: network)
        var shapes = Dictionary(
            uniqueKeysWithValues: parameters.map { ($0.path, $0.tensor.shape) })
        shapes["picture"] = [1, 3, 416, 416]
        let plan = try Plan(graph, shapes: shapes, options: PlanOptions(precision: .f32))
        plan.setParameters(parameters.values)
        let raw = try #require(try plan.run(["picture": picture])["raw"])
        #expect(raw.shape == [1, 3549, 85])
        let values = raw.elements

        let sum = values.reduce(0.0) { $0 + Double($1) }
        let expectedSum = try #require(expected["sum_of_all"]?.double)
        #expect(abs(sum - expectedSum) < 0.5, "\(sum)")
        guard case .object(let rows)? = expected["rows"] else {
            Issue.record("no rows")
            return
        }
        #expect(rows.count == 10)
        for (name, row) in rows {
            let start = try #require(Int(name)) * 85
            for (column, number) in (row.elements ?? []).enumerated() {
                let wanted = try #require(number.double)
                #expect(
                    abs(Double(values[start + column]) - wanted) < 1e-3,
                    "row \(name), column \(column)")
            }
        }
    }
}
