// A few frames of a clip, reduced and stored without loss: what pairs are compared with.
import Glibc
import Media

/// The beginning or the end of a clip.
struct FootageWindow: Sendable, Hashable {
    let footage: Footage
    /// Whether these are the clip's last frames and not its first.
    let isEnd: Bool
    /// At most so many frames, and lines.
    let frames: Int, maximumHeight: Int

    /// Name of the window, from which its file and its pairs are named.
    var name: String {
        let reduced = footage.height > maximumHeight ? ".\(maximumHeight)p" : ""
        return "\(footage.name)\(reduced).\(isEnd ? "b" : "a")\(frames)"
    }

    /// Size of its frames: even, and in the proportions of the clip.
    var size: (width: Int, height: Int) {
        guard footage.height > maximumHeight else { return (footage.width, footage.height) }
        let height = maximumHeight & ~1
        let width = Double(footage.width) * Double(height) / Double(footage.height)
        return (max(16, Int((width / 2).rounded()) * 2), height)
    }

    /// The windows of a clip: its first frames and, where others are left, its last.
    static func all(of footage: Footage, frames: Int, maximumHeight: Int) -> [FootageWindow] {
        let hasEnd = footage.frameCount.map { $0 >= frames + 4 } ?? false
        return (hasEnd ? [false, true] : [false]).map {
            FootageWindow(
                footage: footage, isEnd: $0, frames: frames, maximumHeight: maximumHeight)
        }
    }

    /// Decodes the frames, 8 bits a sample and limited range, and the rate they are encoded at.
    ///
    /// - Throws: ``MediaError``, or ``EncodingStopped`` after `shouldStop`.
    func read(shouldStop: () -> Bool) throws -> (frames: [Frame], rate: Rational) {
        let reader = try VideoReader(path: footage.path, options: ReadOptions(threads: 1))
        let rate = reader.frameRate
        // The end of a long file is found by its time; that of a short one by counting.
        if isEnd, let count = footage.frameCount, count > 4 * frames, rate.value > 0 {
            try? reader.read(from: Double(count - 2 * frames) / rate.value)
        }
        let scaler = FrameScaler(
            width: size.width, height: size.height, from: (footage.width, footage.height),
            sampling: footage.sampling)
        var kept: [Frame] = []
        while isEnd || kept.count < frames, let frame = try reader.next() {
            if shouldStop() { throw EncodingStopped() }
            kept.append(try scaler(frame))
            if kept.count > frames { kept.removeFirst() }
        }
        guard !kept.isEmpty else { throw MediaError.noFrames(path: footage.path) }
        return (kept, FootageWindow.standardRate(near: rate))
    }

    /// The nearest rate that every codec knows: frames keep their order and not their times.
    static func standardRate(near rate: Rational) -> Rational {
        let known = [
            Rational(24000, 1001), Rational(24, 1), Rational(25, 1), Rational(30000, 1001),
            Rational(30, 1), Rational(50, 1), Rational(60000, 1001), Rational(60, 1),
        ]
        guard rate.value > 0 else { return known[2] }
        return known.min { abs(log($0.value / rate.value)) < abs(log($1.value / rate.value)) }!
    }
}
