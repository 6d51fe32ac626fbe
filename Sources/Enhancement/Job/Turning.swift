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
        // Upside down, the last row is the top one: of an even number, it is the other field's.
        if rotation == 180, height % 2 == 0 { result.isTopFieldFirst.toggle() }
        if isQuarter {
            let ratio = sampleAspectRatio
            result.sampleAspectRatio = Rational(ratio.denominator, ratio.numerator)
        }
        return result
    }

    /// The frame turned like ``turned()``, where 4:2:2 becomes 4:4:4 for a quarter turn.
    ///
    /// Turned as it is it would be 4:4:0, which no encoder here takes. In 4:4:4 every chroma sample
    /// stays as it is, and those between two of them are their mean.
    package func turnedUpright() -> Frame { turned() ?? withFullChroma().turned() ?? self }

    private func withFullChroma() -> Frame {
        precondition(format.sampling == .yuv422)
        var planes = planes
        for index in 1...2 { planes[index] = planes[index].widened(to: width) }
        var result = self
        result.planes = planes
        result.format.sampling = .yuv444
        // Chroma lies on luma now.
        result.colour.chromaLocation = 0
        return result
    }
}

extension Plane {
    /// As many columns as luma has: those that are new are the mean of their neighbours.
    fileprivate func widened(to fullWidth: Int) -> Plane {
        let result = Plane(width: fullWidth, height: height, bytesPerSample: bytesPerSample)
        func widen<Sample: FixedWidthInteger>(_ sample: Sample.Type) {
            withUnsafeBytes { source in
                result.withUnsafeMutableBytes { target in
                    for y in 0..<height {
                        let from = (source + y * bytesPerRow).assumingMemoryBound(to: sample)
                        let to = (target + y * result.bytesPerRow).assumingMemoryBound(to: sample)
                        for x in 0..<fullWidth {
                            let (left, right) = (x / 2, min((x + 1) / 2, width - 1))
                            to[x] = Sample((Int(from[left]) + Int(from[right]) + 1) / 2)
                        }
                    }
                }
            }
        }
        if bytesPerSample == 1 { widen(UInt8.self) } else { widen(UInt16.self) }
        return result
    }

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
    func write(_ frame: Frame) throws { try sink.write(frame.turnedUpright()) }
    func finish() throws { try sink.finish() }
    func abandon() { sink.abandon() }
}
