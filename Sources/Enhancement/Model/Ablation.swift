// A generator without one of its parts, to see what the part is worth.
import Graphs
import Tensors

/// A part of the design that a network is trained without.
///
/// All but ``alignment`` are fixed maps of the channels around the network, so that it runs, exports and
/// trains as any other does, at the same cost.
public enum Ablation: String, Sendable, CaseIterable {
    /// Neighbours: the frame stands in for them.
    case neighbours
    /// Motion compensation: neighbours come as they are.
    case alignment
    /// Wavelet packets: the four samples of each 2x2 square come instead (pixel unshuffling).
    case packets
    /// Conditioning on damage: its maps are empty.
    case damage

    /// What the network is given in place of its input.
    public func input(_ x: Value, frames: Int) -> Value {
        let count = NetworkChannels.inputs(frames: frames)
        var matrix = [Double](repeating: 0, count: count * count)
        for channel in 0..<count { matrix[channel * count + channel] = 1 }
        let neighbours = NetworkChannels.neighbours(frames: frames).map(\.channel)
        switch self {
        case .alignment: return x
        case .neighbours:
            for first in neighbours {
                for subband in 0..<4 {
                    matrix[(first + subband) * count + first + subband] = 0
                    matrix[(first + subband) * count + NetworkChannels.luma + subband] = 1
                }
            }
        case .damage:
            let maps =
                [NetworkChannels.damage, NetworkChannels.damage + 1]
                + (frames == 5 ? (0..<4).map { NetworkChannels.neighbourDamage + $0 } : [])
            for map in maps { matrix[map * count + map] = 0 }
        case .packets:
            let deviations = PacketNormalisation.standard.input.deviations
            for first in [NetworkChannels.luma] + neighbours {
                for sample in 0..<4 {
                    for subband in 0..<4 {
                        matrix[(first + sample) * count + first + subband] =
                            Self.haar[sample][subband] * Double(deviations[subband])
                            / Self.inputDeviation
                    }
                }
            }
        }
        return Self.apply(matrix, to: x, count: count)
    }

    /// The residual's packets from what the network computed.
    public func output(_ y: Value) -> Value {
        guard self == .packets else { return y }
        let count = NetworkChannels.outputs
        var matrix = [Double](repeating: 0, count: count * count)
        for channel in 4..<count { matrix[channel * count + channel] = 1 }
        let deviations = PacketNormalisation.standard.output.deviations
        for subband in 0..<4 {
            for sample in 0..<4 {
                matrix[subband * count + sample] =
                    Self.haar[subband][sample] * Self.outputDeviation / Double(deviations[subband])
            }
        }
        return Self.apply(matrix, to: y, count: count)
    }

    /// Samples to orthonormal Haar packets and, being symmetric, back. The mean of LL is twice that of
    /// samples, so that normalised samples have the mean 0 as well.
    static let haar: [[Double]] = [
        [0.5, 0.5, 0.5, 0.5], [0.5, -0.5, 0.5, -0.5], [0.5, 0.5, -0.5, -0.5],
        [0.5, -0.5, -0.5, 0.5],
    ]
    /// What samples and residuals of samples are divided by, in code values.
    static let inputDeviation = 55.0, outputDeviation = 4.0

    private static func apply(_ matrix: [Double], to x: Value, count: Int) -> Value {
        let weights = x.builder.apply(
            Constant(Tensor(matrix, shape: [count, count, 1, 1])), to: [])
        return x.convolved(with: weights, ConvolutionGeometry())
    }
}
