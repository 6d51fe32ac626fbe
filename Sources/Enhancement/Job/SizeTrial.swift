// Which constant quality makes the output as large as it may be: tried on samples of the clip.
import Glibc
import Media

/// Finds the quality that fits `--size` by enhancing and encoding samples at two qualities.
///
/// An encoder that is merely forbidden to exceed a rate spends its bits where they happen to fall;
/// at a constant quality that fits, they fall where they help. On twelve clips the capped encoder
/// used 1.6 times the source's bits and lost 0.5 dB against the fitted one at 1.9 times.
struct SizeTrial {
    /// What a trial found.
    struct Fit: Equatable {
        /// Constant quality, and how many times the source's bits that takes.
        let quality: Double, ratio: Double
        /// Whether every frame was tried.
        var isExact = false
    }

    /// A clip up to this length is tried as a whole, if its frames also fit into so many bytes: they wait
    /// there for the encoder. Of longer ones a few windows are tried.
    static let wholeLength = 80, wholeBytes = 256 << 20
    /// Frames of a window, and which of them are counted: the first is a key frame, which the window
    /// of the source need not have, and the last have no future that the encoder could plan for.
    static let windowLength = 32, counted = 1..<24
    /// Share of what is allowed that a clip tried as a whole aims at, and one tried by samples, which
    /// may mislead; where the size is kept all the same.
    static let wholeShare = 0.98, sampledShare = 0.925, guardedShare = 0.97
    /// Share of a clip's frames that are tried for a size that somebody named, and the windows that nothing needs more of.
    static let triedShare = 0.03, mostWindows = 64
    /// How far one window leads astray, as a share of its bits; many do less by their square root.
    static let deviation = 0.13

    let path: String
    let reading: ReadOptions
    let start: Double?, end: Double?
    let video: VideoDescription
    /// How many times the source's bits the output may take.
    let allowed: Double
    let settings: EncoderSettings
    let outputPath: String
    /// Makes the stage that enhances one window.
    let stage: () throws -> (any FrameStage)?
    /// What happens to frames between the stage and the encoder.
    var delivering: (Frame) -> Frame = { $0 }
    let shouldStop: () -> Bool
    /// Whether a size that somebody named is kept however the trial misleads.
    var isGuarded = true

    /// The fit; nil where sizes of packets are unknown, or a stop was asked for.
    func run() throws -> Fit? {
        let encoder = try VideoWriter.check(path: outputPath, video: video, settings: settings)
        guard let usual = encoder.qualityScale, video.fieldOrder == .progressive else { return nil }
        let reader = try VideoReader(path: path, options: reading)
        let windows = windows(rate: reader.frameRate.value)
        let isWhole = windows[0].isWhole
        let isNamed = settings.size.isNamed
        let target = allowed * share(of: windows)
        // Whoever names a size wants it used; by default nothing finer than one can see is.
        let scale = isNamed ? usual.wide : usual
        func tried(_ qualities: [Double]) throws -> Spent? {
            var spent = Spent(qualities)
            for window in windows {
                guard try measure(window, reader, scale, &spent) else { return nil }
            }
            return spent
        }
        guard let first = try tried([]) else { return nil }
        if isNamed, isWhole {
            var search = SizeSearch(allowed: allowed, finest: scale.finest)
            search.note(first)
            for _ in 0..<3 where !search.isDone {
                guard let more = try tried(search.next) else { return nil }
                search.note(more)
            }
            return search.best.map { Fit(quality: $0.quality, ratio: $0.ratio, isExact: true) }
        }
        let fit = first.fit(target: target, on: scale)
        // The curve is no line over many steps: a size that somebody names is met by points close by.
        guard let fit, isNamed, first.distance(to: fit.quality) > 2 else {
            return fit
        }
        let near = max(fit.quality - 1, scale.finest)
        return try tried([near, near + 2])?.fit(target: target, on: scale)
    }

    /// What of the allowed is aimed at.
    func share(of windows: [Window]) -> Double {
        if windows[0].isWhole { return Self.wholeShare }
        guard settings.size.isNamed else { return Self.sampledShare }
        if isGuarded { return Self.guardedShare }
        return min(Self.guardedShare, 1 - Self.deviation / Double(windows.count).squareRoot())
    }

    // MARK: - Windows

    /// A part of the input in seconds; nil: from its beginning, to its end.
    struct Window {
        let start: Double?, end: Double?
        let isWhole: Bool
    }

