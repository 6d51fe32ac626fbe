// Pictures made of numbers.
import Media

/// A picture whose bytes `value` gives at (x, y, channel), taken modulo 256.
public func picture(_ width: Int, _ height: Int, _ value: (Int, Int, Int) -> Int) -> UprightPicture
{
    var pixels: [UInt8] = []
    pixels.reserveCapacity(width * height * 3)
    for y in 0..<height {
        for x in 0..<width {
            for c in 0..<3 { pixels.append(UInt8(truncatingIfNeeded: value(x, y, c))) }
        }
    }
    return UprightPicture(width: width, height: height, pixels: pixels)
}
