// MW-GAN's generator in the packet domain of native YCbCr.
import Graphs
import Networks
import Tensors

/// What the channels around the network mean.
public enum NetworkChannels {
    /// LL, HL, LH, HH of the frame's luma; its U and V; the packets of the motion-compensated luma
    /// of the frame before and of the one after; two maps of the damage.
    public static let luma = 0, u = 4, v = 5, previous = 6, next = 10, damage = 14
    /// With five frames also the packets of the second frame before and after, and how damaged the
    /// four neighbours are, in the order of ``neighbours``.
    public static let secondPrevious = 16, secondNext = 20, neighbourDamage = 24
    /// Channels out: the luma's four packets, U and V of the residual.
    public static let outputs = 6

    /// A nearest neighbour's distance in frames and the first of its four packets, from the nearest.
    public static func neighbours(frames: Int) -> [(distance: Int, channel: Int)] {
        let near = [(-1, previous), (1, next)]
        return frames == 5 ? near + [(-2, secondPrevious), (2, secondNext)] : near
    }

    /// Channels in: whole blocks of 16, so that nothing is padded; the last four of 32 are zero.
    public static func inputs(frames: Int) -> Int { frames == 5 ? 32 : 16 }

    /// Where the network aligns features, the first of two channels behind those ``inputs(frames:)``
    /// that hold the motion to a neighbour, right and down, in packet positions.
    public static func motion(toNeighbour index: Int, frames: Int) -> Int {
        inputs(frames: frames) + 2 * index
    }
}

/// The size of a generator.
public struct GeneratorShape: Sendable, Hashable {
    /// Channels of the trunk, a multiple of 16.
    public var width: Int
    /// Residual blocks of two convolutions each.
    public var blocks: Int
    /// Frames that it sees: 3, or 5 with the second neighbours.
    public var frames = 3
    /// Which neighbours these are.
    public var choice = NeighbourChoice.nearest
    /// Channels, a multiple of 16, and residual blocks one packet level deeper, in the middle of the
    /// trunk; no blocks: a plain chain.
    public var deepWidth = 0, deepBlocks = 0
    /// Whether it aligns features of its neighbours itself, instead of seeing aligned pixels.
    public var alignsFeatures = false
    /// The part of the design that it does without; nil: none.
    public var ablation: Ablation?

    /// A generator of `blocks` residual blocks of `width` channels.
    public init(
        width: Int, blocks: Int, frames: Int = 3, deepWidth: Int = 0, deepBlocks: Int = 0
    ) {
        precondition(frames == 3 || frames == 5, "\(frames) frames: 3 or 5 are possible")
        self.width = width
        self.blocks = blocks
        self.frames = frames
        self.deepWidth = deepWidth
        self.deepBlocks = deepBlocks
    }

    /// The shape that a text says: channels and blocks, then those one level deeper, then the
    /// frames, the nearest or the best-coded, and whether their features are aligned: "48x8",
    /// "32x4+96x6", "32x4+96x6@5", "48x8@5best", "16x6@3features"; nil where it makes no sense.
    public init?(_ text: String) {
        var text = text
        func ends(in word: String) -> Bool {
            guard text.hasSuffix(word), text.contains("@") else { return false }
            text.removeLast(word.count)
            return true
        }
        let alignsFeatures = ends(in: "features")
        let choice = ends(in: "best") ? NeighbourChoice.best : .nearest
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        let chains = parts[0].split(separator: "+", omittingEmptySubsequences: false).map {
            $0.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        }
        let frames = parts.count == 2 ? Int(parts[1]) : parts.count == 1 ? 3 : nil
        guard let frames, frames == 3 || frames == 5, chains.count <= 2,
            chains.allSatisfy({
                $0.count == 2 && (16...1024).contains($0[0]) && $0[0] % 16 == 0
                    && (1...1024).contains($0[1])
            })
        else { return nil }
        let deep = chains.count == 2 ? chains[1] : [0, 0]
        self.init(
            width: chains[0][0], blocks: chains[0][1], frames: frames, deepWidth: deep[0],
            deepBlocks: deep[1])
        self.choice = choice
        self.alignsFeatures = alignsFeatures
    }

    /// The text that says this shape.
    public var text: String {
        "\(width)x\(blocks)" + (isDeep ? "+\(deepWidth)x\(deepBlocks)" : "")
            + (frames == 3 && choice == .nearest && !alignsFeatures ? "" : "@\(frames)")
            + (choice == .best ? choice.rawValue : "") + (alignsFeatures ? "features" : "")
            + (ablation.map { " without \($0.rawValue)" } ?? "")
    }

    /// The shape of `fast`: 1.8 kMAC per luma pixel.
    public static let fast = GeneratorShape(width: 16, blocks: 1)
    /// The shape of `live`: 7.5 kMAC per luma pixel.
    public static let live = GeneratorShape(width: 16, blocks: 6)
    /// The shape of `studio`: 87 kMAC per luma pixel.
    public static let studio = GeneratorShape(width: 48, blocks: 8, frames: 5)
    /// The shapes that have a name.
    public static let named = ["fast": fast, "live": live, "studio": studio]

    /// What it sees around a frame.
    public var surroundings: Surroundings {
        var surroundings = Surroundings(frames: frames)
        surroundings.choice = choice
        surroundings.alignment =
            alignsFeatures ? .features : ablation == .alignment ? .none : .pixels
        return surroundings
    }

    /// Channels in.
    public var inputs: Int { surroundings.inputs }

    /// Channels that the trunk's entry sees.
    var entryInputs: Int {
        NetworkChannels.inputs(frames: frames) + (alignsFeatures ? frames * width : 0)
    }

    /// Whether a part of it runs at a quarter of the picture's size.
    public var isDeep: Bool { deepBlocks > 0 }

