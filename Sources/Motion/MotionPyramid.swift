// Luma at half size, quarter size and so on: computed once per frame, searched several times.
import CKernels
import Media

/// The luma of one frame at 1/2, 1/4, 1/8 ... of its size.
///
/// Its memory is allocated once; `update` refills it. Pyramids may be read by several threads at a
/// time, but not while one of them updates.
public final class MotionPyramid: @unchecked Sendable {
    /// Size of the luma that the pyramid is made of.
    public let width: Int, height: Int
    let levels: [percept_level]
    private let memory: UnsafeMutablePointer<Int16>

    /// An empty pyramid for luma planes of the given size.
    public init(width: Int, height: Int) {
        precondition(width > 0 && height > 0, "no pyramid of \(width)x\(height)")
        self.width = width
        self.height = height
        var sizes = [((width + 1) / 2, (height + 1) / 2)]
        // A level smaller than a patch has nothing to say.
        while let last = sizes.last, min(last.0, last.1) >= 16 {
            sizes.append(((last.0 + 1) / 2, (last.1 + 1) / 2))
        }
        let padding = Int(PERCEPT_LEVEL_PADDING)
        func stride(_ width: Int) -> Int { (width + 2 * padding + 31) / 32 * 32 }
        // One row more than the padding asks for, since rows are read in whole vectors.
        let counts = sizes.map { stride($0.0) * ($0.1 + 2 * padding + 1) }
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: counts.reduce(0, +) * 2, alignment: 64
        ).bindMemory(to: Int16.self, capacity: counts.reduce(0, +))
        memory.initialize(repeating: 0, count: counts.reduce(0, +))
        self.memory = memory
        var offset = 0
        var levels: [percept_level] = []
        for (size, count) in zip(sizes, counts) {
            let start = memory + offset + padding * stride(size.0) + padding
            levels.append(
                percept_level(
                    base: start, stride: stride(size.0), width: Int32(size.0),
                    height: Int32(size.1)))
            offset += count
        }
        self.levels = levels
    }

    deinit { memory.deallocate() }

    /// The pyramid of a luma plane of `depth` bits a sample.
    public convenience init(luma: Plane, depth: Int, threads: Int = 0) {
        self.init(width: luma.width, height: luma.height)
        update(luma: luma, depth: depth, threads: threads)
    }

    /// Bytes of its memory, padding apart.
    public var byteCount: Int { levels.reduce(0) { $0 + 2 * Int($1.width) * Int($1.height) } }

    /// The mean luma of `columns` x `rows` parts of the picture, row by row, in 8-bit code values.
    public func thumbnail(columns: Int, rows: Int) -> [Float] {
        // The coarsest level that has a sample for each part; where none has, samples serve several.
        let level = levels.last { Int($0.width) >= columns && Int($0.height) >= rows } ?? levels[0]
        let (width, height) = (Int(level.width), Int(level.height))
        func span(_ part: Int, _ parts: Int, _ extent: Int) -> Range<Int> {
            let start = min(part * extent / parts, extent - 1)
            return start..<max((part + 1) * extent / parts, start + 1)
        }
        return (0..<rows).flatMap { row in
            (0..<columns).map { column in
                let (ys, xs) = (span(row, rows, height), span(column, columns, width))
                var sum: Float = 0
                for y in ys {
                    for x in xs { sum += Float(level.base[y * Int(level.stride) + x]) }
                }
                // Levels hold quarters of code values.
                return sum / Float(4 * ys.count * xs.count)
            }
        }
    }

    /// Replaces the contents by those of another plane of the same size.
    public func update(luma: Plane, depth: Int, threads: Int = 0) {
        precondition(
            luma.width == width && luma.height == height,
            "\(luma.width)x\(luma.height) is not \(width)x\(height)")
        luma.withUnsafeBytes { base in
            var samples = percept_samples(
                base: base, bytes_per_row: luma.bytesPerRow, width: Int32(width),
                height: Int32(height), bytes_per_sample: Int32(luma.bytesPerSample))
            withUnsafePointer(to: levels[0]) {
                percept_level_from_luma(&samples, Int32(depth), $0, Int32(threads))
            }
        }
        for (fine, coarse) in zip(levels, levels.dropFirst()) {
            withUnsafePointer(to: fine) { fine in
                withUnsafePointer(to: coarse) { percept_level_halve(fine, $0, Int32(threads)) }
            }
        }
    }
}
