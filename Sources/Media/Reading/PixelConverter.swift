// Brings the pixel formats that frames do not keep to the nearest that they do.
import CFFmpeg

/// Converts decoded pictures to one format and size; remembers what it had to do.
final class PixelConverter {
    let format: FrameFormat
    let width: Int
    let height: Int
    /// What was converted so far, in words; nil while everything is as the file has it.
    private(set) var description: String?
    private var scaler: OpaquePointer?

    init(format: FrameFormat, width: Int, height: Int) {
        self.format = format
        self.width = width
        self.height = height
    }

    deinit { sws_freeContext(scaler) }

    /// Planes of `picture` in `format` and size; without a copy where nothing is to be changed.
    func planes(of picture: DecodedPicture, path: String) throws -> [Plane] {
        let frame = picture.frame
        let source = AVPixelFormat(rawValue: frame.pointee.format)
        guard let plan = PixelFormatPlan(source) else {
            throw MediaError.unsupported(
                path: path,
                what: "pixel format \(pixelFormatName(source)) has no samples in memory",
                advice: "convert it with ffmpeg -pix_fmt yuv420p")
        }
        let isSameSize = Int(frame.pointee.width) == width && Int(frame.pointee.height) == height
        guard isSameSize, plan.format == format else {
            note(
                "frames of \(frame.pointee.width)x\(frame.pointee.height)"
                    + " \(pixelFormatName(source)) scaled to \(width)x\(height) \(format.name)")
            return try scaled(frame, isFullRange: plan.isFullRange)
        }
        switch plan.route {
        case .keep:
            return (0..<format.planeCount).map { index in
                let size = format.planeSize(index, width: width, height: height)
                return picture.plane(
                    index, width: size.width, height: size.height,
                    bytesPerSample: format.bytesPerSample)
            }
        case .unpack:
            note(conversionText(source, plan))
            return unpacked(frame, source)
        case .scale:
            note(conversionText(source, plan))
            return try scaled(frame, isFullRange: plan.isFullRange)
        }
    }

    private func note(_ text: String) {
        if description == nil { description = text }
    }

    private func conversionText(_ source: AVPixelFormat, _ plan: PixelFormatPlan) -> String {
        let verb = plan.isLossless ? "read as" : "reduced to"
        return "\(pixelFormatName(source)) \(verb) \(plan.format.name)"
    }

    /// Reads component by component: packed, palette, big-endian and bit formats lose nothing.
    ///
    /// A sample of fewer bits than the target is shifted up where limited range scales by shifts
    /// (YCbCr), and spread over the whole range where its largest value means white (RGB, gray).
    private func unpacked(_ frame: UnsafeMutablePointer<AVFrame>, _ source: AVPixelFormat)
        -> [Plane]
    {
        let descriptor = av_pix_fmt_desc_get(source)!
        let flags = Int32(truncatingIfNeeded: descriptor.pointee.flags)
        let isPalette = flags & AV_PIX_FMT_FLAG_PAL != 0
        let isRGB = format.sampling == .rgb
        let components = Int(descriptor.pointee.nb_components)
        let depths = withUnsafeBytes(of: descriptor.pointee.comp) {
            $0.bindMemory(to: AVComponentDescriptor.self).map { Int($0.depth) }
        }
        var data = withUnsafeBytes(of: frame.pointee.data) {
            $0.bindMemory(to: UnsafePointer<UInt8>?.self).map { $0 }
        }
        let strides = withUnsafeBytes(of: frame.pointee.linesize) {
            Array($0.bindMemory(to: Int32.self))
        }
        // Our planes are G, B, R where FFmpeg's components are R, G, B; the palette is R, G, B, A.
        let order: [Int] =
            isRGB ? [1, 2, 0, 3] : format.sampling == .gray ? [0, components - 1] : [0, 1, 2, 3]
        return (0..<format.planeCount).map { index in
            let component = order[index]
            let size = format.planeSize(index, width: width, height: height)
            let plane = Plane(
                width: size.width, height: size.height, bytesPerSample: format.bytesPerSample)
            let depth = isPalette ? 8 : depths[component]
            let spread = isRGB || format.sampling == .gray || index == 3
            let table = DepthChange(from: depth, to: format.depth, spreads: spread)
            let row = UnsafeMutablePointer<UInt16>.allocate(capacity: size.width)
            defer { row.deallocate() }
            for y in 0..<size.height {
                av_read_image_line2(
                    row, &data, strides, descriptor, 0, Int32(y), Int32(component),
                    Int32(size.width), isPalette ? 1 : 0, 2)
                plane.withUnsafeMutableBytes { base in
                    let line = base + y * plane.bytesPerRow
                    if plane.bytesPerSample == 1 {
                        let line = line.assumingMemoryBound(to: UInt8.self)
                        for x in 0..<size.width {
                            line[x] = UInt8(truncatingIfNeeded: table(row[x]))
                        }
                    } else {
                        let line = line.assumingMemoryBound(to: UInt16.self)
                        for x in 0..<size.width { line[x] = table(row[x]).littleEndian }
                    }
                }
            }
            return plane
        }
    }

