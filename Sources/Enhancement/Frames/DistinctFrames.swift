// Successive frames without their repetitions, as far back and ahead as an enhancer looks.
import Media
import Motion

/// A frame of a window whose turn it is.
struct WindowTurn {
    /// Its place in the window, and its number in the video.
    let index: Int, number: Int
    /// Whether a key frame repeats it.
    let isRepeatedByKey: Bool
    /// Whether what becomes of it, or of what repeats it, is wanted.
    let isWanted: Bool
}

/// A window over frames that differ from their predecessors, each with those that repeat it.
///
/// A frame is finished once as many distinct frames follow as the enhancer looks ahead, or at the end;
/// its repetitions get its output, bit for bit. `Prepared` is what the enhancer keeps of a frame.
struct DistinctFrames<Prepared> {
    /// How many frames on either side are looked at.
    let radius: Int
    /// Frames finished so far, and how many of them repeated their predecessor.
    private(set) var count = 0, repeatedCount = 0
    private var entries: [(frame: Frame, prepared: Prepared, repeats: [Frame])] = []
    /// The next frame that will be finished.
    private var centre = 0

    /// An empty window.
    init(radius: Int) { self.radius = radius }

    /// Takes a frame in.
    ///
    /// - Parameter prepare: Not called for a frame that repeats the one before.
    mutating func append(_ frame: Frame, prepare: (Frame) -> Prepared) {
        if let last = entries.last, isDuplicate(frame, of: last.frame) {
            entries[entries.count - 1].repeats.append(frame)
        } else {
            entries.append((frame, prepare(frame), []))
        }
    }

    /// Finishes the frames whose neighbours are all there, at the end all that are left, and forgets
    /// those that nobody looks at any more.
    ///
    /// - Parameter body: Given what is kept of the frames of the window, and which of them is to be finished.
    mutating func finish(
        isEnd: Bool = false, _ body: ([Prepared], WindowTurn) throws -> Frame
    ) rethrows -> [Frame] {
        var results: [Frame] = []
        while centre < entries.count - (isEnd ? 0 : radius) {
            let repeats = entries[centre].repeats
            let turn = WindowTurn(
                index: centre, number: count, isRepeatedByKey: repeats.contains { $0.isKey },
                isWanted: !entries[centre].frame.isContext || repeats.contains { !$0.isContext })
            let enhanced = try body(entries.map(\.prepared), turn)
            results.append(enhanced)
            results += repeats.map { enhanced.atTime(of: $0) }
            count += 1 + repeats.count
            repeatedCount += repeats.count
            centre += 1
        }
        let seen = isEnd ? entries.count : max(0, centre - radius)
        entries.removeFirst(seen)
        centre -= seen
        return results
    }
}
