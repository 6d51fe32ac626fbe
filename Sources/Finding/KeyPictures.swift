// Which pictures of a video are remembered: two a second, more where much moves, and the first of each shot.
import Media

/// A picture that is worth remembering.
public struct KeyPicture: Sendable {
    /// Seconds from the start of the video.
    public let time: Double
    /// Whether a shot begins with it.
    public let beginsShot: Bool
    /// The picture.
    public let small: SmallPicture
    /// What is compared.
    public let pattern: PicturePattern
}

/// Reads the key pictures of one file.
///
/// Pictures are decoded without the loop filter and, but where much moves, without those that no other is made of, where
/// the codec lets them go; nothing here is looked at any larger than 64x64.
public struct KeyPictureReader {
    /// Seconds after which a picture is remembered, whatever it shows; and before which none is.
    static let longest = 0.5, shortest = 0.12
    /// How unlike the last remembered one a picture must be to be remembered earlier.
    static let moved: Float = 0.3
    /// How unlike two that are looked at one after the other must be for those between to be looked at, which may be like
    /// neither; and seconds between those.
    static let rushed: Float = 0.5, between = 0.03
    /// How unlike its predecessor a picture must be to begin a shot, and how many times as unlike as that one was to its
    /// own: where all moves fast, all pictures are unlike.
    static let cut: Float = 0.6, leap: Float = 1.35

    /// The file.
    public let path: String
    /// How it is read.
    public var reading = ReadOptions()
    /// Asked now and then: true ends the reading.
    public var shouldStop: () -> Bool = { false }

    /// A reader of `path`.
    public init(_ path: String) {
        self.path = path
        reading.threads = 1
        (reading.skipsUnreferenced, reading.skipsLoopFilter) = (true, true)
    }

    /// What a file turned out to be.
    public struct Summary: Sendable {
        /// Size in square pixels as a person sees it.
        public let width: Int, height: Int
        /// Seconds; 0 for a photograph.
        public let duration: Double
        /// Where its shots begin, in seconds.
        public let shots: [Double]

        /// A file of that size, length and shots.
        public init(width: Int, height: Int, duration: Double, shots: [Double] = [0]) {
            (self.width, self.height, self.duration) = (width, height, duration)
            self.shots = shots
        }
    }

    /// Hands over each key picture in order, with the frame that it was made of.
    ///
    /// - Parameter progress: Told the time of each picture that was decoded.
    /// - Returns: Nil where it was asked to stop.
    /// - Throws: `MediaError`, ``FinderError/cutShort(path:reason:)``; what `take` throws.
    public func read(
        progress: (Double) -> Void = { _ in }, _ take: (KeyPicture, Frame) throws -> Void
    ) throws -> Summary? {
        do {
            return try readWhole(progress, take)
        } catch MediaError.truncated(let path, let reason, _, _) {
            // What that error advises is an option of other programs.
            throw FinderError.cutShort(path: path, reason: reason)
        }
    }

    private func readWhole(
        _ progress: (Double) -> Void, _ take: (KeyPicture, Frame) throws -> Void
    ) throws -> Summary? {
        if StillReader.Kind(path: path) != nil {
            var options = reading
            options.enoughPixels = 512
            let reader = try StillReader(path: path, options: options)
            guard let frame = try reader.next() else { throw MediaError.noFrames(path: path) }
            let small = SmallPicture(frame.upright())
            let pattern = PicturePattern(small)
            try take(
                KeyPicture(time: 0, beginsShot: true, small: small, pattern: pattern), frame)
            return Self.summary(frame, reader.fullWidth, reader.fullHeight, 0, [0])
        }
        try PacketScan(path: path, options: reading).check()
        let reader = try VideoReader(path: path, options: reading)
        let reducer = FrameReducer()
        var choice = KeyPictureChoice()
        var last: Frame?
        // Those since the last look, with their times.
        var frames: [(time: Double, frame: Frame)] = []
        while let frame = try reader.next() {
            if shouldStop() { return nil }
            let time = max(0, reader.seconds(frame))
            progress(time)
            last = frame
            guard choice.looks(at: time) else {
                if time - (frames.last?.time ?? -1) >= Self.between { frames.append((time, frame)) }
                continue
            }
            let pictures = try choice.take(try reducer(frame), at: time) {
                try frames.map { ($0.time, try reducer($0.frame)) }
            }
            frames.append((time, frame))
            for picture in pictures {
                guard let shown = frames.first(where: { $0.time == picture.time }) else { continue }
                try take(picture, shown.frame)
            }
            frames = []
            if reading.skipsUnreferenced { reader.skipUnreferenced(!choice.isMoving) }
        }
        if let failure = reader.readFailure {
            throw MediaError.inputFailure(path: path, reason: failure)
        }
        guard let last else { throw MediaError.noFrames(path: path) }
        if let picture = choice.end(try reducer(last), at: max(0, reader.seconds(last))) {
            try take(picture, last)
        }
        let end = reader.seconds(last) + Double(last.duration) * reader.timeBase.value
        return Self.summary(
            last, last.width, last.height, max(end, reader.source.info.duration ?? 0),
            choice.shots)
    }