    /// How many packet positions around its own an output depends on: one for each 3x3 convolution,
    /// two where they are a level deeper, and the neighbour that a deeper position covers. Aligned
    /// features reach as far as motion does: no number says how far.
    public var reach: Int { 1 + 2 * blocks + (isDeep ? 1 + 4 * deepBlocks : 0) }

    /// Positions that a window has to be aligned to for equal bits: pairs of the coarsest level.
    public var alignment: Int { isDeep ? 4 : 2 }

    /// Multiply-accumulates per luma pixel as executed: channels are padded to 16.
    public var executedProducts: Int {
        func padded(_ channels: Int) -> Int { (channels + 15) / 16 * 16 }
        let (w, d) = (padded(width), padded(deepWidth))
        // Each frame's luma is encoded; a warp multiplies little.
        let encoders = alignsFeatures ? frames * 9 * padded(4) * w : 0
        let perPosition =
            encoders + 9 * padded(entryInputs) * w + blocks * 2 * 9 * w * w
            + w * padded(NetworkChannels.outputs)
        // Down and up, 4 w d each, and the deeper blocks: at a quarter of the positions.
        let perDeepPosition = isDeep ? 8 * w * d + deepBlocks * 2 * 9 * d * d : 0
        return perPosition / 4 + perDeepPosition / 16
    }
}

/// A generator that turns the packets of aligned frames into the residual's packets.
///
/// A plain chain of residual blocks at half the picture's size, which beats dense blocks at half
/// their cost there. In its middle a second chain may run one packet level deeper: 2x2 filters of
/// stride 2, which hold the Haar packets' as one choice of their weights, lead there and back.
///
/// - SeeAlso: MW-GAN (arXiv:2008.00499), section 3, for packets in and packets out, and section 3.2
///   for blocks that look one level deeper.
public struct Generator: Module {
    /// Its size.
    public let shape: GeneratorShape
    /// What aligns neighbours in front of the trunk, where pixels are not aligned.
    public let alignment: FeatureAlignment?
    /// The layers in the order in which they run; the deeper ones in the middle of the trunk.
    public let entry: ConvolutionLayer, trunk: [ResidualBlock], exit: ConvolutionLayer
    /// The way one level down, the blocks there, and the weights of the way back.
    public let deep: DeepChain?

    /// A generator of the given size.
    public init(_ shape: GeneratorShape) {
        self.shape = shape
        let path: ParameterPath = "generator"
        alignment =
            shape.alignsFeatures
            ? FeatureAlignment(path / "encoder", shape.width, frames: shape.frames) : nil
        entry = ConvolutionLayer(
            path / "entry", shape.entryInputs, shape.width, activation: .relu,
            initialiser: .kaiming())
        trunk = (0..<shape.blocks).map { ResidualBlock(path / "trunk" / $0, shape.width) }
        deep =
            shape.isDeep
            ? DeepChain(
                path / "deep", shape.width, width: shape.deepWidth, blocks: shape.deepBlocks) : nil
        // Zero: an untrained generator changes nothing.
        exit = ConvolutionLayer(
            path / "exit", shape.width, NetworkChannels.outputs, kernel: 1, initialiser: .zeros)
    }

    /// The parameters of all layers.
    public var declarations: [Declaration] {
        (alignment?.declarations ?? []) + entry.declarations + trunk.declarations
            + (deep?.declarations ?? []) + exit.declarations
    }

    /// All residual blocks in the order in which they run.
    public var residualBlocks: [ResidualBlock] {
        let half = (trunk.count + 1) / 2
        return Array(trunk.prefix(half)) + (deep?.trunk ?? []) + Array(trunk.dropFirst(half))
    }

    /// `[N, inputs, h, w]` normalised packets to `[N, 6, h, w]`, the residual's in its own units; a
    /// deep generator wants even h and w.
    public func callAsFunction(_ x: Value) -> Value {
        let half = (trunk.count + 1) / 2
        let input = shape.ablation?.input(x, frames: shape.frames) ?? x
        let before = trunk.prefix(half).reduce(entry(alignment?(input) ?? input)) { $1($0) }
        let residual = exit(trunk.dropFirst(half).reduce(deep?(before) ?? before) { $1($0) })
        return shape.ablation?.output(residual) ?? residual
    }

    /// The graph from input "packets" to output "residual".
    public var graph: Graph {
        Graph.build { $0.output(self($0.input("packets")), "residual") }
    }
}

/// x + up(chain(down(x))): a residual chain at half the size, with channels of its own.
public struct DeepChain: Module {
    /// The way down, 2x2 of stride 2, and the blocks.
    public let down: ConvolutionLayer, trunk: [ResidualBlock]
    private let up: Declaration

    /// A chain of `blocks` of `width` channels under features of `channels`.
    public init(_ path: ParameterPath, _ channels: Int, width: Int, blocks: Int) {
        down = ConvolutionLayer(
            path / "down", channels, width, kernel: 2, stride: 2, padding: 0,
            initialiser: .kaiming())
        trunk = (0..<blocks).map { ResidualBlock(path / "trunk" / $0, width) }
        // Kept as the convolution whose transpose it is: [width, channels, 2, 2].
        up = Declaration(
            "\(path / "up" / "weight")", [width, channels, 2, 2], .kaiming(scale: 0.1))
    }

    public var declarations: [Declaration] { down.declarations + trunk.declarations + [up] }

    /// `[N, channels, h, w]` to the same, h and w even.
    public func callAsFunction(_ x: Value) -> Value {
        let features = trunk.reduce(down(x)) { $1($0) }
        let back = ConvolutionBackwardData(ConvolutionGeometry(stride: 2))
        return x + features.applying(back, x.builder.parameter(up.path), x)
    }
}
