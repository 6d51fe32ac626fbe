// What can stop an output before any work: each case names the stream or size and what would do.

/// A reason not to start writing; prints as one line: what, where, what to do.
public enum OutputError: Error, Sendable, Equatable {
    /// A stream that people can hear or read has no place in the chosen container.
    case streamDoesNotFit(path: String, stream: String, container: String, advice: String)
    /// The video itself has no place in the chosen container or encoder.
    case videoDoesNotFit(path: String, what: String, container: String, advice: String)
    /// Percept does not write this kind of file.
    case unknownContainer(path: String, known: String)
    /// The machine's FFmpeg lacks the encoder.
    case noEncoder(name: String, advice: String)
    /// An encoder option that the encoder does not know or does not accept.
    case badOption(encoder: String, option: String, advice: String)
    /// A size that cannot be reached.
    case sizeTooSmall(path: String, bytes: Int64, reason: String)
    /// The disk became full; what was under the name before is untouched.
    case diskFull(path: String, written: Int64, needed: Int64?)
    /// The disk has less room than the output is expected to need.
    case tooLittleSpace(path: String, needed: Int64, available: Int64)

    /// Exit status of a program that fails for this reason (sysexits.h).
    public var exitCode: Int32 {
        switch self {
        case .streamDoesNotFit, .videoDoesNotFit, .unknownContainer, .badOption, .sizeTooSmall:
            return 64
        case .noEncoder: return 69
        case .diskFull, .tooLittleSpace: return 74
        }
    }
}

extension OutputError: CustomStringConvertible {
    /// The failure in one line.
    public var description: String {
        switch self {
        case .streamDoesNotFit(let path, let stream, let container, let advice):
            return "\(printable(path)): \(stream) does not fit into \(container); \(advice)"
        case .videoDoesNotFit(let path, let what, let container, let advice):
            return "\(printable(path)): \(what) does not fit into \(container); \(advice)"
        case .unknownContainer(let path, let known):
            return "\(printable(path)): no known kind of output file; use \(known)"
        case .noEncoder(let name, let advice):
            return "this FFmpeg has no encoder \(printable(name)); \(advice)"
        case .badOption(let encoder, let option, let advice):
            return "\(encoder): option \(printable(option)) is refused; \(advice)"
        case .sizeTooSmall(let path, let bytes, let reason):
            return "\(printable(path)): \(shortBytes(bytes)) is too small: \(reason)"
        case .diskFull(let path, let written, let needed):
            let need = needed.map { " of about \(shortBytes($0))" } ?? ""
            return "\(printable(path)): the disk is full after \(shortBytes(written))\(need);"
                + " make room or choose another folder with -o"
        case .tooLittleSpace(let path, let needed, let available):
            return "\(printable(path)): about \(shortBytes(needed)) is needed and"
                + " \(shortBytes(available)) is free; make room or choose another folder with -o"
        }
    }
}
