// YCbCr frames as RGB, for picture files that hold nothing else.
import CFFmpeg

/// Converts with swscale, by the frame's own matrix and range, without dither.
enum RGBConverter {
    /// The frame in full-range RGB of 8 or 16 bits, alpha kept.
    ///
    /// - Throws: ``MediaError/library(operation:reason:)``.
    static func convert(_ frame: Frame, depth: Int) throws -> Frame {
        guard let source = frame.format.pixelFormat else {
            throw MediaError.library(operation: "convert to RGB", reason: "unknown sample layout")
        }
        let alpha = frame.format.hasAlpha
        var result = Frame(
            width: frame.width, height: frame.height,
            format: FrameFormat(.rgb, depth: depth, hasAlpha: alpha))
        result.colour = frame.colour
        result.colour.matrix = 0
        result.colour.isFullRange = true
        result.timestamp = frame.timestamp
        result.timeBase = frame.timeBase
        let target = result.format.pixelFormat ?? AV_PIX_FMT_NONE
        let flags = SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP
        let (width, height) = (Int32(frame.width), Int32(frame.height))
        guard
            let scaler = sws_getContext(
                width, height, source, width, height, target, flags, nil, nil, nil)
        else {
            throw MediaError.library(operation: "convert to RGB", reason: "no conversion")
        }
        defer { sws_freeContext(scaler) }
        let matrix = sws_getCoefficients(matrixCode(frame))
        let isFull: Int32 = frame.colour.isFullRange == true ? 1 : 0
        sws_setColorspaceDetails(
            scaler, matrix, isFull, matrix, 1, 0, 1 << 16, 1 << 16)
        var from = pointers(frame), to = pointers(result)
        var fromStrides = frame.planes.map { Int32($0.bytesPerRow) }
        var toStrides = result.planes.map { Int32($0.bytesPerRow) }
        while from.count < 4 { from.append(nil) }
        while to.count < 4 { to.append(nil) }
        fromStrides += [0, 0, 0]
        toStrides += [0, 0, 0]
        let rows = withExtendedLifetime((frame, result)) {
            from.withUnsafeBufferPointer { sources in
                to.withUnsafeBufferPointer { targets in
                    let source = UnsafeRawPointer(sources.baseAddress!)
                        .assumingMemoryBound(to: UnsafePointer<UInt8>?.self)
                    return sws_scale(
                        scaler, source, fromStrides, 0, height, targets.baseAddress!, toStrides)
                }
            }
        }
        try throwing(rows, "convert to RGB")
        return result
    }

    private static func pointers(_ frame: Frame) -> [UnsafeMutablePointer<UInt8>?] {
        frame.planes.map { plane in
            plane.withUnsafeBytes {
                UnsafeMutableRawPointer(mutating: $0).assumingMemoryBound(to: UInt8.self)
            }
        }
    }

    /// Where nothing is said: BT.709 for high definition, BT.601 below, as players do.
    private static func matrixCode(_ frame: Frame) -> Int32 {
        switch frame.colour.matrix {
        case 1: SWS_CS_ITU709
        case 4: SWS_CS_FCC
        case 5, 6: SWS_CS_ITU601
        case 7: SWS_CS_SMPTE240M
        case 9, 10: SWS_CS_BT2020
        default: frame.height >= 720 ? SWS_CS_ITU709 : SWS_CS_ITU601
        }
    }
}