    /// Resamples through swscale.
    private func scaled(_ frame: UnsafeMutablePointer<AVFrame>, isFullRange: Bool) throws
        -> [Plane]
    {
        // Gray with alpha has no format in FFmpeg: its alpha stays behind, which `note` has told.
        let target = format.pixelFormat ?? FrameFormat(.gray, depth: format.depth).pixelFormat!
        scaler = sws_getCachedContext(
            scaler, frame.pointee.width, frame.pointee.height,
            AVPixelFormat(rawValue: frame.pointee.format), Int32(width), Int32(height), target,
            SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP | SWS_FULL_CHR_H_INT, nil, nil, nil)
        guard let scaler else {
            throw MediaError.library(
                operation:
                    "convert \(pixelFormatName(AVPixelFormat(rawValue: frame.pointee.format)))"
                    + " to \(format.name)", reason: "swscale has no such conversion")
        }
        let isFull = isFullRange || frame.pointee.color_range == AVCOL_RANGE_JPEG ? Int32(1) : 0
        let table = sws_getCoefficients(Int32(frame.pointee.colorspace.rawValue))
        sws_setColorspaceDetails(scaler, table, isFull, table, isFull, 0, 1 << 16, 1 << 16)
        let result = Frame(width: width, height: height, format: format)
        var data = [UnsafeMutablePointer<UInt8>?](repeating: nil, count: 4)
        var strides = [Int32](repeating: 0, count: 4)
        for (index, plane) in result.planes.enumerated() {
            data[index] = plane.withUnsafeMutableBytes { $0.assumingMemoryBound(to: UInt8.self) }
            strides[index] = Int32(plane.bytesPerRow)
        }
        if format.sampling == .gray, format.hasAlpha {
            result.planes[1].fill(with: UInt16(format.maximum))
            data[1] = nil
        }
        let lines = withUnsafeBytes(of: frame.pointee.data) {
            $0.bindMemory(to: UnsafePointer<UInt8>?.self).map { $0 }
        }
        let lineStrides = withUnsafeBytes(of: frame.pointee.linesize) {
            Array($0.bindMemory(to: Int32.self))
        }
        try throwing(
            sws_scale(scaler, lines, lineStrides, 0, frame.pointee.height, data, strides),
            "convert a picture")
        return withExtendedLifetime(result) { result.planes }
    }
}

/// Maps code values of one depth to another.
struct DepthChange {
    let from: Int
    let to: Int
    let spreads: Bool

    /// `spreads`: the largest value maps to the largest value; otherwise values shift.
    init(from: Int, to: Int, spreads: Bool) {
        self.from = from
        self.to = to
        self.spreads = spreads
    }

    func callAsFunction(_ value: UInt16) -> UInt16 {
        guard from != to else { return value }
        let v = UInt32(value)
        if spreads {
            let (a, b) = (UInt32(1) << UInt32(from) - 1, UInt32(1) << UInt32(to) - 1)
            return UInt16((v * b + a / 2) / a)
        }
        if to > from { return UInt16(truncatingIfNeeded: v << UInt32(to - from)) }
        let shift = UInt32(from - to)
        return UInt16(min((v + (1 << (shift - 1))) >> shift, (1 << UInt32(to)) - 1))
    }
}

extension Plane {
    /// Sets every sample to `value`. Only for planes that nobody else holds yet.
    func fill(with value: UInt16) {
        withUnsafeMutableBytes { base in
            for y in 0..<height {
                let row = base + y * bytesPerRow
                if bytesPerSample == 1 {
                    row.assumingMemoryBound(to: UInt8.self)
                        .update(repeating: UInt8(truncatingIfNeeded: value), count: width)
                } else {
                    row.assumingMemoryBound(to: UInt16.self)
                        .update(repeating: value.littleEndian, count: width)
                }
            }
        }
    }
}
