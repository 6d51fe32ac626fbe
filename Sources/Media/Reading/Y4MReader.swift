// yuv4mpeg from a pipe or a file, with a parser of our own.
import FileNames
import Glibc

/// Reads YUV4MPEG2 (8, 10 and 12 bits; 4:2:0, 4:2:2, 4:4:4, mono, alpha).
public final class Y4MReader: FrameSource, @unchecked Sendable {
    public let width: Int
    public let height: Int
    public let format: FrameFormat
    public let timeBase: Rational
    public let frameRate: Rational
    public let estimatedFrameCount: Int? = nil
    public let conversion: String? = nil
    public private(set) var concealedCount = 0

    private let name: String
    private let descriptor: Int32
    private let ownsDescriptor: Bool
    private let options: ReadOptions
    private let template: Frame
    private var buffer: [UInt8]
    private var position = 0
    private var filled = 0
    private var index: Int64 = 0

    /// Reads standard input (`-`) or a file.
    ///
    /// - Throws: ``MediaError``: 66 missing, 65 for what is not yuv4mpeg, is too large or of a
    ///   kind that no frame holds.
    public init(path: String, options: ReadOptions = ReadOptions()) throws {
        if path == "-" {
            (name, descriptor, ownsDescriptor) = ("standard input", 0, false)
        } else {
            _ = try MediaSource.checkRegularFile(path)
            let opened = open(path.fileName, O_RDONLY | O_CLOEXEC)
            guard opened >= 0 else {
                throw MediaError.unreadableInput(
                    path: path, reason: String(cString: strerror(errno)))
            }
            (name, descriptor, ownsDescriptor) = (path, opened, true)
        }
        self.options = options
        buffer = [UInt8](repeating: 0, count: 1 << 16)
        do {
            var input = Y4MLineReader(descriptor: descriptor, limit: 4096)
            guard let line = input.line() else {
                throw MediaError.notVideo(path: name, reason: "no YUV4MPEG2 header")
            }
            let header = try Y4MHeader(line, path: name)
            try header.check(limit: options.maximumPixels, path: name)
            (width, height, format) = (header.width, header.height, header.format)
            frameRate = header.frameRate
            timeBase = Rational(frameRate.denominator, frameRate.numerator)
            template = header.template(timeBase: timeBase)
        } catch {
            if ownsDescriptor { close(descriptor) }
            throw error
        }
    }

    deinit {
        if ownsDescriptor { close(descriptor) }
    }

    public func next() throws -> Frame? {
        guard let head = try line() else { return nil }
        guard head.starts(with: Array("FRAME".utf8)) else {
            throw MediaError.damaged(
                path: name, frame: Int(index), reason: "no FRAME where one should begin")
        }
        var frame = Frame(width: width, height: height, format: format)
        for plane in frame.planes {
            let rowBytes = plane.width * plane.bytesPerSample
            for y in 0..<plane.height {
                let isWhole = try plane.withUnsafeMutableBytes {
                    try read(into: $0 + y * plane.bytesPerRow, count: rowBytes)
                }
                guard isWhole else {
                    if options.isLenient {
                        concealedCount += 1
                        return nil
                    }
                    throw MediaError.truncated(
                        path: name, reason: "it ends within a frame",
                        readableSeconds: Double(index) * timeBase.value, packets: Int(index))
                }
            }
        }
        let planes = frame.planes
        frame = template
        frame.planes = planes
        frame.timestamp = index
        index += 1
        return frame
    }

    /// The bytes up to the next line feed; nil at the end of the input.
    private func line() throws -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count < 4096 {
            if position == filled, try !refill() {
                guard bytes.isEmpty else { break }
                return nil
            }
            let byte = buffer[position]
            position += 1
            if byte == 10 { return bytes }
            bytes.append(byte)
        }
        throw MediaError.damaged(path: name, frame: Int(index), reason: "a line without end")
    }

    private func refill() throws -> Bool {
        (position, filled) = (0, 0)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw MediaError.inputFailure(path: name, reason: String(cString: strerror(errno)))
            }
            filled = count
            return count > 0
        }
    }

    private func read(into target: UnsafeMutableRawPointer, count: Int) throws -> Bool {
        var done = 0
        while done < count {
            if position == filled, try !refill() { return false }
            let part = min(count - done, filled - position)
            buffer.withUnsafeBytes {
                (target + done).copyMemory(from: $0.baseAddress! + position, byteCount: part)
            }
            done += part
            position += part
        }
        return true
    }
}

