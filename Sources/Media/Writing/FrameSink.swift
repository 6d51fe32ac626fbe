// Where enhanced frames go.

/// A destination of frames: a video file, a pipe, a sequence of pictures, one picture.
///
/// From one thread at a time. What is not finished leaves nothing behind.
public protocol FrameSink: AnyObject {
    /// Writes the next frame in display order.
    func write(_ frame: Frame) throws
    /// Completes the output: only now does it appear under its name. Nothing may follow.
    func finish() throws
    /// Gives the output up and removes what was written of it.
    func abandon()
    /// Bytes written so far.
    var bytesWritten: Int { get }
}
