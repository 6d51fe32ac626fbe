// Numbered pictures as a video: frames/%06d.png at a given frame rate.
import FileNames
import Glibc

/// Reads the pictures that a pattern names, from the lowest number on, without gaps.
public final class SequenceReader: FrameSource, @unchecked Sendable {
    public let width: Int
    public let height: Int
    public let format: FrameFormat
    public let timeBase: Rational
    public let frameRate: Rational
    public let estimatedFrameCount: Int?
    public private(set) var conversion: String?
    public private(set) var concealedCount = 0
    /// What the first picture carries beside its samples.
    public let metadata: StillMetadata

    private let paths: [String]
    private let options: ReadOptions
    private var index = 0
    private var first: Frame?

    /// Whether `path` names numbered pictures: it has one `%d` or `%0Nd` in its last part.
    public static func isPattern(_ path: String) -> Bool { NumberPattern(path) != nil }

    /// Finds the pictures of `pattern` and decodes the first.
    ///
    /// - Throws: ``MediaError``: 66 where no file fits, 65 where a number is missing in between or
    ///   a picture cannot be read, 64 for a pattern without a number or a bad frame rate.
    public init(pattern: String, frameRate: Rational, options: ReadOptions = ReadOptions()) throws {
        guard let parsed = NumberPattern(pattern) else {
            throw MediaError.usage("\(printable(pattern)): has no number such as %06d in its name")
        }
        guard frameRate.numerator > 0, frameRate.denominator > 0 else {
            throw MediaError.usage("--fps wants a positive number for a sequence of pictures")
        }
        let numbers = parsed.existingNumbers()
        guard let lowest = numbers.first, let highest = numbers.last else {
            throw MediaError.missingInput(path: pattern)
        }
        if highest - lowest + 1 != numbers.count {
            let gap = zip(numbers, numbers.dropFirst()).first { $1 != $0 + 1 }!.0 + 1
            throw MediaError.unsupported(
                path: parsed.path(gap), what: "is missing from the sequence",
                advice: "renumber the pictures, or enhance the parts one by one")
        }
        paths = numbers.map(parsed.path)
        self.options = options
        self.frameRate = frameRate
        timeBase = Rational(frameRate.denominator, frameRate.numerator)
        let still = try StillReader(path: paths[0], options: options)
        (width, height, format) = (still.width, still.height, still.format)
        metadata = still.metadata
        conversion = still.conversion
        concealedCount = still.concealedCount
        estimatedFrameCount = paths.count
        first = try still.next()
    }

    public func next() throws -> Frame? {
        guard index < paths.count else { return nil }
        defer { index += 1 }
        var frame: Frame
        if let waiting = first {
            frame = waiting
            first = nil
        } else {
            let still = try StillReader(path: paths[index], options: options)
            concealedCount += still.concealedCount
            frame = try still.next()!
        }
        guard frame.width == width, frame.height == height, frame.format == format else {
            throw MediaError.unsupported(
                path: paths[index],
                what: "is \(frame.width)x\(frame.height) \(frame.format.name), the first picture"
                    + " \(width)x\(height) \(format.name)",
                advice: "a sequence needs pictures of one size and kind")
        }
        frame.timeBase = timeBase
        frame.timestamp = Int64(index)
        frame.duration = 1
        return frame
    }
}

/// A path with one decimal number in its last part, as printf writes it.
struct NumberPattern {
    let folder: String
    let prefix: String
    let suffix: String
    let digits: Int

    init?(_ path: String) {
        let slash = path.lastIndex(of: "/")
        folder = slash.map { String(path[..<$0]) + "/" } ?? ""
        let name = slash.map { path[path.index(after: $0)...] } ?? path[...]
        guard let percent = name.firstIndex(of: "%") else { return nil }
        let rest = name[name.index(after: percent)...]
        guard let end = rest.firstIndex(of: "d") else { return nil }
        let width = rest[..<end]
        guard width.allSatisfy({ $0.isASCII && $0.isNumber }), width.count <= 3,
            width.isEmpty || width.first == "0"
        else { return nil }
        digits = Int(width) ?? 0
        prefix = String(name[..<percent])
        suffix = String(rest[rest.index(after: end)...])
        guard !suffix.contains("%"), digits <= 18 else { return nil }
    }

    func path(_ number: Int) -> String {
        let text = String(number)
        return folder + prefix + String(repeating: "0", count: max(0, digits - text.count)) + text
            + suffix
    }

    /// Numbers of the files that exist, ascending.
    func existingNumbers() -> [Int] {
        guard let directory = opendir((folder.isEmpty ? "." : folder).fileName) else { return [] }
        defer { closedir(directory) }
        var numbers: [Int] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(fileNameBytes: $0.prefix { $0 != 0 })
            }
            guard name.hasPrefix(prefix), name.hasSuffix(suffix),
                name.count > prefix.count + suffix.count
            else { continue }
            let middle = name.dropFirst(prefix.count).dropLast(suffix.count)
            guard middle.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(middle),
                path(number) == folder + name
            else { continue }
            numbers.append(number)
        }
        return numbers.sorted()
    }
}
