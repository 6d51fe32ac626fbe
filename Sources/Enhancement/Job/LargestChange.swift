// Which frame of a video shows best what enhancement did.
import Media
import Quality

/// Keeps the frame that changed most among every so many, as it was and as it became.
public struct LargestChange {
    /// Every how manieth frame is looked at.
    public static let interval = 5
    /// The pair kept so far; nil before the first frame.
    public private(set) var pair: (original: Frame, enhanced: Frame)?
    /// What the pair was before it was compressed, where that is known.
    public private(set) var pristine: Frame?
    /// Its mean squared change of luma, in code values of its depth; -1 before the first frame.
    public private(set) var change = -1.0
    /// The same of the frame that was looked at last; nil where the last one was passed over.
    public private(set) var last: Double?
    private var count = 0

    /// Nothing seen.
    public init() {}

    /// Looks at the next frame.
    public mutating func add(
        original: Frame, enhanced: Frame, pristine: Frame? = nil, threads: Int = 0
    ) {
        defer { count += 1 }
        last = nil
        guard count % LargestChange.interval == 0 else { return }
        let depth = enhanced.format.depth
        let before = original.planes[0].scaled(from: original.format.depth, to: depth)
        let error = PlaneError(
            reference: before, test: enhanced.planes[0], depth: depth, threads: threads)
        last = error.meanSquared
        guard error.meanSquared > change else { return }
        change = error.meanSquared
        pair = (original, enhanced)
        self.pristine = pristine
    }

    /// Writes the picture of the pair as PNG, replacing what was there; nothing without a frame.
    ///
    /// - Throws: ``MediaError`` or ``OutputError``.
    public func write(to path: String) throws {
        guard let pair else { return }
        let picture = ComparisonPicture().draw(
            before: pair.original.upright(), after: pair.enhanced.upright(),
            original: pristine?.shown(like: pair.original).upright())
        try picture.write(to: path)
    }
}

extension UprightPicture {
    /// The picture as a frame of planar GBR.
    var frame: Frame {
        let frame = Frame(width: width, height: height, format: FrameFormat(.rgb))
        // Planes are green, blue, red; pixels red, green, blue.
        for (plane, channel) in zip(frame.planes, [1, 2, 0]) {
            plane.withUnsafeMutableBytes { target in
                for y in 0..<height {
                    for x in 0..<width {
                        target.storeBytes(
                            of: pixels[3 * (y * width + x) + channel],
                            toByteOffset: y * plane.bytesPerRow + x, as: UInt8.self)
                    }
                }
            }
        }
        return frame
    }
}
