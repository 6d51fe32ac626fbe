// What the first pictures of a video show that its headers do not say reliably.
import Media

/// Looks at pictures through a reader of its own, since not every format can go back.
struct FirstLook {
    /// How the fields belong together.
    private(set) var fieldPattern = FieldPattern.progressive
    /// Whether closed captions lie inside the pictures.
    private(set) var hasCaptions = false

    /// Looks at as many pictures of the request's input as are needed.
    ///
    /// - Parameter reader: nil where the input is no video file, which has neither.
    /// - Throws: `MediaError`, also for film that is spread over fields.
    init(_ request: VideoJobRequest, _ reader: VideoReader?) throws {
        var isGiven = false
        if case .given(let pattern) = request.fields {
            fieldPattern = pattern
            isGiven = true
        }
        let detectsFields = !isGiven && reader.map { $0.height >= 16 } ?? false
        guard let reader, detectsFields || request.isStrictAboutStreams else { return }
        let looking = try VideoReader(path: request.input, options: request.reading)
        var detector = FieldOrderDetector()
        let isDeclared = reader.stream.video?.fieldOrder == .progressive
        for _ in 0..<(isDeclared ? 20 : 40) {
            guard let frame = try looking.next() else { break }
            if detectsFields { detector.add(frame) }
            hasCaptions = hasCaptions || !frame.captions.isEmpty
        }
        guard detectsFields else { return }
        guard detector.pattern != .telecine else {
            throw MediaError.unsupported(
                path: request.input, what: "is film spread over fields (3:2 pulldown)",
                advice: "undo that first: ffmpeg -i IN -vf fieldmatch,decimate OUT.mkv")
        }
        fieldPattern = detector.pattern
    }
}
