// MW-GAN's generator in the packet domain of native YCbCr.
import Graphs
import Networks
import Tensors

/// What the channels around the network mean.
public enum NetworkChannels {
    /// LL, HL, LH, HH of the frame's luma; its U and V; the packets of the motion-compensated luma
    /// of the frame before and of the one after; two maps of the damage.
    public static let luma = 0, u = 4, v = 5, previous = 6, next = 10, damage = 14
    /// Channels in: one block of 16, so that nothing is padded.
    public static let inputs = 16
    /// Channels out: the luma's four packets, U and V of the residual.
    public static let outputs = 6
}

/// The size of a generator.
public struct GeneratorShape: Sendable, Hashable {
    /// Channels of the trunk, a multiple of 16.
    public var width: Int
    /// Residual blocks of two convolutions each.
    public var blocks: Int

    /// A generator of `blocks` residual blocks of `width` channels.
    public init(width: Int, blocks: Int) {
        self.width = width
        self.blocks = blocks
    }

    /// The shape of `live`: 7.5 kMAC per luma pixel.
    public static let live = GeneratorShape(width: 16, blocks: 6)
    /// The shape of `studio`: 85 kMAC per luma pixel.
    public static let studio = GeneratorShape(width: 48, blocks: 8)
    /// The shapes that have a name.
    public static let named = ["live": live, "studio": studio]

    /// How many packet positions around its own an output depends on: one for each 3x3 convolution.
    public var reach: Int { 1 + 2 * blocks }

    /// Multiply-accumulates per luma pixel as executed: channels are padded to 16.
    public var executedProducts: Int {
        func padded(_ channels: Int) -> Int { (channels + 15) / 16 * 16 }
        let w = padded(width)
        let perPosition =
            9 * padded(NetworkChannels.inputs) * w + blocks * 2 * 9 * w * w
            + w * padded(NetworkChannels.outputs)
        return perPosition / 4
    }
}

/// A generator that turns the packets of three aligned frames into the residual's packets.
///
/// All convolutions run at half the picture's size: a plain chain of residual blocks, which beats
/// dense blocks at half their cost there.
///
/// - SeeAlso: MW-GAN (arXiv:2008.00499), section 3, for packets in and packets out.
public struct Generator: Module {
    /// Its size.
    public let shape: GeneratorShape
    /// The layers in the order in which they run.
    public let entry: ConvolutionLayer, trunk: [ResidualBlock], exit: ConvolutionLayer

    /// A generator of the given size.
    public init(_ shape: GeneratorShape) {
        self.shape = shape
        let path: ParameterPath = "generator"
        entry = ConvolutionLayer(
            path / "entry", NetworkChannels.inputs, shape.width, activation: .relu,
            initialiser: .kaiming())
        trunk = (0..<shape.blocks).map { ResidualBlock(path / "trunk" / $0, shape.width) }
        // Zero: an untrained generator changes nothing.
        exit = ConvolutionLayer(
            path / "exit", shape.width, NetworkChannels.outputs, kernel: 1, initialiser: .zeros)
    }

    /// The parameters of all layers.
    public var declarations: [Declaration] {
        entry.declarations + trunk.declarations + exit.declarations
    }

    /// `[N, 16, h, w]` normalised packets to `[N, 6, h, w]`, the residual's in its own units.
    public func callAsFunction(_ x: Value) -> Value {
        exit(trunk.reduce(entry(x)) { $1($0) })
    }

    /// The graph from input "packets" to output "residual".
    public var graph: Graph {
        Graph.build { $0.output(self($0.input("packets")), "residual") }
    }
}
