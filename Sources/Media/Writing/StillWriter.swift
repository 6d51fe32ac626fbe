// One picture into a PNG or JPEG file.
import CFFmpeg
import CStills

/// A kind of picture that Percept writes.
public enum StillFormat: String, Sendable, CaseIterable {
    case png, jpeg

    /// The kind that a path's extension asks for.
    public init?(path: String) {
        switch fileExtension(of: path) {
        case "png": self = .png
        case "jpg", "jpeg", "jpe", "jfif": self = .jpeg
        default: return nil
        }
    }
}

/// Writes exactly one frame as a picture.
///
/// JPEG takes 8-bit Y, Cb, Cr as they are, with their subsampling; PNG takes gray and RGB of 8 to 16
/// bits as they are, with alpha. Anything else is converted to RGB, which ``conversion`` says.
public final class StillWriter: FrameSink {
    /// What had to be converted; nil where the samples are the frame's own.
    public private(set) var conversion: String?
    private let file: OutputFile
    private let format: StillFormat
    private let metadata: StillMetadata
    private let quality: Int
    private var hasFrame = false

    /// Opens the output.
    ///
    /// - Parameters:
    ///   - metadata: carried as it is; see ``StillMetadata/upright()`` for rotated pictures.
    ///   - quality: of a JPEG, 1 to 100.
    /// - Throws: ``MediaError`` or ``OutputError``.
    public init(
        path: String, metadata: StillMetadata = StillMetadata(), quality: Int = 95,
        overwrite: OverwritePolicy = .refuse, inputs: [String] = [], capacity: Int? = nil
    ) throws {
        guard let format = StillFormat(path: path) else {
            throw OutputError.unknownContainer(path: path, known: ".png or .jpg")
        }
        precondition((1...100).contains(quality), "quality \(quality) is not within 1...100")
        self.format = format
        self.metadata = metadata
        self.quality = quality
        file = try OutputFile(path: path, overwrite: overwrite, inputs: inputs, capacity: capacity)
    }

    /// Bytes in the file so far.
    public var bytesWritten: Int { file.bytesWritten }

    /// Writes the picture; a second one is a mistake of the caller.
    public func write(_ frame: Frame) throws {
        precondition(!hasFrame, "a picture holds one frame")
        hasFrame = true
        let picture = try StillEncoder(format, quality: quality).convertible(frame)
        conversion = picture.conversion
        try StillEncoder(format, quality: quality).encode(picture.frame, metadata, to: file)
    }

    /// Names the file.
    public func finish() throws {
        precondition(hasFrame, "a picture needs a frame")
        try file.finish()
    }

    /// Writes the bytes to the disk but leaves the naming to ``publish()``.
    func seal() throws { try file.seal() }
    func publish() throws { try file.publish() }

    /// Removes the unfinished file.
    public func abandon() { file.abandon() }
}

/// Frames into the bytes of picture files.
struct StillEncoder {
    let format: StillFormat
    let quality: Int

    init(_ format: StillFormat, quality: Int) {
        self.format = format
        self.quality = quality
    }

    /// The frame itself where the format can hold it, else one in RGB.
    func convertible(_ frame: Frame) throws -> (frame: Frame, conversion: String?) {
        switch (format, frame.format.sampling) {
        case (.png, .gray), (.png, .rgb): return (frame, nil)
        case (.png, _):
            let depth = frame.format.depth > 8 ? 16 : 8
            return (
                try RGBConverter.convert(frame, depth: depth), "\(depth)-bit RGB for PNG"
            )
        case (.jpeg, _):
            let opaque = withoutAlpha(frame)
            if frame.format.depth == 8, isJFIF(frame) {
                return (opaque, frame.format.hasAlpha ? "JPEG without alpha" : nil)
            }
            return (try RGBConverter.convert(opaque, depth: 8), "8-bit RGB for JPEG")
        }
    }

    /// Whether the samples mean in a JPEG what they mean here: full range, BT.601 (JFIF 1.02).
    private func isJFIF(_ frame: Frame) -> Bool {
        if frame.format.sampling == .rgb { return true }
        return frame.colour.isFullRange == true && [2, 5, 6].contains(frame.colour.matrix)
    }

    private func withoutAlpha(_ frame: Frame) -> Frame {
        guard frame.format.hasAlpha else { return frame }
        var result = Frame(
            width: frame.width, height: frame.height,
            format: FrameFormat(frame.format.sampling, depth: frame.format.depth),
            planes: Array(frame.planes.dropLast()))
        result.colour = frame.colour
        return result
    }

    /// Encodes a frame that the format can hold.
    func encode(_ frame: Frame, _ metadata: StillMetadata, to file: OutputFile) throws {
        let failure = encode(frame, metadata, Self.sink, UnsafeMutableRawPointer(file.output))
        try file.checkHealth()
        guard let failure else { return }
        throw MediaError.outputFailure(path: file.path, reason: failure)
    }

    /// The bytes of a frame that the format can hold.
    func bytes(
        of frame: Frame, _ metadata: StillMetadata = StillMetadata()
    ) throws -> [UInt8] {
        var bytes: [UInt8] = []
        let failure = withUnsafeMutablePointer(to: &bytes) { target in
            encode(
                frame, metadata,
                { opaque, start, size in
                    let bytes = UnsafeRawBufferPointer(start: start, count: size)
                    opaque!.assumingMemoryBound(to: [UInt8].self).pointee += bytes
                    return 0
                }, UnsafeMutableRawPointer(target))
        }
        guard let failure else { return bytes }
        throw MediaError.library(operation: "encode a picture", reason: failure)
    }

