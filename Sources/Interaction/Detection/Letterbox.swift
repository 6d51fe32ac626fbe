// A picture of any size in a square of one size, its shape kept.
import Media
import Tensors

/// How a picture lies in the square that a detector looks at: enlarged or reduced to fit, in the upper left corner, grey
/// beside or below it.
///
/// - SeeAlso: YOLOX's own `preproc`, whose sizes are cut off and not rounded.
public struct Letterbox: Sendable, Equatable {
    /// What the rest of the square is filled with.
    public static let grey: UInt8 = 114

    /// The side of the square.
    public let side: Int
    /// The picture's own size.
    public let width: Int, height: Int
    /// Its size in the square; at least one pixel.
    public let innerWidth: Int, innerHeight: Int
    /// Pixels of the square for each of the picture.
    public let ratio: Double

    /// The place of a picture of `width` x `height`.
    public init(width: Int, height: Int, side: Int) {
        precondition(width > 0 && height > 0 && side > 0, "\(width)x\(height) in \(side)")
        (self.width, self.height, self.side) = (width, height, side)
        ratio = min(Double(side) / Double(height), Double(side) / Double(width))
        innerWidth = min(max(Int(Double(width) * ratio), 1), side)
        innerHeight = min(max(Int(Double(height) * ratio), 1), side)
    }

    /// The picture in its square as a detector wants it, `[1, 3, side, side]`.
    ///
    /// Sampled bilinearly between pixel centres, without smoothing, and rounded to 8 bits.
    ///
    /// - Parameter picture: Of this size, or the same picture in a smaller one.
    public func tensor(_ picture: UprightPicture, _ input: DetectorInput) -> Tensor<Float> {
        precondition(
            picture.width <= width && picture.height <= height, "another picture's place")
        let columns = Self.taps(innerWidth, of: picture.width)
        let rows = Self.taps(innerHeight, of: picture.height)
        let channels = input.channels
        return Tensor(shape: [1, 3, side, side]) { target in
            for (c, channel) in channels.enumerated() {
                let plane = UnsafeMutableBufferPointer(
                    rebasing: target[c * side * side..<(c + 1) * side * side])
                plane.initialize(repeating: Float(Self.grey) * channel.scale + channel.offset)
            }
            picture.pixels.withUnsafeBufferPointer { pixels in
                // Rows of the picture at the columns of the square, one channel behind another: the last two stay.
                var upper = SampledRow(count: 3 * innerWidth)
                var lower = SampledRow(count: 3 * innerWidth)
                defer {
                    upper.values.deallocate()
                    lower.values.deallocate()
                }
                for (y, row) in rows.enumerated() {
                    if lower.row == row.first { swap(&upper, &lower) }
                    for (wanted, isUpper) in [(row.first, true), (row.second, false)] {
                        guard (isUpper ? upper : lower).row != wanted else { continue }
                        Self.sample(
                            pixels, from: 3 * picture.width * wanted, columns, channels,
                            into: (isUpper ? upper : lower).values)
                        if isUpper { upper.row = wanted } else { lower.row = wanted }
                    }
                    for (c, channel) in channels.enumerated() {
                        let (above, below) = (
                            upper.values + c * innerWidth, lower.values + c * innerWidth
                        )
                        let line = target.baseAddress! + (c * side + y) * side
                        let (share, scale, offset) = (row.share, channel.scale, channel.offset)
                        for x in 0..<innerWidth {
                            let value = above[x] + (below[x] - above[x]) * share
                            line[x] = Float(Int32(value + 0.5)) * scale + offset
                        }
                    }
                }
            }
        }
    }

    /// A row of the picture that was sampled, and which.
    private struct SampledRow {
        var row = -1
        let values: UnsafeMutablePointer<Float>

        init(count: Int) { values = .allocate(capacity: count) }
    }

    /// The row whose pixels begin at `start`, at the columns of the square.
    private static func sample(
        _ pixels: UnsafeBufferPointer<UInt8>, from start: Int, _ columns: [Tap],
        _ channels: [(source: Int, scale: Float, offset: Float)],
        into values: UnsafeMutablePointer<Float>
    ) {
        for (c, channel) in channels.enumerated() {
            let row = pixels.baseAddress! + start + channel.source
            let line = values + c * columns.count
            for (x, column) in columns.enumerated() {
                line[x] = mix(row[3 * column.first], row[3 * column.second], column.share)
            }
        }
    }

    /// A box of the picture as one of the square.
    public func square(_ box: Box) -> Box { box.scaled(by: ratio) }

    /// A box of the square as one of the picture, cut off at the picture's edges.
    public func picture(_ box: Box) -> Box {
        box.scaled(by: 1 / ratio).clipped(width: width, height: height)
    }

    /// The two pixels that lie around a sample, and the second one's share.
    private struct Tap {
        let first: Int, second: Int
        let share: Float
    }

    private static func mix(_ a: UInt8, _ b: UInt8, _ share: Float) -> Float {
        Float(a) + (Float(b) - Float(a)) * share
    }

    private static func taps(_ count: Int, of extent: Int) -> [Tap] {
        let step = Double(extent) / Double(count)
        return (0..<count).map { index in
            let place = min(max((Double(index) + 0.5) * step - 0.5, 0), Double(extent - 1))
            let first = Int(place)
            return Tap(
                first: first, second: min(first + 1, extent - 1),
                share: Float(place - Double(first)))
        }
    }
}
