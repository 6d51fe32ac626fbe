// Makes the two files of a pair, and measures what became of the picture.
import FileNames
import Glibc
import Media
import Quality
import Synchronization

/// What is known of a pair when its files are there.
public struct MadePair: Sendable {
    /// Size and frames of the degraded clip, and bits of its file per pixel.
    public var width: Int, height: Int, frames: Int, bitsPerPixel: Double
    /// Mean of the frames' Y-PSNR in decibels.
    public var decibels: Double
    /// Mean luma quantisation step of the frames in 8-bit code values, whatever the codec's own scale;
    /// nil where neither decoder nor headers say it.
    public var lumaStep: Double?
    /// Chroma of both clips: "420" or "444".
    public var chroma: String
}

/// Makes pairs in a folder; every file appears complete or not at all, and is not made twice.
public final class PairMaker: Sendable {
    private let folder: String
    private let scratch: ScratchFolder
    private let shouldStop: @Sendable () -> Bool
    /// Held while a reference is made that several pairs share.
    private let variants = Mutex(())

    /// A maker that writes below `folder`, which is made if need be.
    ///
    /// - Parameter shouldStop: asked before each frame; ``EncodingStopped`` is thrown then.
    /// - Throws: ``MediaError`` where a folder cannot be made.
    public init(
        folder: String, shouldStop: @escaping @Sendable () -> Bool = { false }
    ) throws {
        self.folder = folder
        self.shouldStop = shouldStop
        scratch = try ScratchFolder()
        for name in ["references", "degraded"] { try Folder.make("\(folder)/\(name)") }
    }

    /// Whether both files of the pair are there.
    public func isMade(_ pair: PlannedPair) -> Bool {
        exists(pair.base) && exists(pair.reference) && exists(pair.degraded)
    }

    /// The pairs' pristine windows that are still to be written, each by one of its pairs.
    public func missingWindows(of pairs: [PlannedPair]) -> [PlannedPair] {
        var seen: Set<String> = []
        return pairs.filter { !exists($0.base) && seen.insert($0.base).inserted }
    }

    /// Writes the pristine window of a pair.
    ///
    /// - Throws: ``MediaError``, ``OutputError`` or ``EncodingStopped``.
    public func makeWindow(of pair: PlannedPair) throws {
        let (frames, rate) = try pair.window.read(shouldStop: shouldStop)
        try write(frames, by: .lossless, to: path(pair.base), rate)
    }

    /// Makes the pair, whose window is there.
    ///
    /// - Throws: ``MediaError``, ``OutputError``, ``TrainingDataError`` where frames were lost or
    ///   shifted, or ``EncodingStopped``.
    public func make(_ pair: PlannedPair) throws -> MadePair {
        let (frames, rate) = try read(path(pair.base))
        let pristine = try variant(of: frames, for: pair)
        try variants.withLock { _ in
            guard !exists(pair.reference) else { return }
            try write(pristine, by: .lossless, to: path(pair.reference), rate)
        }
        if !exists(pair.degraded) {
            var source = frames
            if let first = pair.recipe.first.first {
                let file = "\(scratch.path)/\(pair.id).first\(first.container.fileExtension)"
                defer { unlink(file.fileName) }
                try write(source, by: encoding(first, source[0], rate), to: file, rate)
                source = try read(file).frames
            }
            source = try variant(of: source, for: pair)
            let encoding = encoding(pair.recipe, source[0], rate)
            try write(source, by: encoding, to: path(pair.degraded), rate)
        }
        do {
            return try measure(pair, against: pristine)
        } catch let error where !(error is EncodingStopped) {
            unlink(path(pair.degraded).fileName)
            throw error
        }
    }

    private func path(_ name: String) -> String { "\(folder)/\(name)" }

    private func exists(_ name: String) -> Bool { access(path(name).fileName, F_OK) == 0 }

    private func encoding(_ recipe: Recipe, _ frame: Frame, _ rate: Rational) -> ClipEncoding {
        recipe.encoding(width: frame.width, height: frame.height, frameRate: rate)
    }

    private func write(
        _ frames: [Frame], by encoding: ClipEncoding, to path: String, _ rate: Rational
    ) throws {
        let name = path.split(separator: "/").last.map(String.init) ?? "clip"
        try encoding.write(
            frames, to: path, frameRate: rate, scratch: "\(scratch.path)/\(name)",
            shouldStop: shouldStop)
    }

    private func read(_ path: String) throws -> (frames: [Frame], rate: Rational) {
        let reader = try VideoReader(path: path, options: ReadOptions(threads: 1))
        var frames: [Frame] = []
        while let frame = try reader.next() {
            if shouldStop() { throw EncodingStopped() }
            frames.append(frame)
        }
        return (frames, FootageWindow.standardRate(near: reader.frameRate))
    }

    /// The frames as the last encoder of the recipe gets them: full range for JPEG, or enlarged.
    private func variant(of frames: [Frame], for pair: PlannedPair) throws -> [Frame] {
        let recipe = pair.recipe
        guard recipe.codec == .jpeg || recipe.enlargement != nil, let first = frames.first else {
            return frames
        }
        let factor = recipe.enlargement?.factor ?? 1
        func even(_ length: Int) -> Int { Int(Double(length) * factor) / 2 * 2 }
        let scaler = FrameScaler(
            width: even(first.width), height: even(first.height),
            from: (first.width, first.height), sampling: first.format.sampling,
            isFullRange: recipe.codec == .jpeg, filter: recipe.enlargement?.filter ?? .lanczos)
        return try frames.map { try scaler($0) }
    }

    /// Decodes the degraded file as whoever trains will, beside the pristine frames.
    private func measure(_ pair: PlannedPair, against pristine: [Frame]) throws -> MadePair {
        let file = path(pair.degraded)
        let degraded = try read(file).frames
        guard degraded.count == pristine.count, let first = degraded.first,
            first.width == pristine[0].width, first.height == pristine[0].height,
            first.format == pristine[0].format
        else {
            throw TrainingDataError(
                item: pair.id,
                problem: "the encoder made \(degraded.count) frames of \(pristine.count), or others"
            )
        }
        func mean(_ a: some Sequence<Frame>, _ b: some Sequence<Frame>) -> Double {
            let values = zip(a, b).map { a, b in
                min(
                    99,
                    PlaneError(reference: a.planes[0], test: b.planes[0], depth: 8, threads: 1).psnr
                )
            }
            return values.reduce(0, +) / Double(max(1, values.count))
        }
        let decibels = mean(pristine, degraded)
        if degraded.count > 2 {
            let shifted = max(
                mean(pristine.dropFirst(), degraded), mean(pristine, degraded.dropFirst()))
            guard shifted <= decibels + 0.5 else {
                throw TrainingDataError(item: pair.id, problem: "the encoder shifted its frames")
            }
        }
        let steps = degraded.compactMap { $0.quantisers?.meanLumaStep.map(Double.init) }
        let pixels = Double(first.width * first.height * degraded.count)
        return MadePair(
            width: first.width, height: first.height, frames: degraded.count,
            bitsPerPixel: 8 * Double(Machine.fileSize(file)) / pixels, decibels: decibels,
            lumaStep: steps.isEmpty ? nil : steps.reduce(0, +) / Double(steps.count),
            chroma: first.format.sampling == .yuv444 ? "444" : "420")
    }
}
