// A convolution's weights, and its input's activations, in 8 bits.
import Tensors

/// How the activations of each channel stand for numbers: `(activation - zero) * scale`.
///
/// Activations have 7 bits: sums and differences of two, which the kernel multiplies with, fit 8.
struct ActivationScale {
    static let largest = 127
    /// The number between neighbouring activations, and the activation of 0.
    let scale: [Float], zero: [Int]

    /// Activations that span the given ranges; a channel that is always 0 may have any scale.
    init(_ ranges: Calibration.Ranges) {
        scale = zip(ranges.low, ranges.high).map { low, high in
            let step = (high - low) / Float(Self.largest)
            return step >= .leastNormalMagnitude ? step : 1
        }
        zero = zip(ranges.low, scale).map { low, scale in
            min(Int((-low / scale).rounded(.toNearestOrEven)), Self.largest)
        }
    }
}

/// Weights of a 3x3 convolution for F(2, 3) down the columns, with a scale for each output.
///
/// - SeeAlso: Lavin and Gray, Fast Algorithms for Convolutional Neural Networks (arXiv:1509.09308).
struct QuantisedWeights {
    /// Positions of the transform, and taps across.
    static let positions = 4, taps = 3
    /// -127 ... 127, `[position][tap][output][input]`; those of the last position are negated.
    let values: [Int8]
    /// The number that a weight of 1 stands for, by output.
    let scale: [Float]
    /// Channels in and out.
    let channels: Int

    /// Rounds `weights` `[channels, channels, 3, 3]` for activations of the given scales.
    init(_ weights: UnsafePointer<Float>, channels: Int, activations: ActivationScale) {
        self.channels = channels
        let size = channels * channels
        var values = [Int8](repeating: 0, count: Self.positions * Self.taps * size)
        var scale = [Float](repeating: 1, count: channels)
        var row = [Float](repeating: 0, count: Self.positions * Self.taps * channels)
        for output in 0..<channels {
            for input in 0..<channels {
                let w = weights + (output * channels + input) * 9
                for tap in 0..<Self.taps {
                    let (a, b, c) = (w[tap], w[3 + tap], w[6 + tap])
                    let outer = a + c
                    let transformed = [a, (outer + b) / 2, (outer - b) / 2, -c]
                    for position in 0..<Self.positions {
                        row[(position * Self.taps + tap) * channels + input] =
                            transformed[position] * activations.scale[input]
                    }
                }
            }
            let largest = row.reduce(0) { max($0, abs($1)) }
            if largest >= .leastNormalMagnitude * 128 { scale[output] = largest / 127 }
            for (index, value) in row.enumerated() {
                let rounded = (value / scale[output]).rounded(.toNearestOrEven)
                values[index / channels * size + output * channels + index % channels] =
                    rounded.isNaN ? 0 : Int8(min(max(rounded, -127), 127))
            }
        }
        self.values = values
        self.scale = scale
    }

    /// The weight of a position, tap, output and input.
    func value(_ position: Int, _ tap: Int, _ output: Int, _ input: Int) -> Int {
        Int(values[((position * Self.taps + tap) * channels + output) * channels + input])
    }

    /// What the sums of a position and output start at, so that the activation of 0 and the 128 that
    /// moves differences above 0 count nothing.
    func starts(zero: [Int]) -> [Int32] {
        var starts = [Int32](repeating: 0, count: Self.positions * channels)
        for position in 0..<Self.positions {
            for output in 0..<channels {
                var sum = 0
                for tap in 0..<Self.taps {
                    for input in 0..<channels {
                        let counted = position == 1 ? 2 * zero[input] : 128
                        sum -= value(position, tap, output, input) * counted
                    }
                }
                starts[position * channels + output] = Int32(sum)
            }
        }
        return starts
    }
}
