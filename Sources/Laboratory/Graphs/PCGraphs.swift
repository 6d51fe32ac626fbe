// One predictive-coding graph, four queries: it classifies, draws, completes and denoises.
import Learning
import Tensors

/// Trains graphs of several topologies on labelled pictures, once each, and asks each four things.
public struct PCGraphs: Experiment {
    public let name = "pc-graphs"
    public let claim =
        "one network of any topology, trained once, classifies, generates, completes and denoises,"
        + " as it is asked"
    public let source =
        "Salvatori et al., Learning on Arbitrary Graph Topologies via Predictive Coding"
        + " (arXiv:2201.13180)"

    /// Pictures for a seed; nil where `setting` names no data: then strokes are drawn.
    let pictures: @Sendable (ExperimentSetting, UInt64) throws -> PCPictureSplit?

    /// The experiment on strokes, and on MNIST's first where there is data.
    public init() {
        self.init { setting, _ in
            guard setting.data != nil else { return nil }
            let digits = try setting.pictures(
                training: setting.isFull ? 60_000 : 3000, test: setting.isFull ? 10_000 : 1000)
            return PCPictureSplit(train: digits.training, test: digits.test)
        }
    }

    /// The experiment on pictures from elsewhere, which have no expectations of their own.
    init(pictures: @escaping @Sendable (ExperimentSetting, UInt64) throws -> PCPictureSplit?) {
        self.pictures = pictures
    }

    /// A topology, and how much its weights decay.
    struct Variant: Sendable {
        let name: String
        let decay: Double
        /// Whether there is a vertex that is always 1, so that others can have a bias.
        var hasConstant = false
        let topology: @Sendable (_ pixels: Int, _ hidden: Int, inout RandomSource) -> PCTopology
    }

    /// The share of every weight that is taken away per update.
    static let decay = 1e-2

    static let variants: [Variant] = [
        Variant(name: "complete", decay: decay) { pixels, hidden, _ in
            .complete(["pixels": pixels, "label": 10, "hidden": hidden])
        },
        Variant(name: "complete, no decay", decay: 0) { pixels, hidden, _ in
            .complete(["pixels": pixels, "label": 10, "hidden": hidden])
        },
        Variant(name: "complete, constant vertex", decay: decay, hasConstant: true) {
            pixels, hidden, _ in
            .complete(["pixels": pixels, "label": 10, "hidden": hidden, "one": 1])
        },
        Variant(name: "sparse, 20 %", decay: decay) { pixels, hidden, random in
            .sparse(
                ["pixels": pixels, "label": 10, "hidden": hidden], density: 0.2, using: &random)
        },
        Variant(name: "layers, both ways", decay: decay) { pixels, hidden, _ in
            .layered(["pixels": pixels, "hidden": hidden, "label": 10], .bidirectional)
        },
        Variant(name: "layers, to the label", decay: 0) { pixels, hidden, _ in
            .layered(["pixels": pixels, "hidden": hidden, "label": 10], .discriminative)
        },
        Variant(name: "layers, to the pixels", decay: 0) { pixels, hidden, _ in
            .layered(["pixels": pixels, "hidden": hidden, "label": 10], .generative)
        },
    ]

    public func run(_ setting: ExperimentSetting) throws -> ExperimentResult {
        var figures = [[PCGraphFigures]](repeating: [], count: Self.variants.count)
        var peers: [PCGraphPeers] = []
        var isStrokes = true
        for seed in 1...UInt64(max(setting.seeds, 1)) {
            var random = RandomSource(seed: seed)
            let split: PCPictureSplit
            if let given = try pictures(setting, seed) {
                (split, isStrokes) = (given, false)
            } else {
                let strokes = StrokePictures()
                split = PCPictureSplit(
                    train: strokes.draw(2000, using: &random),
                    test: strokes.draw(500, using: &random))
            }
            let hidden = split.train.pixelCount > 100 ? 300 : 100
            setting.observe("seed \(seed): peers by backpropagation")
            let size = (split.train.pixelCount + 10 + hidden)
            let peer = try PCGraphPeers(
                split, parameters: size * (size - 1), threads: setting.threads, using: &random)
            peers.append(peer)
            for (index, variant) in Self.variants.enumerated() {
                setting.observe("seed \(seed): \(variant.name)")
                figures[index].append(
                    try PCGraphFigures(
                        variant, split, hidden: hidden, judge: peer, threads: setting.threads,
                        // Curves are drawn for the first seed only.
                        drawsCurves: seed == 1 && index < 2, using: &random))
            }
        }
        return PCGraphsReport(figures: figures, peers: peers, isStrokes: isStrokes).result
    }
}