/// Reads the header byte by byte, so that nothing behind it is swallowed.
private struct Y4MLineReader {
    let descriptor: Int32
    let limit: Int

    mutating func line() -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.count < limit {
            let count = Glibc.read(descriptor, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return nil }
            if byte == 10 { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
        return nil
    }
}

/// The first line of a yuv4mpeg stream.
struct Y4MHeader {
    var width = 0
    var height = 0
    var frameRate = Rational(25, 1)
    var sampleAspectRatio = Rational(0, 1)
    var interlacing: Character = "?"
    var format = FrameFormat(.yuv420)
    var chromaLocation: Int32 = 2
    var isFullRange: Bool?

    init(_ line: String, path: String) throws {
        var words = line.split(separator: " ").map(String.init)
        guard words.first == "YUV4MPEG2" else {
            throw MediaError.notVideo(path: path, reason: "no YUV4MPEG2 header")
        }
        words.removeFirst()
        for word in words {
            let value = String(word.dropFirst())
            switch word.first! {
            case "W": width = Int(value) ?? 0
            case "H": height = Int(value) ?? 0
            case "F": frameRate = Y4MHeader.ratio(value) ?? frameRate
            case "A": sampleAspectRatio = Y4MHeader.ratio(value) ?? sampleAspectRatio
            case "I": interlacing = value.first ?? "?"
            case "C": try setChroma(value, path: path)
            case "X" where value == "COLORRANGE=FULL": isFullRange = true
            case "X" where value == "COLORRANGE=LIMITED": isFullRange = false
            default: break
            }
        }
    }

    /// Throws for sizes that are none, too large, or a frame rate of zero.
    func check(limit: Int, path: String) throws {
        guard width > 0, height > 0, frameRate.numerator > 0, frameRate.denominator > 0 else {
            throw MediaError.notVideo(
                path: path, reason: "its YUV4MPEG2 header says no size or rate")
        }
        let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
        guard !overflow, pixels <= limit else {
            throw MediaError.tooManyPixels(path: path, width: width, height: height, limit: limit)
        }
    }

    /// A frame with everything but samples and time.
    func template(timeBase: Rational) -> Frame {
        var frame = Frame(width: width, height: height, format: format)
        frame.timeBase = timeBase
        frame.duration = 1
        frame.sampleAspectRatio = sampleAspectRatio
        frame.isInterlaced = interlacing == "t" || interlacing == "b"
        frame.isTopFieldFirst = interlacing != "b"
        frame.colour.isFullRange = isFullRange
        frame.colour.chromaLocation = format.sampling == .yuv420 ? chromaLocation : 0
        return frame
    }

    private static func ratio(_ text: String) -> Rational? {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let a = Int32(parts[0]), let b = Int32(parts[1]), a >= 0, b >= 0
        else { return nil }
        return Rational(a, b)
    }

    private mutating func setChroma(_ name: String, path: String) throws {
        switch name {
        case "420", "420jpeg": chromaLocation = 2
        case "420mpeg2": chromaLocation = 1
        case "420paldv": chromaLocation = 3
        case "422": format = FrameFormat(.yuv422)
        case "444": format = FrameFormat(.yuv444)
        case "444alpha": format = FrameFormat(.yuv444, hasAlpha: true)
        case "mono": format = FrameFormat(.gray)
        default:
            let kinds: [(String, ChromaSampling)] = [
                ("420p", .yuv420), ("422p", .yuv422), ("444p", .yuv444), ("mono", .gray),
            ]
            guard let kind = kinds.first(where: { name.hasPrefix($0.0) }),
                let depth = Int(name.dropFirst(kind.0.count)), depth == 10 || depth == 12
            else {
                throw MediaError.unsupported(
                    path: path, what: "yuv4mpeg of kind C\(printable(name)) is not read",
                    advice: "use 420, 422, 444 or mono of 8, 10 or 12 bits")
            }
            format = FrameFormat(kind.1, depth: depth)
            chromaLocation = 1
        }
    }
}
