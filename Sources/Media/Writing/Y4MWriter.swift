// Uncompressed frames for other programs: yuv4mpeg to a pipe or a file.
import CFFmpeg
import Glibc

/// Writes yuv4mpeg (mjpegtools' yuv4mpeg(5), with FFmpeg's tags for depth, range and gray).
public final class Y4MWriter: FrameSink {
    private let file: OutputFile?
    private let output: UnsafeMutablePointer<percept_output>
    private let path: String
    private let format: FrameFormat, width: Int, height: Int

    /// Opens `path`, or standard output for `-`, and writes the header.
    ///
    /// - Parameter descriptor: where `-` goes.
    /// - Throws: ``OutputError/videoDoesNotFit(path:what:container:advice:)`` for RGB and for alpha
    ///   other than 8-bit 4:4:4, which yuv4mpeg cannot say; ``MediaError`` where writing fails.
    public init(
        path: String, video: VideoDescription, overwrite: OverwritePolicy = .refuse,
        inputs: [String] = [], descriptor: Int32 = 1
    ) throws {
        guard let tag = Self.chromaTag(video) else {
            throw OutputError.videoDoesNotFit(
                path: path,
                what: "\(video.format.sampling.rawValue) video"
                    + (video.format.hasAlpha ? " with alpha" : ""), container: "yuv4mpeg",
                advice: "use .mkv with ffv1")
        }
        self.path = path
        format = video.format
        width = video.width
        height = video.height
        if path == "-" {
            file = nil
            output = .allocate(capacity: 1)
            output.initialize(
                to: percept_output(
                    descriptor: descriptor, error: 0, position: 0, size: 0, capacity: -1))
        } else {
            let made = try OutputFile(path: path, overwrite: overwrite, inputs: inputs)
            file = made
            output = made.output
        }
        try put(Array(Self.header(video, chroma: tag).utf8))
    }

    /// Bytes written so far.
    public var bytesWritten: Int { Int(output.pointee.size) }

    /// Writes the next frame; its time is lost, for yuv4mpeg knows a constant rate only.
    public func write(_ frame: Frame) throws {
        precondition(
            frame.format == format && frame.width == width && frame.height == height,
            "the frame is not of the video that was announced")
        try put(Array("FRAME\n".utf8))
        for plane in frame.planes {
            let rowBytes = plane.width * plane.bytesPerSample
            plane.withUnsafeBytes { base in
                if rowBytes == plane.bytesPerRow {
                    percept_output_write(output, base, rowBytes * plane.height)
                    return
                }
                let packed = [UInt8](unsafeUninitializedCapacity: rowBytes * plane.height) {
                    target, count in
                    for y in 0..<plane.height {
                        UnsafeMutableRawPointer(target.baseAddress! + y * rowBytes)
                            .copyMemory(from: base + y * plane.bytesPerRow, byteCount: rowBytes)
                    }
                    count = rowBytes * plane.height
                }
                percept_output_write(output, packed, packed.count)
            }
        }
        try checkHealth()
    }

    /// Names the file; a pipe is left open.
    public func finish() throws {
        try checkHealth()
        try file?.finish()
    }

    /// Removes the unfinished file; what went into a pipe cannot be called back.
    public func abandon() { file?.abandon() }

    private func put(_ bytes: [UInt8]) throws {
        percept_output_write(output, bytes, bytes.count)
        try checkHealth()
    }

    private func checkHealth() throws {
        try throwWriteFailure(
            output.pointee.error, path: path == "-" ? "standard output" : path,
            written: output.pointee.size, needed: nil)
    }

    private static func header(_ video: VideoDescription, chroma: String) -> String {
        let rate = video.frameRate ?? Rational(25, 1)
        let aspect = video.sampleAspectRatio
        let fields =
            switch video.fieldOrder {
            case .progressive: "p"
            case .topFirst: "t"
            case .bottomFirst: "b"
            }
        var header = "YUV4MPEG2 W\(video.width) H\(video.height)"
        header += " F\(rate.numerator):\(rate.denominator) I\(fields)"
        header += " A\(aspect.numerator):\(aspect.numerator == 0 ? 0 : aspect.denominator)"
        header += " C\(chroma)"
        if let full = video.colour.isFullRange {
            header += full ? " XCOLORRANGE=FULL" : " XCOLORRANGE=LIMITED"
        }
        return header + "\n"
    }

    private static func chromaTag(_ video: VideoDescription) -> String? {
        let depth = video.format.depth
        let isDeep = depth > 8
        guard depth <= 16, !video.format.hasAlpha || (video.format.sampling == .yuv444 && !isDeep)
        else { return nil }
        switch video.format.sampling {
        case .gray: return isDeep ? "mono\(depth)" : "mono"
        case .yuv420:
            if isDeep { return "420p\(depth) XYSCSS=420P\(depth)" }
            return switch video.colour.chromaLocation {
            case 1: "420mpeg2 XYSCSS=420MPEG2"
            case 3: "420paldv XYSCSS=420PALDV"
            default: "420jpeg XYSCSS=420JPEG"
            }
        case .yuv422: return isDeep ? "422p\(depth) XYSCSS=422P\(depth)" : "422 XYSCSS=422"
        case .yuv444:
            if video.format.hasAlpha { return "444alpha XYSCSS=444" }
            return isDeep ? "444p\(depth) XYSCSS=444P\(depth)" : "444 XYSCSS=444"
        case .rgb: return nil
        }
    }

    deinit {
        if file == nil { output.deallocate() }
    }
}
