// Pictures of another size, for looking at.

extension UprightPicture {
    /// The picture enlarged until its shorter side has at least `shortest` pixels, or reduced until its longer side has
    /// at most `longest`; each pixel the mean of what it covers.
    public func fitted(shortest: Int, longest: Int?) -> UprightPicture {
        if min(width, height) < shortest {
            let factor = (shortest + min(width, height) - 1) / min(width, height)
            // A strip of paper stays a strip of paper.
            let possible = max(1, min(factor, 4000 / max(width, height)))
            return possible > 1 ? resized(width * possible, height * possible) : self
        }
        guard let longest, max(width, height) > longest else { return self }
        let ratio = Double(longest) / Double(max(width, height))
        return resized(
            max(1, Int((Double(width) * ratio).rounded())),
            max(1, Int((Double(height) * ratio).rounded())))
    }

    /// The picture in another size: means of whole pixels where reduced, pixels repeated where enlarged.
    private func resized(_ newWidth: Int, _ newHeight: Int) -> UprightPicture {
        var result = [UInt8](repeating: 0, count: 3 * newWidth * newHeight)
        let columns = (0..<newWidth).map { x in
            (x * width / newWidth, max(x * width / newWidth + 1, (x + 1) * width / newWidth))
        }
        pixels.withUnsafeBufferPointer { pixels in
            for y in 0..<newHeight {
                let first = y * height / newHeight
                let last = max(first + 1, (y + 1) * height / newHeight)
                for (x, column) in columns.enumerated() {
                    var sums = (0, 0, 0)
                    for row in first..<last {
                        for at in column.0..<column.1 {
                            let source = 3 * (row * width + at)
                            sums.0 += Int(pixels[source])
                            sums.1 += Int(pixels[source + 1])
                            sums.2 += Int(pixels[source + 2])
                        }
                    }
                    let count = (last - first) * (column.1 - column.0)
                    let target = 3 * (y * newWidth + x)
                    result[target] = UInt8((sums.0 + count / 2) / count)
                    result[target + 1] = UInt8((sums.1 + count / 2) / count)
                    result[target + 2] = UInt8((sums.2 + count / 2) / count)
                }
            }
        }
        return UprightPicture(width: newWidth, height: newHeight, pixels: result)
    }
}
