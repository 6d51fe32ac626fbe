// What can go wrong with media that comes from outside, each with its operands and one line of text.
import CFFmpeg
import Glibc

/// A failure of reading or writing media; prints as one line: what, where, what to do.
public enum MediaError: Error, Sendable, Equatable {
    /// No such file.
    case missingInput(path: String)
    /// The file exists but the system refuses to hand it out.
    case unreadableInput(path: String, reason: String)
    /// The content is not something that can be enhanced.
    case notVideo(path: String, reason: String)
    /// The file opens as video, and not one frame comes out.
    case noFrames(path: String)
    /// Playlists, patterns and captures name other files: they are refused.
    case forbiddenFormat(path: String, format: String)
    /// The picture is larger than the limit; nothing was allocated for it.
    case tooManyPixels(path: String, width: Int, height: Int, limit: Int)
    /// The file ends before what it declares.
    case truncated(path: String, reason: String, readableSeconds: Double, packets: Int)
    /// A frame is damaged and the caller wants none of those (strict).
    case damaged(path: String, frame: Int, reason: String)
    /// The picture is sound but of a kind that Percept does not process.
    case unsupported(path: String, what: String, advice: String)
    /// This build of FFmpeg has no decoder for the stream.
    case noDecoder(path: String, codec: String)
    /// The system failed while the input was being read.
    case inputFailure(path: String, reason: String)
    /// A call into FFmpeg failed where neither input nor output is to blame.
    case library(operation: String, reason: String)
    /// The output cannot be created: folder missing, not writable, name taken.
    case cannotCreate(path: String, reason: String)
    /// The system failed while the output was being written.
    case outputFailure(path: String, reason: String)
    /// The disk has no room for the output.
    case diskFull(path: String)
    /// The command asks for something contradictory.
    case usage(String)

    /// Exit status of a program that fails for this reason (sysexits.h).
    public var exitCode: Int32 {
        switch self {
        case .missingInput, .unreadableInput: return 66
        case .notVideo, .noFrames, .forbiddenFormat, .tooManyPixels, .truncated, .damaged,
            .unsupported:
            return 65
        case .noDecoder: return 69
        case .inputFailure, .library, .outputFailure, .diskFull: return 74
        case .cannotCreate: return 73
        case .usage: return 64
        }
    }
}

extension MediaError: CustomStringConvertible {
    /// The failure in one line.
    public var description: String {
        switch self {
        case .missingInput(let path):
            return "\(printable(path)): no such file"
        case .unreadableInput(let path, let reason):
            return "\(printable(path)): cannot be opened (\(reason))"
        case .notVideo(let path, let reason):
            return "\(printable(path)): not a video or picture that can be read (\(reason))"
        case .noFrames(let path):
            return "\(printable(path)): has a video stream, but no frame can be decoded from it"
        case .forbiddenFormat(let path, let format):
            return
                "\(printable(path)): is a \(format), which names other files; give the video file itself"
        case .tooManyPixels(let path, let width, let height, let limit):
            return
                "\(printable(path)): \(width)x\(height) is more than the limit of \(limit) pixels;"
                + " raise it with --max-pixels if you trust the file"
        case .truncated(let path, let reason, let seconds, let packets):
            return "\(printable(path)): truncated: \(reason); \(shortSeconds(seconds)) s"
                + " (\(packets) packets) can be read; --lenient keeps those"
        case .damaged(let path, let frame, let reason):
            return
                "\(printable(path)): frame \(frame) is damaged (\(reason)); without --strict it is concealed"
        case .unsupported(let path, let what, let advice):
            return "\(printable(path)): \(what); \(advice)"
        case .noDecoder(let path, let codec):
            return "\(printable(path)): this FFmpeg has no decoder for \(codec);"
                + " install a complete libavcodec (Debian: libavcodec-extra)"
        case .inputFailure(let path, let reason):
            return "\(printable(path)): reading failed (\(reason))"
        case .library(let operation, let reason):
            return "FFmpeg failed to \(operation) (\(reason))"
        case .cannotCreate(let path, let reason):
            return "\(printable(path)): cannot be created (\(reason))"
        case .outputFailure(let path, let reason):
            return "\(printable(path)): writing failed (\(reason))"
        case .diskFull(let path):
            return "\(printable(path)): the disk is full; nothing was written under this name"
        case .usage(let text):
            return text
        }
    }
}

/// `seconds` with two decimals and no locale.
func shortSeconds(_ seconds: Double) -> String {
    let hundredths = Int((max(0, seconds.isFinite ? seconds : 0) * 100).rounded(.down))
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
}

/// `text` on one line: control characters of a hostile file name must not reach the terminal.
func printable(_ text: String) -> String {
    String(
        String.UnicodeScalarView(
            text.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? "?" : $0 }))
}

/// FFmpeg's own words for an error code.
func errorText(_ code: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
        av_strerror(code, buffer.baseAddress!, buffer.count)
        return String(cString: buffer.baseAddress!)
    }
}

/// The one place where FFmpeg's negative results become errors.
///
/// - Parameter operation: an infinitive that completes "FFmpeg failed to ...".
/// - Throws: ``MediaError/library(operation:reason:)``.
@discardableResult
func throwing(_ code: Int32, _ operation: @autoclosure () -> String) throws -> Int32 {
    guard code < 0 else { return code }
    throw MediaError.library(operation: operation(), reason: errorText(code))
}

/// `pointer`, or an error where FFmpeg could not allocate.
func allocated<Pointee>(_ pointer: UnsafeMutablePointer<Pointee>?) throws
    -> UnsafeMutablePointer<Pointee>
{
    guard let pointer else {
        throw MediaError.library(operation: "allocate", reason: "out of memory")
    }
    return pointer
}
