// Photographs cut, resized, turned around, recoloured and put together: what a detector practises on.
import Glibc
import Media
import Tensors

/// Makes square pictures out of photographs.
///
/// Some show one photograph, larger or smaller than the square, the others parts of four, nine or sixteen, so that
/// things of all sizes are seen. Nobody has to say what is where in them: a detector that learns from another sees what
/// that one sees.
///
/// - SeeAlso: YOLOv4 (arXiv:2004.10934), section 3.3, for mosaics; YOLOX (arXiv:2107.08430), section 2.1, for the use
///   of strong changes with small networks at half strength.
public struct PictureMixer: Sendable {
    /// Side of the squares in pixels.
    public let side: Int
    /// How many of them are mosaics, and how many show one whole photograph as ``Letterbox`` lays it.
    public var mosaics = 0.55, plain = 0.15
    /// How many photographs a mosaic has in each direction: how often each is drawn.
    public var grids: [(count: Int, share: Double)] = [(2, 0.5), (3, 0.3), (4, 0.2)]

    /// A mixer for squares of `side` pixels.
    public init(side: Int) { self.side = side }

    /// A new picture.
    ///
    /// - Parameter photograph: A photograph drawn at random.
    public func callAsFunction(
        _ random: inout RandomSource,
        of photograph: (inout RandomSource) throws -> UprightPicture
    ) rethrows -> UprightPicture {
        var canvas = [UInt8](repeating: Letterbox.grey, count: 3 * side * side)
        func lay(
            _ picture: UprightPicture, _ place: Placement, x: Range<Int>, y: Range<Int>,
            _ colours: Recolouring
        ) {
            canvas.withUnsafeMutableBufferPointer {
                place.draw(picture, on: $0, side: side, x: x, y: y, colours)
            }
        }
        let kind = random.uniform()
        if kind < mosaics {
            let count = grid(&random)
            let (rows, columns) = (cuts(count, &random), cuts(count, &random))
            // Photographs of a coarse grid may be much smaller than their part, those of a fine one are small anyway.
            let least = count == 2 ? 0.6 : 0.9
            for y in rows {
                for x in columns {
                    let picture = try photograph(&random)
                    let scale = exp(random.uniform(in: log(least)..<log(2.6)))
                    let place = Placement(
                        picture, longest: scale * Double(side / count), x, y, &random)
                    lay(picture, place, x: x, y: y, Recolouring(&random))
                }
            }
        } else {
            let picture = try photograph(&random)
            let all = 0..<side
            if kind < mosaics + plain {
                let place = Placement(
                    filling: side, picture, isMirrored: random.uniform() < 0.5)
                lay(picture, place, x: all, y: all, Recolouring())
            } else {
                let scale = exp(random.uniform(in: log(0.35)..<log(2.0)))
                let place = Placement(picture, longest: scale * Double(side), all, all, &random)
                lay(picture, place, x: all, y: all, Recolouring(&random))
            }
        }
        return UprightPicture(width: side, height: side, pixels: canvas)
    }

    private func grid(_ random: inout RandomSource) -> Int {
        var left = random.uniform() * grids.reduce(0) { $0 + $1.share }
        for grid in grids {
            left -= grid.share
            if left < 0 { return grid.count }
        }
        return grids.last!.count
    }

    /// The square's extent in so many parts, of a fifth more or less than their even share.
    private func cuts(_ count: Int, _ random: inout RandomSource) -> [Range<Int>] {
        let part = Double(side) / Double(count)
        let inner = (1..<count).map {
            Int(part * (Double($0) + random.uniform(in: -0.2..<0.2)))
        }
        let ends = [0] + inner + [side]
        return zip(ends, ends.dropFirst()).map { $0..<$1 }
    }
}

/// Where a photograph comes to lie.
private struct Placement {
    /// Pixels of the square for each of the photograph, and where its upper left corner is.
    private let scaleX: Double, scaleY: Double
    private let left: Double, top: Double
    private let isMirrored: Bool

    /// As a detector lays it.
    init(filling side: Int, _ picture: UprightPicture, isMirrored: Bool) {
        let box = Letterbox(width: picture.width, height: picture.height, side: side)
        scaleX = Double(box.innerWidth) / Double(picture.width)
        scaleY = Double(box.innerHeight) / Double(picture.height)
        (left, top) = (0, 0)
        self.isMirrored = isMirrored
    }

