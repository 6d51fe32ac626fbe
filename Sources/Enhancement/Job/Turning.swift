// Pictures as they are looked at: rows and columns turned, instead of a note that says so.
import Media

extension Frame {
    /// The frame mirrored and rotated as its tags say, with tags that say nothing any more; nil
    /// where a quarter turn of 4:2:2 chroma would make a sampling that is not kept here.
    package func turned() -> Frame? {
        let isQuarter = rotation == 90 || rotation == 270
        guard rotation != 0 || isMirrored else { return self }
        if isQuarter, format.sampling == .yuv422 { return nil }
        var result = Frame(
            width: isQuarter ? height : width, height: isQuarter ? width : height, format: format,
            planes: planes.map { $0.turned(by: rotation, isMirrored: isMirrored) })
        result = result.atTime(of: self)
        (result.width, result.height) = isQuarter ? (height, width) : (width, height)
        (result.rotation, result.isMirrored) = (0, false)
        if isQuarter {
            let ratio = sampleAspectRatio
            result.sampleAspectRatio = Rational(ratio.denominator, ratio.numerator)
        }
        return result
    }
}

extension Plane {
    /// Mirrored left to right if asked for, then rotated clockwise by a multiple of 90 degrees.
    fileprivate func turned(by rotation: Int, isMirrored: Bool) -> Plane {
        let isQuarter = rotation == 90 || rotation == 270
        let result = Plane(
            width: isQuarter ? height : width, height: isQuarter ? width : height,
            bytesPerSample: bytesPerSample)
        withUnsafeBytes { source in
            result.withUnsafeMutableBytes { target in
                for y in 0..<result.height {
                    for x in 0..<result.width {
                        var (u, v) = (x, y)
                        switch rotation {
                        case 90: (u, v) = (y, height - 1 - x)
                        case 180: (u, v) = (width - 1 - x, height - 1 - y)
                        case 270: (u, v) = (width - 1 - y, x)
                        default: break
                        }
                        if isMirrored { u = width - 1 - u }
                        (target + y * result.bytesPerRow + x * bytesPerSample).copyMemory(
                            from: source + v * bytesPerRow + u * bytesPerSample,
                            byteCount: bytesPerSample)
                    }
                }
            }
        }
        return result
    }
}

/// A sink that turns each frame upright first.
final class TurningSink: FrameSink {
    private let sink: any FrameSink
    init(_ sink: any FrameSink) { self.sink = sink }
    var conversion: String? { (sink as? StillWriter)?.conversion }
    var bytesWritten: Int { sink.bytesWritten }
    func write(_ frame: Frame) throws { try sink.write(frame.turned() ?? frame) }
    func finish() throws { try sink.finish() }
    func abandon() { sink.abandon() }
}