    private static func summary(
        _ frame: Frame, _ width: Int, _ height: Int, _ duration: Double, _ shots: [Double]
    ) -> Summary {
        let ratio = frame.sampleAspectRatio.value
        let shown = ratio > 0 ? Int((Double(width) * ratio).rounded()) : width
        let isTurned = frame.rotation == 90 || frame.rotation == 270
        return Summary(
            width: isTurned ? height : shown, height: isTurned ? shown : height,
            duration: duration, shots: shots)
    }
}

/// Decides picture by picture what is remembered.
struct KeyPictureChoice {
    private var kept: (time: Double, pattern: PicturePattern)?
    private var last: (time: Double, pattern: PicturePattern)?
    private var lastChange: Float = 0
    /// What was there before the last picture, where a shot begins with that.
    private var before: PicturePattern?
    /// Where shots begin, in seconds.
    private(set) var shots: [Double] = []
    /// Whether so much moves that pictures between those looked at may be needed next.
    private(set) var isMoving = false

    /// Whether a picture at this time can be a key picture.
    func looks(at time: Double) -> Bool {
        guard let last else { return true }
        return time - last.time >= KeyPictureReader.shortest - 1e-6 || time < last.time
    }

    /// What is to be remembered of a picture that is looked at and of those since the last look, in order.
    ///
    /// - Parameter between: Those since the last look; asked for only where much moves.
    mutating func take(
        _ small: SmallPicture, at time: Double,
        between: () throws -> [(time: Double, small: SmallPicture)]
    ) rethrows -> [KeyPicture] {
        let pattern = PicturePattern(small)
        defer { last = (time, pattern) }
        let change = last.map { unlikeness($0.pattern, pattern) } ?? 0
        let beginsShot = beginsShot(pattern)
        if beginsShot { shots.append(time) }
        isMoving = !beginsShot && change > KeyPictureReader.moved
        var found: [KeyPicture] = []
        if isMoving, change > KeyPictureReader.rushed {
            for one in try between() {
                let pattern = PicturePattern(one.small)
                guard hasMoved(pattern) else { continue }
                found.append(keep(one.small, pattern, at: one.time))
            }
        }
        let isDue = kept.map { time - $0.time >= KeyPictureReader.longest - 1e-6 } ?? true
        if beginsShot || isDue || hasMoved(pattern) {
            found.append(keep(small, pattern, at: time, beginsShot: beginsShot))
        }
        return found
    }

    /// The last picture of a video, if it is to be remembered: no other comes that would be like it.
    mutating func end(_ small: SmallPicture, at time: Double) -> KeyPicture? {
        let pattern = PicturePattern(small)
        // What was left over at a cut is no part of what ends.
        guard let last, last.time < time, hasMoved(pattern),
            unlikeness(last.pattern, pattern) <= KeyPictureReader.cut
        else { return nil }
        return keep(small, pattern, at: time)
    }

    private mutating func keep(
        _ small: SmallPicture, _ pattern: PicturePattern, at time: Double, beginsShot: Bool = false
    ) -> KeyPicture {
        kept = (time, pattern)
        return KeyPicture(time: time, beginsShot: beginsShot, small: small, pattern: pattern)
    }

    private func hasMoved(_ pattern: PicturePattern) -> Bool {
        kept.map { unlikeness($0.pattern, pattern) > KeyPictureReader.moved } ?? false
    }

    /// How unlike two pictures are; 0 where neither says anything.
    private func unlikeness(_ a: PicturePattern, _ b: PicturePattern) -> Float {
        a.saysSomething || b.saysSomething ? a.distance(to: b) : 0
    }

    /// Whether a shot begins with what comes next.
    private mutating func beginsShot(_ pattern: PicturePattern) -> Bool {
        guard let last else { return true }
        if let before {
            let change = pattern.distance(to: before)
            if change <= KeyPictureReader.cut {
                // What was there before is there again: a flash, or a picture that was left over, is no shot.
                shots.removeLast()
                (self.before, lastChange) = (nil, change)
                return false
            }
        }
        let change = pattern.distance(to: last.pattern)
        let isSeen = pattern.saysSomething || last.pattern.saysSomething
        // Of three shots the middle one may be a single picture, which is unlike both; where all moves fast it is the
        // first picture, once.
        let isBehindCut = before != nil
        let isCut =
            isSeen && change > KeyPictureReader.cut
            && (isBehindCut || change > KeyPictureReader.leap * lastChange)
        (before, lastChange) = (isCut && !isBehindCut ? last.pattern : nil, change)
        return isCut
    }
}

/// Makes small pictures of a video's frames, cheaply.
final class FrameReducer {
    private var scaler: FrameScaler?
    private var size = (0, 0)

    /// - Throws: `MediaError` for samples that cannot be scaled.
    func callAsFunction(_ frame: Frame) throws -> SmallPicture {
        // What is laid over black must be so before it is scaled.
        guard !frame.format.hasAlpha else { return SmallPicture(frame.upright()) }
        if scaler == nil || size != (frame.width, frame.height) {
            scaler = FrameScaler(
                width: SmallPicture.side, height: SmallPicture.side,
                from: (frame.width, frame.height), sampling: .yuv444, filter: .bilinear)
            size = (frame.width, frame.height)
        }
        guard let scaler else { preconditionFailure("no scaler") }
        var reduced = try scaler(frame)
        reduced.sampleAspectRatio = Rational(1, 1)
        return SmallPicture(reduced.upright())
    }
}
