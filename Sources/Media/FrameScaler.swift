// Frames at another size, in another layout of samples or in another range.
import CFFmpeg

/// Resizes and converts frames through swscale, by their own matrix; the result is of 8 bits.
public final class FrameScaler {
    /// How samples between samples are found.
    public enum Filter: String, Sendable, Hashable, CaseIterable {
        case bilinear, bicubic, lanczos
    }

    private let width: Int, height: Int
    private let cropped: (width: Int, height: Int)
    private let sampling: ChromaSampling
    private let isFullRange: Bool
    private let filter: Filter
    private var scaler: OpaquePointer?
    /// What the context was opened for: format, range, matrix.
    private var told: [Int32] = []

    /// A scaler to `width` x `height`.
    ///
    /// - Parameters:
    ///   - cropped: the part of each frame that is taken, from its upper left corner.
    ///   - sampling: 4:2:0 or 4:4:4 of the result.
    public init(
        width: Int, height: Int, from cropped: (width: Int, height: Int),
        sampling: ChromaSampling, isFullRange: Bool = false, filter: Filter = .lanczos
    ) {
        self.width = width
        self.height = height
        self.cropped = cropped
        self.sampling = sampling
        self.isFullRange = isFullRange
        self.filter = filter
    }

    deinit { sws_freeContext(scaler) }

    /// The frame as it should be; its planes are shared where nothing has to change.
    ///
    /// - Throws: ``MediaError`` for samples that swscale does not know.
    public func callAsFunction(_ frame: Frame) throws -> Frame {
        precondition(frame.width >= cropped.width && frame.height >= cropped.height)
        let format = FrameFormat(sampling)
        var result = frame
        (result.width, result.height, result.format) = (width, height, format)
        result.colour.isFullRange = isFullRange
        (result.quantisers, result.codedMotion, result.captions) = (nil, [], [])
        if frame.format.sampling == .rgb {
            result.colour.matrix = Self.matrix(height: frame.height)
        }
        let isSame = cropped == (width, height) && frame.format == format
        if isSame, (frame.colour.isFullRange ?? false) == isFullRange {
            result.planes = frame.planes.enumerated().map { index, plane in
                let size = format.planeSize(index, width: width, height: height)
                return Plane(
                    width: size.width, height: size.height, bytesPerRow: plane.bytesPerRow,
                    bytesPerSample: 1, memory: plane.memory, offset: plane.offset)
            }
            return result
        }
        result.planes = Frame(width: width, height: height, format: format).planes
        try scale(frame, into: result)
        return result
    }

    private func scale(_ frame: Frame, into result: Frame) throws {
        // Alpha stays behind.
        var source = frame.format
        source.hasAlpha = false
        guard let from = source.pixelFormat, let to = result.format.pixelFormat else {
            throw MediaError.library(
                operation: "scale a picture", reason: "unknown samples: \(frame.format.name)")
        }
        let isFull = frame.colour.isFullRange == true || source.sampling == .rgb
        let asked = [from.rawValue, isFull ? 1 : 0, result.colour.matrix]
        if scaler == nil || asked != told {
            sws_freeContext(scaler)
            scaler = nil
            scaler = try open(from, isFull: isFull, to, matrix: result.colour.matrix)
            told = asked
        }
        func lines(_ planes: some Collection<Plane>) -> ([UnsafeMutablePointer<UInt8>?], [Int32]) {
            let first = planes.map { plane in
                plane.withUnsafeBytes {
                    Optional(
                        UnsafeMutableRawPointer(mutating: $0).assumingMemoryBound(to: UInt8.self))
                }
            }
            let padding = 4 - planes.count
            return (
                first + [UnsafeMutablePointer<UInt8>?](repeating: nil, count: padding),
                planes.map { Int32($0.bytesPerRow) } + [Int32](repeating: 0, count: padding)
            )
        }
        let (inputs, inputStrides) = lines(frame.planes.prefix(source.planeCount))
        let (outputs, outputStrides) = lines(result.planes)
        let rows = withExtendedLifetime((frame, result)) {
            inputs.withUnsafeBytes { inputs in
                sws_scale(
                    scaler, inputs.assumingMemoryBound(to: UnsafePointer<UInt8>?.self).baseAddress!,
                    inputStrides, 0, Int32(cropped.height), outputs, outputStrides)
            }
        }
        try throwing(rows, "scale a picture")
    }

    /// A context that knows both ranges before it chooses its way: told afterwards, it would copy
    /// samples of equal size and layout as they are.
    private func open(
        _ from: AVPixelFormat, isFull: Bool, _ to: AVPixelFormat, matrix: Int32
    ) throws -> OpaquePointer {
        guard let made = sws_alloc_context() else {
            throw MediaError.library(operation: "scale a picture", reason: "out of memory")
        }
        let method =
            switch filter {
            case .bilinear: SWS_BILINEAR
            case .bicubic: SWS_BICUBIC
            case .lanczos: SWS_LANCZOS
            }
        let flags = method | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP | SWS_FULL_CHR_H_INT
        let options: [(String, Int)] = [
            ("srcw", cropped.width), ("srch", cropped.height), ("src_format", Int(from.rawValue)),
            ("src_range", isFull ? 1 : 0), ("dstw", width), ("dsth", height),
            ("dst_format", Int(to.rawValue)), ("dst_range", isFullRange ? 1 : 0),
            ("sws_flags", Int(flags)),
        ]
        for (name, value) in options {
            av_opt_set_int(UnsafeMutableRawPointer(made), name, Int64(value), 0)
        }
        guard sws_init_context(made, nil, nil) >= 0 else {
            sws_freeContext(made)
            throw MediaError.library(operation: "scale a picture", reason: "no such conversion")
        }
        let table = sws_getCoefficients(matrix)
        sws_setColorspaceDetails(
            made, table, isFull ? 1 : 0, table, isFullRange ? 1 : 0, 0, 1 << 16, 1 << 16)
        return made
    }

    /// BT.709 for high definition, BT.601 below, as players do.
    private static func matrix(height: Int) -> Int32 { height >= 720 ? 1 : 6 }
}
