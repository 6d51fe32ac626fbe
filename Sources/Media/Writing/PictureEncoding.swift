// An upright picture as the bytes of a picture file.

extension UprightPicture {
    /// The bytes of a PNG, or of a JPEG with Y, Cb and Cr at full size, with the profile if that is one of RGB.
    ///
    /// - Parameter quality: Of a JPEG, 1 to 100.
    /// - Throws: ``MediaError`` with status 74.
    public func encoded(as format: StillFormat, quality: Int = 90) throws -> [UInt8] {
        let frame = format == .png ? rgbFrame : jfifFrame
        // A profile of grey means nothing where there is colour.
        let isRGB = profile.map { $0.count > 128 && $0[16..<20].elementsEqual("RGB ".utf8) }
        let encoder = StillEncoder(format, quality: quality)
        // libpng writes no profile that contradicts itself: better none than no picture.
        if isRGB == true,
            let bytes = try? encoder.bytes(of: frame, StillMetadata(icc: profile))
        {
            return bytes
        }
        return try encoder.bytes(of: frame)
    }

    private var rgbFrame: Frame {
        planes(FrameFormat(.rgb)) { red, green, blue in (green, blue, red) }
    }

    /// Full range by the matrix of BT.601.
    ///
    /// - SeeAlso: JFIF 1.02, "Conversion to and from RGB".
    private var jfifFrame: Frame {
        var frame = planes(FrameFormat(.yuv444)) { red, green, blue in
            let (r, g, b) = (Float(red), Float(green), Float(blue))
            func code(_ value: Float) -> UInt8 { UInt8(min(max(value + 0.5, 0), 255)) }
            return (
                code(0.299 * r + 0.587 * g + 0.114 * b),
                code(128 - 0.168736 * r - 0.331264 * g + 0.5 * b),
                code(128 + 0.5 * r - 0.418688 * g - 0.081312 * b)
            )
        }
        frame.colour = ColourTags(primaries: 1, transfer: 13, matrix: 5, isFullRange: true)
        return frame
    }

    private func planes(
        _ format: FrameFormat, _ convert: (UInt8, UInt8, UInt8) -> (UInt8, UInt8, UInt8)
    ) -> Frame {
        let frame = Frame(width: width, height: height, format: format)
        let targets = frame.planes.map { plane in
            plane.withUnsafeMutableBytes { $0.assumingMemoryBound(to: UInt8.self) }
        }
        withExtendedLifetime(frame) {
            pixels.withUnsafeBufferPointer { pixels in
                for y in 0..<height {
                    for x in 0..<width {
                        let source = 3 * (y * width + x)
                        let values = convert(
                            pixels[source], pixels[source + 1], pixels[source + 2])
                        targets[0][y * frame.planes[0].bytesPerRow + x] = values.0
                        targets[1][y * frame.planes[1].bytesPerRow + x] = values.1
                        targets[2][y * frame.planes[2].bytesPerRow + x] = values.2
                    }
                }
            }
        }
        return frame
    }
}
