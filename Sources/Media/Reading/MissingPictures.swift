// Which pictures of an MPEG-2 video are missing as a whole.

/// Follows the order in which pictures are decoded and shown, and says which of them did not come.
///
/// MPEG-2 does not count its pictures. Where one is missing that others are predicted from, decoders predict them from the one
/// before, and what is predicted from both sides from a picture that should have been forgotten. The times of pictures tell how
/// many are missing; which they are is foreseen from those before, and believed if it is what the next one's time and type say.
struct MissingPictures {
    /// A picture that came, or should have.
    struct Picture: Equatable {
        /// Whether it is predicted from pictures on both sides, and none from it.
        var isBetween: Bool
        /// When it is shown and decoded, in ticks of the stream.
        var shown: Int64, decoded: Int64
    }

    /// Pictures in a row that are stood in for at most: of longer gaps nothing is known.
    static let limit = 12
    /// Pictures from one that others are predicted from to the next, at most.
    private static let spacings = 1...8

    /// The last picture, and the last two that others are predicted from.
    private var last: Picture?
    private var newest: Picture?, older: Picture?
    /// Pictures from one of those to the next: at first as most are.
    private var spacing = 3
    /// When the last picture between those two is shown.
    private var between: Int64?

    /// Forgets everything: after the file position has changed.
    mutating func flush() { self = MissingPictures() }

    /// The pictures that are missing in front of one, in the order of decoding.
    ///
    /// - Parameters:
    ///   - picture: The next one that came.
    ///   - duration: Of a picture, in ticks.
    ///   - mayLack: Whether any may be missing: some videos have pictures that are shown for longer.
    mutating func before(_ picture: Picture, duration: Int64, mayLack: Bool = true) -> [Picture] {
        defer { take(picture, duration) }
        guard mayLack, let last, duration > 0,
            let count = steps(last.decoded, picture.decoded, duration),
            (1...Self.limit).contains(count - 1)
        else { return [] }
        for spacing in [spacing] + Self.spacings where Self.spacings.contains(spacing) {
            var course = self
            course.spacing = spacing
            let missing = (1..<count).compactMap { _ in course.goOn(duration) }
            var ahead = course
            guard missing.count == count - 1, let next = ahead.goOn(duration),
                next.isBetween == picture.isBetween,
                steps(next.shown, picture.shown, duration) == 0
            else { continue }
            self = course
            return missing
        }
        return []
    }

    /// From one time to another, in pictures; nil where it is no whole number of them.
    private func steps(_ from: Int64, _ to: Int64, _ duration: Int64) -> Int? {
        let difference = to.subtractingReportingOverflow(from)
        guard !difference.overflow else { return nil }
        let steps = Double(difference.partialValue) / Double(duration)
        let whole = steps.rounded()
        return abs(steps - whole) < 0.1 && abs(whole) < 1000 ? Int(whole) : nil
    }

    /// The picture that should come next, taken for one that did.
    private mutating func goOn(_ duration: Int64) -> Picture? {
        guard let last, let newest else { return nil }
        let decoded = last.decoded &+ duration
        let shown = (between ?? older?.shown ?? newest.shown) &+ duration
        let picture =
            shown < newest.shown &- duration / 2
            ? Picture(isBetween: true, shown: shown, decoded: decoded)
            : Picture(
                isBetween: false, shown: newest.shown &+ Int64(spacing) &* duration,
                decoded: decoded)
        take(picture, duration)
        return picture
    }

    private mutating func take(_ picture: Picture, _ duration: Int64) {
        last = picture
        if picture.isBetween {
            between = picture.shown
        } else {
            if let newest, let spacing = steps(newest.shown, picture.shown, duration) {
                self.spacing = spacing
            }
            (older, newest, between) = (newest, picture, nil)
        }
    }
}
