// The networks whose speed is measured, built by hand so that they stay what they are.
import Compute
import Glibc
import Graphs
import Networks
import Tensors

/// A graph with random weights and the shapes to compile it for.
struct MeasuredNetwork {
    var name: String
    var graph: Graph
    var shapes: [String: Shape]
    let parameters: [String: Tensor<Float>]
    /// The graph from "x" to "y" without loss and gradients, which other programs run too.
    let inference: Graph
    /// Floating-point operations of one run: one multiply-accumulate is two.
    var operations: Double
    /// Whether it is measured between channel-blocked borders, as inside a longer pipeline.
    var hasBlockedBorders = true

    init(_ name: String, input: Shape, _ body: (GraphBuilder, inout ParameterShapes) -> Value) {
        self.name = name
        var weights = ParameterShapes()
        inference = Graph.build { builder in builder.output(body(builder, &weights), "y") }
        graph = inference
        // In order of names: other programs, and other runs of this one, must get equal weights.
        var random = RandomSource(seed: 1)
        var values: [String: Tensor<Float>] = [:]
        for (path, shape) in weights.shapes.sorted(by: { $0.key < $1.key }) {
            let fan = Double(max(shape.count / max(shape[0], 1), 1))
            values[path] = .normal(shape, deviation: 0.7 / fan.squareRoot(), using: &random)
        }
        parameters = values
        shapes = weights.shapes.merging(["x": input]) { a, _ in a }
        operations = weights.products * 2
    }
}

/// Shapes of the parameters that a network under construction has asked for.
struct ParameterShapes {
    var shapes: [String: Shape] = [:]
    var products = 0.0

    /// A 3x3 convolution of `x`, which has `inputs` channels of the given area.
    mutating func convolution(
        _ x: Value, _ path: String, _ inputs: Int, _ outputs: Int, area: Int, kernel: Int = 3
    ) -> Value {
        shapes[path + ".weight"] = [outputs, inputs, kernel, kernel]
        shapes[path + ".bias"] = [outputs]
        products += Double(area * inputs * outputs * kernel * kernel)
        return x.convolved(
            with: x.builder.parameter(path + ".weight"), bias: x.builder.parameter(path + ".bias"),
            ConvolutionGeometry(padding: kernel / 2))
    }
}

extension MeasuredNetwork {
    /// Plain 3x3 convolutions, for the machine's own peak.
    static func convolution(channels: Int, height: Int, width: Int) -> MeasuredNetwork {
        MeasuredNetwork(
            "3x3 convolution, \(channels) channels", input: [1, channels, height, width]
        ) {
            var y = $0.input("x")
            for layer in 0..<8 {
                y = $1.convolution(y, "c\(layer)", channels, channels, area: height * width).relu
            }
            return y
        }
    }

    /// Residual dense blocks of 64 features and growth 32, five convolutions each.
    static func denseStack(blocks: Int, height: Int, width: Int) -> MeasuredNetwork {
        MeasuredNetwork("\(blocks) residual dense blocks", input: [1, 64, height, width]) { g, w in
            let area = height * width
            var x = w.convolution(g.input("x"), "head", 64, 64, area: area)
            for block in 0..<blocks {
                var features = [x]
                for layer in 0..<4 {
                    let all = features.count == 1 ? x : g.concatenate(features)
                    features.append(
                        w.convolution(all, "b\(block).c\(layer)", 64 + 32 * layer, 32, area: area)
                            .leakyReLU(0.2))
                }
                let last = w.convolution(
                    g.concatenate(features), "b\(block).c4", 192, 64, area: area)
                x = x + 0.2 * last
            }
            return w.convolution(x, "tail", 64, 64, area: area)
        }
    }

    /// The detector of `hoi`, YOLOX-Nano, for a picture of 416 x 416 pixels: 0.54 billion products.
    static func detector() -> MeasuredNetwork {
        let network = YOLOX(.nano)
        var measured = MeasuredNetwork("detector, 416x416", input: [1, 3, 416, 416]) { g, w in
            for declaration in network.declarations {
                w.shapes[declaration.path] = declaration.shape
            }
            w.products = 0.54e9
            return network(g.input("x"))
        }
        measured.hasBlockedBorders = false
        return measured
    }

    /// A plain residual chain of 16 channels, as `live` has it.
    static func chain(channels: Int, blocks: Int, height: Int, width: Int) -> MeasuredNetwork {
        MeasuredNetwork(
            "residual chain, \(channels) channels, \(width)x\(height)",
            input: [1, channels, height, width]
        ) {
            g, w in
            let area = height * width
            var x = w.convolution(g.input("x"), "in", channels, channels, area: area).relu
            for block in 0..<blocks {
                let y = w.convolution(x, "b\(block).0", channels, channels, area: area).relu
                x = x + w.convolution(y, "b\(block).1", channels, channels, area: area)
            }
            return w.convolution(x, "out", channels, channels, area: area, kernel: 1)
        }
    }
}

/// Everything that is measured, in order; the peers' runner refers to positions in this list.
let measuredNetworks: [MeasuredNetwork] = [
    .convolution(channels: 64, height: 135, width: 240),
    .convolution(channels: 16, height: 180, width: 320),
    .denseStack(blocks: 6, height: 135, width: 240),
    .chain(channels: 16, blocks: 6, height: 180, width: 320),
    .chain(channels: 16, blocks: 6, height: 360, width: 640),
    .detector(),
    // As `live` and `studio` are trained.
    MeasuredNetwork.chain(channels: 16, blocks: 6, height: 32, width: 32).training(batch: 16),
    MeasuredNetwork.chain(channels: 48, blocks: 8, height: 64, width: 64).training(batch: 4),
]
