// Networks for 28x28 pictures of ten kinds: of layers, of convolutions, of time.
import Graphs

extension TrialNetwork {
    /// Layers with ReLU between them, for 28x28 pictures of ten kinds.
    static func digits(batch: Int, widths: [Int] = [784, 128, 64, 10], seed: UInt64) -> TrialNetwork
    {
        TrialNetwork("MLP", input: [784], target: [10], batch: batch, seed: seed) { sketch, x in
            zip(widths, widths.dropFirst()).enumerated().reduce(x) { value, layer in
                sketch.linear(
                    layer.offset == 0 ? value : value.relu, "layers.\(layer.offset)",
                    layer.element.0, layer.element.1)
            }
        }
    }

    /// Two convolutions and two layers, for the same.
    static func digitConvolutions(batch: Int, seed: UInt64) -> TrialNetwork {
        TrialNetwork("CNN", input: [784], target: [10], batch: batch, seed: seed) { sketch, x in
            let first = sketch.convolution(
                x.reshaped([-1, 1, 28, 28]), "convolutions.0", 1, 8, side: 5, stride: 2)
            let second = sketch.convolution(
                first.tanh, "convolutions.1", 8, 16, side: 5, stride: 2)
            let flat = second.tanh.reshaped([-1, 784])
            return sketch.linear(sketch.linear(flat, "layers.0", 784, 64).tanh, "layers.1", 64, 10)
        }
    }

    /// Reads 28 rows of 28 pixels two at a time, and answers at the end.
    static func digitRows(batch: Int, hidden: Int = 64, seed: UInt64) -> TrialNetwork {
        TrialNetwork("RNN", input: [784], target: [10], batch: batch, seed: seed) { sketch, x in
            // Two rows at a time: 14 steps.
            let rows = x.reshaped([-1, 14, 56])
            var state: Value?
            for row in 0..<14 {
                let seen = rows.sliced(axis: 1, from: row, to: row + 1).reshaped([-1, 56])
                var drive = sketch.linear(seen, "input", 56, hidden)
                if let state { drive = drive + sketch.linear(state, "recurrent", hidden, hidden) }
                state = drive.tanh
            }
            return sketch.linear(state!, "output", hidden, 10)
        }
    }
}
