// The networks that rules are tried on: of layers, convolutions, time, skips, gates and attention.
import Graphs

extension TrialNetwork {
    /// Four layers with sigmoids, each layer one operation, as the papers count them.
    static func layers(batch: Int, widths: [Int] = [64, 32, 32, 32, 10], seed: UInt64)
        -> TrialNetwork
    {
        TrialNetwork(
            "MLP", input: [widths[0]], target: [widths.last!], batch: batch, seed: seed
        ) { sketch, x in
            zip(widths, widths.dropFirst()).enumerated().reduce(x) { value, layer in
                let (number, (inputs, outputs)) = layer
                let path = "layers.\(number)"
                // A sigmoid's slope is a quarter at most: larger weights let errors through to the first layer.
                let gain = number > 0 ? 8.0 : 1
                let parameters = [
                    sketch.parameter(
                        "\(path).weight", [outputs, inputs], sums: inputs, gain: gain),
                    sketch.parameter("\(path).bias", [outputs], sums: inputs),
                ]
                return sketch.builder.apply(
                    SigmoidLayer(squashesInput: number > 0), to: [value] + parameters)
            }
        }
    }

    /// Two convolutions with pooling between, and two layers, on 8x8 pictures.
    static func convolutions(batch: Int, seed: UInt64) -> TrialNetwork {
        TrialNetwork("CNN", input: [64], target: [10], batch: batch, seed: seed) { sketch, x in
            let picture = x.reshaped([-1, 1, 8, 8])
            let first = sketch.convolution(picture, "convolutions.0", 1, 4).tanh
            let second = sketch.convolution(
                first.averagePooled(PoolingGeometry(kernel: 2)), "convolutions.1", 4, 6
            ).tanh
            let flat = second.averagePooled(PoolingGeometry(kernel: 2)).reshaped([-1, 24])
            return sketch.linear(sketch.linear(flat, "layers.0", 24, 20).tanh, "layers.1", 20, 10)
        }
    }

    /// Reads eight rows of a picture one after the other with one set of weights, and answers at the end.
    static func recurrent(batch: Int, hidden: Int = 20, seed: UInt64) -> TrialNetwork {
        TrialNetwork("RNN", input: [64], target: [10], batch: batch, seed: seed) { sketch, x in
            let rows = x.reshaped([-1, 8, 8])
            var state: Value?
            for row in 0..<8 {
                let seen = rows.sliced(axis: 1, from: row, to: row + 1).reshaped([-1, 8])
                var drive = sketch.linear(seen, "input", 8, hidden)
                if let state { drive = drive + sketch.linear(state, "recurrent", hidden, hidden) }
                state = drive.tanh
            }
            return sketch.linear(state!, "output", hidden, 10)
        }
    }

    /// Three blocks with a skip around each.
    static func residual(batch: Int, width: Int = 24, seed: UInt64) -> TrialNetwork {
        TrialNetwork("residual", input: [64], target: [10], batch: batch, seed: seed) { sketch, x in
            var value = sketch.linear(x, "first", 64, width)
            for block in 0..<3 {
                let inner = sketch.linear(value.tanh, "blocks.\(block).0", width, width).tanh
                value = value + sketch.linear(inner, "blocks.\(block).1", width, width)
            }
            return sketch.linear(value, "last", width, 10)
        }
    }

    /// Two paths of unequal length, of which one opens and shuts the other.
    static func gated(batch: Int, width: Int = 16, seed: UInt64) -> TrialNetwork {
        TrialNetwork("gated", input: [64], target: [10], batch: batch, seed: seed) { sketch, x in
            let content = sketch.linear(x, "content", 64, width)
            let gate = sketch.linear(
                sketch.linear(content.tanh, "gate.0", width, width).tanh, "gate.1", width, width
            ).sigmoid
            return sketch.linear(content * gate + (1 - gate) * content.tanh, "last", width, 10)
        }
    }

    /// One block of attention over eight tokens, with skips and a layer behind it.
    static func attention(batch: Int, width: Int = 8, seed: UInt64) -> TrialNetwork {
        TrialNetwork("attention", input: [8, 8], target: [8, width], batch: batch, seed: seed) {
            sketch, x in
            let tokens = sketch.linear(x, "embedding", 8, width)
            let query = sketch.linear(tokens, "query", width, width)
            let key = sketch.linear(tokens, "key", width, width)
            let value = sketch.linear(tokens, "value", width, width)
            let scale = 1 / Double(width).squareRoot()
            let weights = (scale * query.times(key, transposed: false, true)).softmax(axis: -1)
            let mixed = tokens + sketch.linear(weights.times(value), "mixture", width, width)
            let inner = sketch.linear(mixed, "inner", width, 2 * width).gelu
            return mixed + sketch.linear(inner, "outer", 2 * width, width)
        }
    }

    /// All of them.
    static func all(batch: Int, seed: UInt64) -> [TrialNetwork] {
        [
            layers(batch: batch, seed: seed), convolutions(batch: batch, seed: seed),
            recurrent(batch: batch, seed: seed), residual(batch: batch, seed: seed),
            gated(batch: batch, seed: seed), attention(batch: batch, seed: seed),
        ]
    }
}
