// Names of files are bytes; strings are Unicode. Here one becomes the other without loss.
import Glibc

// A byte that is no part of valid UTF-8 becomes the private character U+EF00 + byte (U+EF80 to U+EFFF).
// Where a name really holds one of those characters, its three bytes are taken one by one, so that
// each name has exactly one string and comes back as it was.

extension String {
    /// The name of a file as the system gives it.
    public init(fileName: UnsafePointer<CChar>) {
        let bytes = UnsafeBufferPointer(
            start: UnsafeRawPointer(fileName).assumingMemoryBound(to: UInt8.self),
            count: strlen(fileName))
        self.init(fileNameBytes: bytes)
    }

    /// The name of a file, without a zero at its end.
    public init(fileNameBytes bytes: some Collection<UInt8>) {
        self = ""
        var rest = bytes[...]
        while let first = rest.first {
            let length = Self.length(after: first)
            let part = rest.prefix(length)
            if part.count == length, let scalar = Self.scalar(part), !Self.isEscape(scalar) {
                unicodeScalars.append(scalar)
                rest = rest.dropFirst(length)
            } else {
                unicodeScalars.append(Self.escape(first))
                rest = rest.dropFirst()
            }
        }
    }

    /// The bytes of the name for the system, with a zero at the end.
    public var fileName: [CChar] {
        guard unicodeScalars.contains(where: Self.isEscape) else { return Array(utf8CString) }
        var bytes: [CChar] = []
        for scalar in unicodeScalars {
            if Self.isEscape(scalar) {
                bytes.append(CChar(truncatingIfNeeded: scalar.value))
            } else {
                bytes += UTF8.encode(scalar)!.map { CChar(bitPattern: $0) }
            }
        }
        return bytes + [0]
    }

    /// The byte that a character of a file's name stands for; nil for all ordinary characters.
    public static func escapedByte(_ scalar: Unicode.Scalar) -> UInt8? {
        isEscape(scalar) ? UInt8(truncatingIfNeeded: scalar.value) : nil
    }

    private static func isEscape(_ scalar: Unicode.Scalar) -> Bool {
        (0xEF80...0xEFFF).contains(scalar.value)
    }

    private static func escape(_ byte: UInt8) -> Unicode.Scalar {
        Unicode.Scalar(0xEF00 + UInt32(byte))!
    }

    private static func length(after first: UInt8) -> Int {
        switch first {
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 1
        }
    }

    /// The one character that `bytes` are; nil where they are not valid.
    private static func scalar(_ bytes: some Collection<UInt8>) -> Unicode.Scalar? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        return text.unicodeScalars.count == 1 ? text.unicodeScalars.first : nil
    }
}

/// The words of the command line without the program's own name, as the system gave them.
public func commandLineWords() -> [String] {
    (1..<max(1, Int(CommandLine.argc))).compactMap { index in
        CommandLine.unsafeArgv[index].map { String(fileName: $0) }
    }
}
