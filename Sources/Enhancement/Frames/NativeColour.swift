// RGB pictures as full-range YCbCr and back; everything else passes as it is.
import Media

/// The planes that the network reads, whatever the frame holds.
enum NativeColour {
    /// Depth of the planes that stand for RGB: fine enough to come back to the same 12-bit samples.
    static let depth = 16

    /// Luma and chroma planes of a frame; alpha is left out.
    static func ycbcr(of frame: Frame) -> (planes: [Plane], sampling: ChromaSampling, depth: Int) {
        let format = frame.format
        guard format.sampling == .rgb else {
            let count = format.sampling == .gray ? 1 : 3
            return (Array(frame.planes[..<count]), format.sampling, format.depth)
        }
        let planes = (0..<3).map { _ in
            Plane(width: frame.width, height: frame.height, bytesPerSample: 2)
        }
        let unit = Float(1 << depth) / Float(1 << format.depth)
        let centre = Float(1 << (depth - 1))
        let maximum = Float((1 << depth) - 1)
        forEachRow(frame.planes, planes) { source, target, width in
            for x in 0..<width {
                let (g, b, r) = (source[0](x) * unit, source[1](x) * unit, source[2](x) * unit)
                // ITU-T H.273 matrix 5, full range.
                let luma = 0.299 * r + 0.587 * g + 0.114 * b
                target[0][x] = sample(luma, maximum)
                target[1][x] = sample((b - luma) * 0.564_334 + centre, maximum)
                target[2][x] = sample((r - luma) * 0.713_267 + centre, maximum)
            }
        }
        return (planes, .yuv444, depth)
    }

    /// The enhanced planes back in the frame's own format.
    static func restored(_ planes: [Plane], like frame: Frame, depth outputDepth: Int) -> [Plane] {
        let alpha = frame.format.hasAlpha ? [frame.planes[frame.format.planeCount - 1]] : []
        guard frame.format.sampling == .rgb else { return planes + alpha }
        let bytes = outputDepth > 8 ? 2 : 1
        let result = (0..<3).map { _ in
            Plane(width: frame.width, height: frame.height, bytesPerSample: bytes)
        }
        let unit = Float(1 << outputDepth) / Float(1 << depth)
        let centre = Float(1 << (depth - 1))
        let maximum = Float((1 << outputDepth) - 1)
        for y in 0..<frame.height {
            let rows = planes.map { plane in { (x: Int) in Float(plane.sample(x, y)) } }
            for x in 0..<frame.width {
                let (luma, u, v) = (rows[0](x), rows[1](x) - centre, rows[2](x) - centre)
                let r = luma + 1.402 * v
                let b = luma + 1.772 * u
                let g = (luma - 0.299 * r - 0.114 * b) / 0.587
                for (plane, value) in zip(result, [g, b, r]) {
                    plane.store(Int(sample(value * unit, maximum)), x, y)
                }
            }
        }
        return result + alpha
    }

    private static func sample(_ value: Float, _ maximum: Float) -> UInt16 {
        UInt16(min(max(value.rounded(), 0), maximum))
    }

    private static func forEachRow(
        _ sources: [Plane], _ targets: [Plane],
        _ body: ([(Int) -> Float], [UnsafeMutablePointer<UInt16>], Int) -> Void
    ) {
        for y in 0..<targets[0].height {
            let readers = sources.prefix(3).map { plane in
                { (x: Int) in Float(plane.sample(x, y)) }
            }
            let rows = targets.map { plane in
                plane.withUnsafeMutableBytes {
                    ($0 + y * plane.bytesPerRow).assumingMemoryBound(to: UInt16.self)
                }
            }
            body(readers, rows, targets[0].width)
        }
    }
}

extension Plane {
    fileprivate func sample(_ x: Int, _ y: Int) -> Int { self[x, y] }
}