    /// Somewhere over a part of the square, its longer side of a given length, its shape changed by up to a tenth.
    init(
        _ picture: UprightPicture, longest: Double, _ x: Range<Int>, _ y: Range<Int>,
        _ random: inout RandomSource
    ) {
        let scale = longest / Double(max(picture.width, picture.height))
        let stretch = exp(random.uniform(in: -0.1..<0.1))
        (scaleX, scaleY) = (scale * stretch, scale / stretch)
        // A smaller photograph lies wholly inside; a larger one covers everything.
        func start(_ extent: Double, in range: Range<Int>) -> Double {
            Double(range.lowerBound) + (Double(range.count) - extent) * random.uniform()
        }
        left = start(Double(picture.width) * scaleX, in: x)
        top = start(Double(picture.height) * scaleY, in: y)
        isMirrored = random.uniform() < 0.5
    }

    /// Draws what of it lies in a part of the square; bilinear, without smoothing, as ``Letterbox`` samples.
    func draw(
        _ picture: UprightPicture, on canvas: UnsafeMutableBufferPointer<UInt8>, side: Int,
        x: Range<Int>, y: Range<Int>, _ colours: Recolouring
    ) {
        struct Tap {
            let target: Int, first: Int, second: Int
            let share: Float
        }
        func taps(
            _ range: Range<Int>, start: Double, scale: Double, extent: Int, isMirrored: Bool
        ) -> [Tap] {
            range.compactMap { target in
                let within = (Double(target) + 0.5 - start) / scale
                guard within >= 0, within < Double(extent) else { return nil }
                let turned = isMirrored ? Double(extent) - within : within
                let place = min(max(turned - 0.5, 0), Double(extent - 1))
                let first = Int(place)
                return Tap(
                    target: target, first: first, second: min(first + 1, extent - 1),
                    share: Float(place - Double(first)))
            }
        }
        let columns = taps(
            x, start: left, scale: scaleX, extent: picture.width, isMirrored: isMirrored)
        let rows = taps(y, start: top, scale: scaleY, extent: picture.height, isMirrored: false)
        let stride = 3 * picture.width
        picture.pixels.withUnsafeBufferPointer { pixels in
            for row in rows {
                let (upper, lower) = (row.first * stride, row.second * stride)
                for column in columns {
                    let (a, b) = (3 * column.first, 3 * column.second)
                    func value(_ channel: Int) -> Float {
                        let above = mix(
                            pixels[upper + a + channel], pixels[upper + b + channel], column.share)
                        let below = mix(
                            pixels[lower + a + channel], pixels[lower + b + channel], column.share)
                        return above + (below - above) * row.share
                    }
                    let pixel = colours(value(0), value(1), value(2))
                    let at = 3 * (row.target * side + column.target)
                    (canvas[at], canvas[at + 1], canvas[at + 2]) = pixel
                }
            }
        }
    }

    private func mix(_ a: UInt8, _ b: UInt8, _ share: Float) -> Float {
        Float(a) + (Float(b) - Float(a)) * share
    }
}

/// A change of brightness, contrast and saturation.
private struct Recolouring {
    private let gain: Float, offset: Float, saturation: Float

    /// None.
    init() { (gain, offset, saturation) = (1, 0, 1) }

    /// A change drawn at random.
    init(_ random: inout RandomSource) {
        gain = Float(exp(random.uniform(in: -0.3..<0.3)))
        // Contrast turns around middle grey.
        offset = 128 * (1 - gain) + Float(random.uniform(in: -25..<25))
        saturation = Float(random.uniform(in: 0.5..<1.4))
    }

    func callAsFunction(_ red: Float, _ green: Float, _ blue: Float) -> (UInt8, UInt8, UInt8) {
        let grey = 0.299 * red + 0.587 * green + 0.114 * blue
        func code(_ value: Float) -> UInt8 {
            let changed = (grey + (value - grey) * saturation) * gain + offset
            return UInt8(min(max(changed + 0.5, 0), 255))
        }
        return (code(red), code(green), code(blue))
    }
}
