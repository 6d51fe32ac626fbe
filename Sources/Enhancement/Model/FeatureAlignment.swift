// Alignment inside a generator: features of neighbours, moved by the motion that came with them.
import Graphs
import Networks
import Tensors

/// Makes features of each frame's luma with the same weights and warps those of neighbours.
///
/// What is aligned is what the network chose to keep of a neighbour, at half the picture's size,
/// where the motion of an odd number of samples lies between two positions.
public struct FeatureAlignment: Module {
    /// What makes features of four packets, for each frame the same.
    public let encoder: ConvolutionLayer
    private let frames: Int

    /// An alignment of features of `width` channels, for a network that sees so many frames.
    public init(_ path: ParameterPath, _ width: Int, frames: Int) {
        encoder = ConvolutionLayer(path, 4, width, activation: .relu, initialiser: .kaiming())
        self.frames = frames
    }

    public var declarations: [Declaration] { encoder.declarations }

    /// `[N, inputs, h, w]`, motion behind the packets, to the packets without those of neighbours,
    /// the frame's features, and its neighbours' where the frame has what they show.
    public func callAsFunction(_ x: Value) -> Value {
        func channels(_ first: Int, _ count: Int) -> Value {
            x.sliced(axis: 1, from: first, to: first + count)
        }
        let neighbours = NetworkChannels.neighbours(frames: frames)
        let count = NetworkChannels.inputs(frames: frames)
        var kept = [Double](repeating: 1, count: count)
        for neighbour in neighbours {
            for subband in 0..<4 { kept[neighbour.channel + subband] = 0 }
        }
        let mask = x.builder.apply(Constant(Tensor(kept, shape: [1, count, 1, 1])), to: [])
        let aligned = neighbours.enumerated().map { index, neighbour in
            let motion = NetworkChannels.motion(toNeighbour: index, frames: frames)
            return encoder(channels(neighbour.channel, 4))
                .warped(by: channels(motion, 2), border: .replicate)
        }
        let own = encoder(channels(NetworkChannels.luma, 4))
        return x.builder.concatenate([channels(0, count) * mask, own] + aligned)
    }
}
