// Before and after in one picture: what a preview shows.
import Media

/// Joins the left half of each original with the right half of what a stage made of it.
public final class SplitScreen: FrameStage {
    private let stage: any FrameStage
    private var originals: [Frame] = []

    /// A split screen around `stage`.
    public init(_ stage: any FrameStage) { self.stage = stage }

    public var times: EnhancementTimes { stage.times }
    public var repeatedCount: Int { 0 }
    public var recalledCount: Int { stage.recalledCount }

    public func push(_ frame: Frame) throws -> [Frame] {
        originals.append(frame)
        return join(try stage.push(frame))
    }

    public func flush() throws -> [Frame] { join(try stage.flush()) }

    private func join(_ results: [Frame]) -> [Frame] {
        let pairs = zip(originals, results).map { joined($0, $1) }
        originals.removeFirst(results.count)
        return pairs
    }

    private func joined(_ original: Frame, _ result: Frame) -> Frame {
        let depth = result.format.depth
        var frame = result
        frame.planes = result.planes.indices.map { index in
            let after = result.planes[index]
            let before = original.planes[index].scaled(from: original.format.depth, to: depth)
            let plane = Plane(
                width: after.width, height: after.height, bytesPerSample: after.bytesPerSample)
            let bytes = after.bytesPerSample
            let half = after.width / 2
            let isLuma = index == 0 || result.format.sampling == .rgb
            for y in 0..<after.height {
                plane.copyRow(y, from: after, row: y)
                plane.withUnsafeMutableBytes { target in
                    let row = target + y * plane.bytesPerRow
                    before.withUnsafeBytes {
                        row.copyMemory(
                            from: $0 + y * before.bytesPerRow, byteCount: half * bytes)
                    }
                    // A bright line between the halves; chroma keeps its colour.
                    guard isLuma, half > 0 else { return }
                    let white = 235 << (depth - 8)
                    if bytes == 1 {
                        row.storeBytes(of: UInt8(white), toByteOffset: half, as: UInt8.self)
                    } else {
                        row.storeBytes(of: UInt16(white), toByteOffset: 2 * half, as: UInt16.self)
                    }
                }
            }
            return plane
        }
        return frame
    }
}
