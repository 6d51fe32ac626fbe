// PNG and JPEG files as videos of one frame, with what they carry beside their samples.
import CStills
import FileNames
import Glibc

/// Reads one picture.
public final class StillReader: FrameSource, @unchecked Sendable {
    public let width: Int
    public let height: Int
    /// The size that the file says; larger where ``ReadOptions/enoughPixels`` had it read smaller.
    public let fullWidth: Int, fullHeight: Int
    public let format: FrameFormat
    public let timeBase = Rational(1, 25)
    public let frameRate = Rational(25, 1)
    public let estimatedFrameCount: Int? = 1
    public let conversion: String?
    public let concealedCount: Int
    /// EXIF, ICC profile and XMP as the file has them.
    public let metadata: StillMetadata
    /// PNG's gamma x 100000; nil where not said.
    public let gamma: Int?
    private var frame: Frame?

    /// The kinds of pictures that are read here, by their first bytes.
    public enum Kind: Sendable {
        case png, jpeg

        /// The kind of the file at `path`; nil for everything else, missing files included.
        public init?(path: String) {
            // Opening a pipe would wait for somebody to write to it.
            guard (try? MediaSource.checkRegularFile(path)) != nil,
                let file = fopen(path.fileName, "rb")
            else { return nil }
            defer { fclose(file) }
            var head = [UInt8](repeating: 0, count: 8)
            let count = fread(&head, 1, 8, file)
            if count == 8, head == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] {
                self = .png
            } else if count >= 3, head[0] == 0xFF, head[1] == 0xD8, head[2] == 0xFF {
                self = .jpeg
            } else {
                return nil
            }
        }
    }

    /// Decodes the picture at `path`.
    ///
    /// - Throws: ``MediaError``: 66 missing, 65 for damaged, truncated (unless lenient), CMYK and
    ///   too large pictures.
    public init(path: String, options: ReadOptions = ReadOptions()) throws {
        _ = try MediaSource.checkRegularFile(path)
        guard let kind = Kind(path: path) else {
            throw MediaError.notVideo(path: path, reason: "neither PNG nor JPEG")
        }
        var still = percept_still()
        defer { percept_still_free(&still) }
        let limit = UInt64(max(0, options.maximumStillPixels))
        let status =
            kind == .png
            ? percept_png_read(path.fileName, limit, &still)
            : percept_jpeg_read(
                path.fileName, limit, UInt32(clamping: options.enoughPixels ?? 0), &still)
        try StillReader.check(status, still, path: path, options: options)
        metadata = StillMetadata(still, kind)
        gamma = still.gamma > 0 ? Int(still.gamma) : nil
        var frame = kind == .png ? Frame(png: still) : Frame(jpeg: &still)
        let orientation = metadata.orientation
        (frame.rotation, frame.isMirrored) = (orientation.rotation, orientation.isMirrored)
        frame.timeBase = timeBase
        frame.duration = 1
        frame.pictureType = .intra
        frame.isConcealed = still.warnings > 0
        (width, height, format) = (frame.width, frame.height, frame.format)
        let isSmaller = still.full_width > still.width || still.full_height > still.height
        fullWidth = isSmaller ? Int(still.full_width) : width
        fullHeight = isSmaller ? Int(still.full_height) : height
        concealedCount = frame.isConcealed ? 1 : 0
        conversion =
            still.is_upsampled != 0 ? "JPEG with unusual chroma sampling read as yuv444p" : nil
        self.frame = frame
    }

    public func next() throws -> Frame? {
        defer { frame = nil }
        return frame
    }

    private static func check(
        _ status: Int32, _ still: percept_still, path: String, options: ReadOptions
    ) throws {
        let message = withUnsafeBytes(of: still.message) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        switch Int(status) {
        case PERCEPT_STILL_OK: break
        case PERCEPT_STILL_CANNOT_OPEN:
            throw MediaError.unreadableInput(path: path, reason: String(cString: strerror(errno)))
        case PERCEPT_STILL_TOO_LARGE:
            throw MediaError.tooManyPixels(
                path: path, width: Int(still.width), height: Int(still.height),
                limit: options.maximumStillPixels)
        case PERCEPT_STILL_UNSUPPORTED:
            throw MediaError.unsupported(
                path: path, what: "has \(message)",
                advice: "convert it to RGB first (ImageMagick: convert IN -colorspace sRGB OUT.png)"
            )
        case PERCEPT_STILL_NO_MEMORY:
            throw MediaError.library(
                operation: "decode \(printable(path))", reason: "out of memory")
        default:
            throw MediaError.notVideo(path: path, reason: "damaged picture: \(message)")
        }
        if still.is_truncated != 0, !options.isLenient {
            throw MediaError.truncated(
                path: path, reason: "the picture ends before its last row", readableSeconds: 0,
                packets: 0)
        }
        if still.warnings > 0, options.isStrict {
            throw MediaError.damaged(path: path, frame: 0, reason: "the data is corrupt")
        }
    }
}

