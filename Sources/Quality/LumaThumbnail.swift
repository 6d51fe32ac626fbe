// A picture in a few numbers, for whoever asks how much it differs from the one before.
import Media

/// Mean luma of the parts of a picture, in 8-bit code values, from every fourth sample each way.
public struct LumaThumbnail: Sendable, Hashable {
    /// Parts each way.
    public static let columns = 24, rows = 16
    /// Row by row.
    public let values: [Float]

    /// The thumbnail of a plane of `depth` bits.
    public init(_ luma: Plane, depth: Int) {
        let (columns, rows) = (Self.columns, Self.rows)
        func spans(_ parts: Int, _ extent: Int) -> [(start: Int, end: Int)] {
            (0..<parts).map { part in
                let start = min(part * extent / parts, extent - 1)
                return (start, max((part + 1) * extent / parts, start + 1))
            }
        }
        let (xs, ys) = (spans(columns, luma.width), spans(rows, luma.height))
        let scale = 255 / Float((1 << depth) - 1)
        values = luma.withUnsafeBytes { base in
            ys.flatMap { y in
                xs.map { x in
                    var sum = 0, count = 0
                    for row in stride(from: y.start, to: y.end, by: 4) {
                        let line = base + row * luma.bytesPerRow
                        for column in stride(from: x.start, to: x.end, by: 4) {
                            sum +=
                                luma.bytesPerSample == 1
                                ? Int(line.load(fromByteOffset: column, as: UInt8.self))
                                : Int(line.load(fromByteOffset: 2 * column, as: UInt16.self))
                            count += 1
                        }
                    }
                    return scale * Float(sum) / Float(count)
                }
            }
        }
    }

    /// The mean difference of the parts.
    public func difference(to other: LumaThumbnail) -> Float {
        zip(values, other.values).reduce(0) { $0 + abs($1.0 - $1.1) } / Float(values.count)
    }
}
