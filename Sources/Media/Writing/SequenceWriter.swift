// Numbered pictures, one a frame.

/// A path with a place for a number, such as `frames/%06d.png`; `%%` is a percent sign.
public struct SequencePattern: Sendable, Equatable {
    private let before: String, after: String
    private let width: Int

    /// The pattern in `path`; nil where it has no place for a number, or more than one.
    public init?(_ path: String) {
        var parts = [""], width: Int?
        var rest = Substring(path)
        while let character = rest.popFirst() {
            guard character == "%" else {
                parts[parts.count - 1].append(character)
                continue
            }
            if rest.first == "%" {
                rest.removeFirst()
                parts[parts.count - 1].append("%")
                continue
            }
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            guard rest.popFirst() == "d", width == nil else { return nil }
            // Without a leading zero C pads with blanks, which nobody wants in a file name.
            guard digits.isEmpty || digits.first == "0", digits.count <= 3 else { return nil }
            width = Int(digits) ?? 0
            parts.append("")
        }
        guard let width, width <= 20 else { return nil }
        before = parts[0]
        after = parts[1]
        self.width = width
    }

    /// The path of picture `number`.
    public func path(_ number: Int) -> String {
        let digits = String(number)
        let zeros = String(repeating: "0", count: max(0, width - digits.count))
        return before + zeros + digits + after
    }
}

/// Writes each frame as a picture; all of them appear under their names when the last is complete.
public final class SequenceWriter: FrameSink {
    /// What had to be converted; nil where the samples are the frames' own.
    public private(set) var conversion: String?
    /// Bytes in all pictures so far.
    public private(set) var bytesWritten = 0
    private let pattern: SequencePattern
    private let quality: Int
    private let overwrite: OverwritePolicy
    private let firstNumber: Int
    private var pictures: [StillWriter] = []

    /// Prepares a sequence whose first picture has `firstNumber`.
    ///
    /// - Throws: ``OutputError/unknownContainer(path:known:)`` where `path` is no pattern for pictures.
    public init(
        path: String, firstNumber: Int = 1, quality: Int = 95, overwrite: OverwritePolicy = .refuse
    ) throws {
        guard let pattern = SequencePattern(path), StillFormat(path: path) != nil else {
            throw OutputError.unknownContainer(path: path, known: "a pattern such as %06d.png")
        }
        self.pattern = pattern
        self.quality = quality
        self.overwrite = overwrite
        self.firstNumber = firstNumber
    }

    /// Writes the next picture under a name that only ``finish()`` makes final.
    public func write(_ frame: Frame) throws {
        let path = pattern.path(firstNumber + pictures.count)
        let picture = try StillWriter(path: path, quality: quality, overwrite: overwrite)
        try picture.write(frame)
        try picture.seal()
        bytesWritten += picture.bytesWritten
        conversion = conversion ?? picture.conversion
        pictures.append(picture)
    }

    /// Names all pictures.
    public func finish() throws {
        for picture in pictures { try picture.publish() }
    }

    /// Removes the pictures that have no final name yet.
    public func abandon() {
        for picture in pictures { picture.abandon() }
    }
}
