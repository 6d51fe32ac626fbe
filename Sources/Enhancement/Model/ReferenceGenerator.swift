// MW-GAN's generator exactly as it was published: RGB, three frames, a learned pyramid of motion.
import Graphs
import Networks
import Tensors

/// The published generator of MW-GAN, flaws included, under the names of its released weights.
///
/// Input: three frames of red, green and blue from 0 to 1, `[N, 9, H, W]`: the one before, the one
/// that is restored, the one after; H and W multiples of 4. It is kept as it is so that weights of
/// others compute what their authors' code computes: the flow reaches one pixel at most and does not
/// accumulate, and the branches before the trunk have no nonlinearity.
///
/// - SeeAlso: MW-GAN (arXiv:2008.00499), section 3; `DenseMWNet_ECCV` of the released code.
public struct ReferenceGenerator: Module {
    /// Motion compensation, used for both neighbours.
    public let motion: PyramidMotion
    private let paths: [[ConvolutionLayer]]
    private let merge: [ConvolutionLayer]
    /// The trunk at half size.
    public let trunk: [WaveletDenseBlock]
    private let trunkExit: ConvolutionLayer, detail: ConvolutionLayer, last: ConvolutionLayer

    /// A generator with `blocks` blocks of `width` channels.
    public init(width: Int = 64, growth: Int = 32, blocks: Int = 6) {
        motion = PyramidMotion("motion_align", width: width)
        paths = (1...3).map { path in
            let path = ParameterPath("cov_path_\(path)")
            return [
                ConvolutionLayer(path / 0 / "body" / 0, 12, width),
                ConvolutionLayer(path / 1 / "body" / 0, width, width),
            ]
        }
        merge = [
            ConvolutionLayer("conv_first_", 3 * width, width, activation: .leakyReLU(0.2)),
            ConvolutionLayer("conv_second", width, width, activation: .leakyReLU(0.2)),
        ]
        trunk = (0..<blocks).map {
            WaveletDenseBlock(ParameterPath("ResidualBlock") / $0, width, growth: growth)
        }
        trunkExit = ConvolutionLayer("trunk_conv", width, width)
        detail = ConvolutionLayer("conv_aft", width / 4, 3)
        last = ConvolutionLayer("conv_last_", 3, 3)
    }

    public var declarations: [Declaration] {
        motion.declarations + paths.flatMap(\.declarations) + merge.declarations
            + trunk.declarations + trunkExit.declarations + detail.declarations
            + last.declarations
    }

    /// The restored frame `[N, 3, H, W]`, and the two neighbours as they were aligned to it.
    public func callAsFunction(
        _ frames: Value
    ) -> (restored: Value, previous: Value, next: Value) {
        func frame(_ index: Int) -> Value {
            frames.sliced(axis: 1, from: 3 * index, to: 3 * index + 3)
        }
        let centre = frame(1)
        let previous = motion(centre, frame(0)), next = motion(centre, frame(2))
        let features = zip(paths, [previous, centre, next]).map { path, frame in
            path.reduce(frame.haarPackets) { $1($0) }
        }
        let merged = merge.reduce(frames.builder.concatenate(features)) { $1($0) }
        let deep = trunkExit(trunk.reduce(merged) { $1($0) })
        return (last(detail(deep.inverseHaarPackets) + centre), previous, next)
    }

    /// The graph from input "frames" to outputs "restored", "previous" and "next".
    public var graph: Graph {
        Graph.build { builder in
            let result = self(builder.input("frames"))
            builder.output(result.restored, "restored")
            builder.output(result.previous, "previous")
            builder.output(result.next, "next")
        }
    }
}

/// MW-GAN's motion compensation: flows of three levels of wavelets, each from the one below.
///
/// - SeeAlso: MW-GAN (arXiv:2008.00499), section 3.2; `DWT_motion_Pyramid` of the released code.
public struct PyramidMotion: Module {
    private let levels: [[ConvolutionLayer]]
    private let flow1: ConvolutionLayer, flow2: ConvolutionLayer, flow3: ConvolutionLayer
    private let features3: ConvolutionLayer, shrink3: ConvolutionLayer, last: ConvolutionLayer

    /// Motion compensation with `width` channels inside.
    public init(_ path: ParameterPath, width: Int = 64) {
        levels = [(9, 6), (51, 24), (96, 96)].enumerated().map { level, channels in
            (1...5).map { index in
                ConvolutionLayer(
                    path / "warp_level_\(level + 1)" / "conv\(index)",
                    index == 1 ? channels.0 : width, index == 5 ? channels.1 : width,
                    activation: .leakyReLU(0.2), initialiser: .kaiming(scale: 0.1))
            }
        }
        func mix(_ name: String, _ inputs: Int, _ outputs: Int) -> ConvolutionLayer {
            ConvolutionLayer(path / name, inputs, outputs, kernel: 1)
        }
        flow1 = mix("conv_1", 6, 2)
        flow2 = mix("conv_2", 6, 2)
        features3 = mix("conv_3_1", 24, 24)
        flow3 = mix("conv_3_2", 6, 2)
        shrink3 = ConvolutionLayer(
            path / "conv_3_3", 3, 3, stride: 2, activation: .leakyReLU(0.1))
        last = mix("conv_last", 3, 3)
    }

    public var declarations: [Declaration] {
        levels.flatMap(\.declarations) + flow1.declarations + flow2.declarations
            + features3.declarations + flow3.declarations + shrink3.declarations
            + last.declarations
    }

    /// The neighbour as it would be at the time of the centre; both `[N, 3, H, W]`.
    public func callAsFunction(_ centre: Value, _ neighbour: Value) -> Value {
        let builder = centre.builder
        func run(_ level: Int, _ x: Value) -> Value { levels[level - 1].reduce(x) { $1($0) } }
        func warped(_ flow: Value) -> Value { neighbour.applying(Warp(border: .zero), flow) }
        let both = builder.concatenate([centre, neighbour])
        let half = both.haarPackets

        let coarse = features3(run(3, half.haarPackets).inverseHaarPackets).tanh
        let warped3 = shrink3(warped(flow3(coarse.inverseHaarPackets)))
        let middle = run(2, builder.concatenate([half, coarse, warped3]))
        let warped2 = warped(flow2(middle.inverseHaarPackets).tanh)
        let fine = run(1, builder.concatenate([both, warped2]))
        return last(warped(flow1(fine).tanh))
    }
}