extension Frame {
    /// De-interleaves PNG's samples into planes: gray or G, B, R, then alpha.
    init(png still: percept_still) {
        let components = Int(still.components)
        let format = FrameFormat(
            components <= 2 ? .gray : .rgb, depth: Int(still.depth),
            hasAlpha: components == 2 || components == 4)
        self.init(width: Int(still.width), height: Int(still.height), format: format)
        let order = components <= 2 ? [0, 1] : [1, 2, 0, 3]
        let base = UnsafeRawPointer(still.planes.0!)
        for (index, plane) in planes.enumerated() {
            plane.withUnsafeMutableBytes { target in
                for y in 0..<height {
                    let source = base + y * still.bytes_per_row.0
                    let row = target + y * plane.bytesPerRow
                    if format.bytesPerSample == 1 {
                        let s = source.assumingMemoryBound(to: UInt8.self) + order[index]
                        let t = row.assumingMemoryBound(to: UInt8.self)
                        for x in 0..<width { t[x] = s[x * components] }
                    } else {
                        let s = source.assumingMemoryBound(to: UInt16.self) + order[index]
                        let t = row.assumingMemoryBound(to: UInt16.self)
                        for x in 0..<width { t[x] = s[x * components].littleEndian }
                    }
                }
            }
        }
        colour = ColourTags(
            primaries: 1, transfer: 13, matrix: format.sampling == .rgb ? 0 : 2, isFullRange: true)
        if still.dots_unit == 0, still.dots_x > 0, still.dots_y > 0,
            still.dots_x <= UInt32(Int32.max), still.dots_y <= UInt32(Int32.max)
        {
            sampleAspectRatio = Rational(Int32(still.dots_y), Int32(still.dots_x))
        }
    }

    /// Takes over JPEG's planes without a copy.
    init(jpeg still: inout percept_still) {
        let sampling: ChromaSampling =
            switch (still.colour, still.chroma_shift_x, still.chroma_shift_y) {
            case (0, _, _): .gray
            case (2, _, _): .rgb
            case (_, 0, _): .yuv444
            case (_, _, 0): .yuv422
            default: .yuv420
            }
        let format = FrameFormat(sampling)
        let (width, height) = (Int(still.width), Int(still.height))
        let owned = [still.planes.0, still.planes.1, still.planes.2]
        still.planes = (nil, nil, nil)
        let strides = [
            still.bytes_per_row.0, still.bytes_per_row.1, still.bytes_per_row.2,
        ]
        let coded = owned.indices.filter { owned[$0] != nil }.map { index in
            let size = format.planeSize(index, width: width, height: height)
            let address = UInt(bitPattern: owned[index]!)
            let memory = PlaneMemory(borrowing: owned[index]!) {
                percept_still_free_plane(UnsafeMutableRawPointer(bitPattern: address))
            }
            return Plane(
                width: size.width, height: size.height, bytesPerRow: strides[index],
                bytesPerSample: 1, memory: memory, offset: 0)
        }
        // Coded R, G, B; planes are G, B, R.
        let planes = sampling == .rgb ? [coded[1], coded[2], coded[0]] : coded
        self.init(width: width, height: height, format: format, planes: planes)
        colour = ColourTags(
            primaries: 1, transfer: 13, matrix: sampling == .rgb ? 0 : sampling == .gray ? 2 : 5,
            chromaLocation: sampling == .yuv420 ? 2 : 0, isFullRange: true)
        if still.has_table != 0 {
            let table = withUnsafeBytes(of: still.luma_table) {
                $0.bindMemory(to: UInt16.self).map { Float($0) }
            }
            // JPEG's 8x8 DCT is orthonormal: a step of the table is a step in code values. One number
            // stands for the table: the mean of its 64 entries.
            let mean = table.reduce(0, +) / 64
            quantisers = QuantiserMap(
                blockSize: max(width, height), columns: 1, rows: 1, values: [mean],
                lumaSteps: [mean])
        }
    }
}
