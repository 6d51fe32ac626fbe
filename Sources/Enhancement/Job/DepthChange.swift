// More bits a sample without any enhancement.
import Media

/// Brings frames to a larger depth: code values times a power of two.
final class DepthChange: FrameStage {
    private let depth: Int
    let times = EnhancementTimes()
    let repeatedCount = 0

    /// A stage that leaves frames of at least `depth` bits as they are.
    init(depth: Int) { self.depth = depth }

    func push(_ frame: Frame) -> [Frame] {
        guard frame.format.depth < depth else { return [frame] }
        var result = frame
        result.planes = frame.planes.map { $0.scaled(from: frame.format.depth, to: depth) }
        result.format.depth = depth
        return [result]
    }

    func flush() -> [Frame] { [] }
}