    /// Hands the bytes to a sink; nil, or why it failed.
    private func encode(
        _ frame: Frame, _ metadata: StillMetadata, _ sink: percept_still_sink,
        _ opaque: UnsafeMutableRawPointer
    ) -> String? {
        var message = [CChar](repeating: 0, count: 256)
        let failed =
            format == .png
            ? encodePNG(frame, metadata, sink, opaque, &message)
            : encodeJPEG(frame, metadata, sink, opaque, &message)
        guard failed != 0 else { return nil }
        return message.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    private func encodePNG(
        _ frame: Frame, _ metadata: StillMetadata, _ sink: percept_still_sink,
        _ opaque: UnsafeMutableRawPointer, _ message: inout [CChar]
    ) -> Int32 {
        let depth = frame.format.depth > 8 ? 16 : 8
        let channels = frame.planes.count
        let rowBytes = frame.width * channels * depth / 8
        let samples = interleave(frame, depth: depth)
        let bits = frame.format.depth == depth ? 0 : frame.format.depth
        return withBlocks(metadata) { blocks in
            percept_png_write(
                samples, rowBytes, Int32(frame.width), Int32(frame.height), Int32(channels),
                Int32(depth), Int32(bits), 6, blocks, sink, opaque, &message, message.count)
        }
    }

    private func encodeJPEG(
        _ frame: Frame, _ metadata: StillMetadata, _ sink: percept_still_sink,
        _ opaque: UnsafeMutableRawPointer, _ message: inout [CChar]
    ) -> Int32 {
        let isRGB = frame.format.sampling == .rgb
        // Planes come as G, B, R.
        let planes = isRGB ? [2, 0, 1].map { frame.planes[$0] } : frame.planes
        var picture = percept_jpeg_picture()
        picture.width = Int32(frame.width)
        picture.height = Int32(frame.height)
        picture.components = Int32(planes.count)
        picture.horizontal = [.yuv420, .yuv422].contains(frame.format.sampling) ? 2 : 1
        picture.vertical = frame.format.sampling == .yuv420 ? 2 : 1
        picture.is_rgb = isRGB ? 1 : 0
        for (index, plane) in planes.enumerated() {
            let first = plane.withUnsafeBytes { $0.assumingMemoryBound(to: UInt8.self) }
            withTuple(&picture.planes) { (all: UnsafeMutablePointer<UnsafePointer<UInt8>?>) in
                all[index] = first
            }
            withTuple(&picture.strides) { (all: UnsafeMutablePointer<Int>) in
                all[index] = plane.bytesPerRow
            }
        }
        return withExtendedLifetime(planes) {
            withBlocks(metadata) { blocks in
                percept_jpeg_write(
                    &picture, Int32(quality), blocks, sink, opaque, &message, message.count)
            }
        }
    }

    private static let sink: percept_still_sink = { opaque, bytes, size in
        percept_output_write(opaque!.assumingMemoryBound(to: percept_output.self), bytes, size)
    }

    private func withBlocks<Result>(
        _ metadata: StillMetadata, _ body: (UnsafePointer<percept_still_metadata>) -> Result
    ) -> Result {
        let none: [UInt8] = []
        return (metadata.exif ?? none).withUnsafeBufferPointer { exif in
            (metadata.icc ?? none).withUnsafeBufferPointer { icc in
                (metadata.xmp ?? none).withUnsafeBufferPointer { xmp in
                    var blocks = percept_still_metadata(
                        exif: percept_still_block(bytes: exif.baseAddress, size: exif.count),
                        icc: percept_still_block(bytes: icc.baseAddress, size: icc.count),
                        xmp: percept_still_block(bytes: xmp.baseAddress, size: xmp.count))
                    return body(&blocks)
                }
            }
        }
    }

    /// Samples pixel by pixel in PNG's order; depths between 8 and 16 are widened by repetition.
    private func interleave(_ frame: Frame, depth: Int) -> [UInt8] {
        let channels = frame.planes.count, bytes = depth / 8
        // Planes come as G, B, R, A; PNG wants R, G, B, A.
        let order = frame.format.sampling == .rgb ? [2, 0, 1, 3] : [0, 1]
        let maximum = UInt32(frame.format.maximum)
        let count = frame.width * frame.height * channels * bytes
        return [UInt8](unsafeUninitializedCapacity: count) { target, filled in
            filled = count
            let all = UnsafeMutableRawPointer(target.baseAddress!)
            for channel in 0..<channels {
                let plane = frame.planes[order[channel]]
                plane.withUnsafeBytes { source in
                    for y in 0..<frame.height {
                        let from = source + y * plane.bytesPerRow
                        let to = all + (y * frame.width * channels + channel) * bytes
                        if bytes == 1 {
                            for x in 0..<frame.width {
                                let value = from.load(fromByteOffset: x, as: UInt8.self)
                                to.storeBytes(of: value, toByteOffset: x * channels, as: UInt8.self)
                            }
                        } else {
                            for x in 0..<frame.width {
                                let value = from.load(fromByteOffset: 2 * x, as: UInt16.self)
                                let wide = (UInt32(value) * 65535 + maximum / 2) / maximum
                                to.storeBytes(
                                    of: UInt16(truncatingIfNeeded: wide),
                                    toByteOffset: 2 * x * channels, as: UInt16.self)
                            }
                        }
                    }
                }
            }
        }
    }
}
