// Planes made of numbers, and back.
import Media

extension Plane {
    /// A plane whose samples `sample` gives at (x, y).
    public init(
        width: Int, height: Int, bytesPerSample: Int = 1, _ sample: (Int, Int) -> Int
    ) {
        self.init(width: width, height: height, bytesPerSample: bytesPerSample)
        withUnsafeMutableBytes { base in
            for y in 0..<height {
                for x in 0..<width {
                    let at = y * bytesPerRow + x * bytesPerSample
                    if bytesPerSample == 1 {
                        base.storeBytes(of: UInt8(sample(x, y)), toByteOffset: at, as: UInt8.self)
                    } else {
                        base.storeBytes(of: UInt16(sample(x, y)), toByteOffset: at, as: UInt16.self)
                    }
                }
            }
        }
    }

    /// A plane of `samples` of `depth` bits, row by row.
    public init(width: Int, height: Int, samples: [Int], depth: Int) {
        self.init(width: width, height: height, bytesPerSample: depth > 8 ? 2 : 1) {
            samples[$1 * width + $0]
        }
    }

    /// An uninitialised plane of the same size.
    public init(like other: Plane) {
        self.init(width: other.width, height: other.height, bytesPerSample: other.bytesPerSample)
    }

    /// All samples, row by row.
    public var samples: [Int] { (0..<height).flatMap { y in (0..<width).map { self[$0, y] } } }
}
