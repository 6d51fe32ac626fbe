// What the pipeline reads from: a video, yuv4mpeg from a pipe, numbered pictures or one still.

/// A sequence of frames of one size and format, in order of presentation.
///
/// A source belongs to one thread at a time.
public protocol FrameSource: AnyObject, Sendable {
    /// Luma size in samples of every frame.
    var width: Int { get }
    /// Luma size in samples of every frame.
    var height: Int { get }
    /// What the samples of every frame are.
    var format: FrameFormat { get }
    /// Unit of the timestamps, in seconds.
    var timeBase: Rational { get }
    /// Average frames a second; 0/1 where unknown.
    var frameRate: Rational { get }
    /// About how many frames will come; nil where nobody knows.
    var estimatedFrameCount: Int? { get }
    /// What had to be converted on the way in, in words; nil where frames are as the file has them.
    var conversion: String? { get }
    /// Frames so far that were damaged, and came out concealed or not at all.
    var concealedCount: Int { get }
    /// The next frame, or nil after the last one.
    func next() throws -> Frame?
}
