// Decides by the path and the first bytes which reader a piece of input needs.

/// Opens anything that frames can be read from: `-`, a pattern, a picture, yuv4mpeg or a video.
///
/// - Parameter frameRate: what `--fps` said; needed for a pattern, ignored elsewhere.
/// - Throws: ``MediaError``; 64 for a pattern without a frame rate.
public func openSource(
    path: String, frameRate: Rational? = nil, options: ReadOptions = ReadOptions()
) throws -> any FrameSource {
    if path == "-" { return try Y4MReader(path: path, options: options) }
    if SequenceReader.isPattern(path), (try? MediaSource.checkRegularFile(path)) == nil {
        guard let frameRate else {
            throw MediaError.usage("\(printable(path)): a sequence of pictures needs --fps N")
        }
        return try SequenceReader(pattern: path, frameRate: frameRate, options: options)
    }
    if StillReader.Kind(path: path) != nil { return try StillReader(path: path, options: options) }
    return try VideoReader(path: path, options: options)
}
