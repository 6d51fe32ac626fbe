// An actor without weights: the mean of a few trees grown on better actions.
import Networks
import Tensors

/// A small forest of regression trees, grown anew every so many lessons on the latest examples.
///
/// - SeeAlso: ZOSPI (arXiv:2006.06600), non-parametric policies; Geurts et al., "Extremely randomized trees" (2006).
public struct ForestActor: PolicyActor, ExampleActor {
    static let kind = "forest"
    public let stateCount: Int, box: ActionBox
    private let interval: Int, least: Int, size: Int
    private var window: ExampleWindow
    private var lessons = 0
    private var random: RandomSource
    private var trees: [RegressionTree] = []

    /// An actor that knows nothing: it does 0.
    ///
    /// - Parameters:
    ///   - trees: How many.
    ///   - least: Examples of a leaf at least.
    ///   - capacity: Examples kept; the oldest go first.
    ///   - interval: Lessons after which the forest is grown anew.
    public init(
        stateCount: Int, box: ActionBox, trees: Int = 20, least: Int = 4, capacity: Int = 512,
        interval: Int = 8, seed: UInt64 = 1
    ) {
        precondition(trees > 0 && least > 0 && interval > 0, "\(trees) trees of \(least)")
        (self.stateCount, self.box) = (stateCount, box)
        (self.interval, self.least, size) = (interval, least, trees)
        random = RandomSource(seed: seed)
        window = ExampleWindow(
            stateCount: stateCount, actionCount: box.count, capacity: capacity)
    }

    /// Examples kept.
    public var count: Int { window.count }

    /// Keeps examples, in place of the oldest where there is no more room.
    ///
    /// - Parameters:
    ///   - states: `[N, s]`.
    ///   - actions: `[N, a]`, what is best there.
    public mutating func learn(_ states: Tensor<Float>, _ actions: Tensor<Float>) {
        window.append(states, actions)
        if lessons % interval == 0 { grow() }
        lessons += 1
    }

    private mutating func grow() {
        let examples = RegressionTree.Examples(
            states: window.states, actions: window.actions, stateCount: stateCount,
            actionCount: box.count)
        trees = (0..<size).map { _ in RegressionTree(examples, least: least, using: &random) }
    }

    public func actions(for states: Tensor<Float>) -> Tensor<Float> {
        let (rows, width) = (states.shape[0], box.count)
        var result = Tensor<Float>(shape: [rows, width])
        guard !trees.isEmpty else { return result }
        result.withUnsafeMutableBufferPointer { result in
            states.withUnsafeBufferPointer { states in
                for tree in trees {
                    for row in 0..<rows {
                        let leaf = tree.leaf(states, from: row * stateCount)
                        for column in 0..<width {
                            result[row * width + column] +=
                                tree.answers[leaf * width + column] / Float(trees.count)
                        }
                    }
                }
            }
            for index in result.indices { result[index] = box.clamped(result[index]) }
        }
        return result
    }

    // MARK: - Files

    public func write(to path: String) throws(FileWriteError) {
        var metadata = ActorHead.metadata(Self.kind, self)
        metadata["policy.trees"] = "\(trees.count)"
        try Safetensors.write(
            RegressionTree.tensors(trees, width: box.count), metadata: metadata, to: path)
    }

    init(_ file: Safetensors, _ head: ActorHead) throws(SafetensorsError) {
        self.init(stateCount: head.stateCount, box: head.box)
        let count = try file.value("policy.trees", "a number of trees") {
            Int($0).flatMap { (0...1 << 20).contains($0) ? $0 : nil }
        }
        trees = try RegressionTree.read(
            file, features: stateCount, width: box.count, count: count)
    }
}
