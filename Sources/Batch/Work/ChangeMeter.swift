// What an enhancement does to a video, measured on some of its frames on the way.
import Enhancement
import Media
import Quality

/// Measures every fifth frame, and keeps the one that changed most.
struct ChangeMeter {
    /// Of the frames that are measured, every how manieth is searched for the edges of blocks.
    static let blockInterval = 4

    private(set) var figures = ChangeFigures()
    private var largest = LargestChange()
    private var measured = 0

    /// Looks at the next frame.
    mutating func add(original: Frame, enhanced: Frame, threads: Int) {
        largest.add(original: original, enhanced: enhanced, threads: threads)
        guard let change = largest.last else { return }
        // In 8-bit code values, whatever the depth.
        let scale = Double(1 << (2 * (enhanced.format.depth - 8)))
        figures.change += change / scale
        figures.frames += 1
        if let map = original.quantisers, !map.values.isEmpty {
            let steps = map.lumaSteps
            figures.step += steps.reduce(0) { $0 + Double($1) } / Double(steps.count)
            figures.steppedFrames += 1
        }
        defer { measured += 1 }
        guard measured.isMultiple(of: Self.blockInterval) else { return }
        figures.blockFrames += 1
        figures.blocksBefore +=
            Blockiness(original.planes[0], depth: original.format.depth).strength
        figures.blocksAfter +=
            Blockiness(enhanced.planes[0], depth: enhanced.format.depth).strength
    }

    /// Writes the frame that changed most, before and after, as JPEGs of hardly visible loss, and a small one.
    ///
    /// - Parameter origin: The time that counts as 0, in the frame's units.
    /// - Returns: What is in the files; nil where no frame was seen.
    /// - Throws: `MediaError`, `OutputError`.
    func write(_ files: FrameFiles, origin: Int64) throws -> ShownFrame? {
        guard let pair = largest.pair else { return nil }
        let pictures = (pair.original.upright(), pair.enhanced.upright())
        try writeFile(
            pictures.0.encoded(as: .jpeg, quality: 95), to: files.before, isDurable: false)
        try writeFile(pictures.1.encoded(as: .jpeg, quality: 95), to: files.after, isDurable: false)
        try writeFile(pictures.1.thumbnail(), to: files.thumbnail, isDurable: false)
        let scale = Double(1 << (2 * (pair.enhanced.format.depth - 8)))
        let time = Double(pair.original.timestamp &- origin) * pair.original.timeBase.value
        return ShownFrame(
            change: largest.change / scale, time: max(0, time), width: pictures.0.width,
            height: pictures.0.height)
    }
}

/// The files of a frame that is shown.
struct FrameFiles {
    let before: String, after: String, thumbnail: String
    var all: [String] { [before, after, thumbnail] }
}

extension UprightPicture {
    /// The picture as a small JPEG.
    func thumbnail() throws -> [UInt8] {
        try fitted(shortest: 1, longest: 240).encoded(as: .jpeg, quality: 75)
    }
}