    /// The parts that are tried, at `rate` frames a second; they never overlap.
    func windows(rate: Double) -> [Window] {
        let whole = Window(start: start, end: end, isWhole: true)
        guard rate > 0, let duration = video.duration,
            duration * rate > Double(wholeLength)
        else { return [whole] }
        let length = Double(SizeTrial.windowLength) / rate
        let first = start ?? 0
        let wanted =
            settings.size.isNamed
            ? min(Self.mostWindows, Int(Self.triedShare * duration / length)) : 0
        let count = min(max(3, wanted), max(1, Int(duration / length)))
        return (0..<count).map { index in
            let middle = duration * (Double(index) + 0.5) / Double(count)
            let start = first + max(0, middle - length / 2)
            return Window(start: start, end: start + length, isWhole: false)
        }
    }

    /// Frames of the longest clip that is tried as a whole.
    var wholeLength: Int {
        let frameBytes = (0..<video.format.planeCount).reduce(0) { sum, index in
            let size = video.format.planeSize(index, width: video.width, height: video.height)
            return sum + size.width * size.height * video.format.bytesPerSample
        }
        return min(SizeTrial.wholeLength, SizeTrial.wholeBytes / frameBytes)
    }

    /// The frames of a window as they are delivered, and what is known of their sources.
    private struct Sample {
        var frames: [Frame] = []
        var sourceBytes: [Int] = []
        var lumaStep: Float?
    }

    /// Enhances a window and encodes it twice; false where it cannot be used.
    private func measure(
        _ window: Window, _ reader: VideoReader, _ scale: QualityScale, _ spent: inout Spent
    ) throws -> Bool {
        guard let sample = try enhanced(window, reader), !sample.frames.isEmpty else {
            return false
        }
        if spent.qualities.isEmpty {
            spent.qualities = scale.guesses(lumaStep: sample.lumaStep, allowed: allowed)
        }
        let count = sample.frames.count
        let range = window.isWhole ? 0..<count : SizeTrial.counted.clamped(to: 0..<count)
        guard !range.isEmpty else { return false }
        // One after the other: an encoder takes more memory than the frames of a window.
        for (index, quality) in spent.qualities.enumerated() {
            let trial = try EncodingTrial(
                path: outputPath, video: video, settings: settings, crf: quality)
            for frame in sample.frames {
                if shouldStop() { return false }
                try trial.write(frame)
            }
            let sizes = try trial.finish()
            guard sizes.count == count else { return false }
            spent.output[index] += sizes[range].reduce(0, +)
        }
        spent.source += sample.sourceBytes[range].reduce(0, +)
        return true
    }

    /// Enhances the frames of a window; nil where the bytes of one are unknown, or a stop was asked for.
    /// The network is gone when it returns, and its memory is the encoder's.
    private func enhanced(_ window: Window, _ reader: VideoReader) throws -> Sample? {
        if window.start != nil || window.end != nil {
            try reader.read(
                from: window.start ?? 0, to: window.end, context: Surroundings.largestRadius)
        } else {
            try reader.rewind()
        }
        let stage = try stage()
        var originals: [(bytes: Int?, isWanted: Bool)] = []
        var sample = Sample()
        func keep(_ frames: [Frame]) -> Bool {
            for frame in frames {
                let original = originals.removeFirst()
                guard original.isWanted else { continue }
                guard let bytes = original.bytes else { return false }
                if sample.frames.isEmpty { sample.lumaStep = frame.quantisers?.meanLumaStep }
                sample.sourceBytes.append(bytes)
                sample.frames.append(delivering(frame))
            }
            return true
        }
        while let frame = try reader.next() {
            if shouldStop() { return nil }
            originals.append((frame.codedBytes, reader.isInsideWindow(frame)))
            guard keep(try stage?.push(frame) ?? [frame]) else { return nil }
        }
        return keep(try stage?.flush() ?? []) ? sample : nil
    }

    /// Bytes of the source and of the two encodings, summed over windows.
    struct Spent {
        var qualities: [Double] = []
        var source = 0, output = [0, 0]

        /// Nothing spent; no qualities: those that the first frame suggests.
        init(_ qualities: [Double] = []) { self.qualities = qualities }

        /// How far a quality lies outside those that were tried.
        func distance(to quality: Double) -> Double {
            max(qualities[0] - quality, quality - qualities[1], 0)
        }

        /// Where the line through both points (bits fall by a power with quality) meets the target.
        func fit(target: Double, on scale: QualityScale) -> Fit? {
            guard source > 0, qualities.count == 2, output[0] > output[1], output[1] > 0 else {
                return nil
            }
            let ratios = output.map { log2(Double($0) / Double(source)) }
            let slope = (ratios[1] - ratios[0]) / (qualities[1] - qualities[0])
            let meeting = qualities[0] + (log2(target) - ratios[0]) / slope
            let quality = scale.rounded(meeting)
            return Fit(
                quality: quality, ratio: exp2(ratios[0] + slope * (quality - qualities[0])))
        }
    }
}
