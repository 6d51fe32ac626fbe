// The common case of an upright picture, fast: 8 bits, square pixels, no alpha, no tone map.

/// Turns each sample of a frame into one pixel, with the very results of the general way.
struct DirectUpright {
    private let frame: Frame
    private let colour: ColourMatrix
    /// For each column of luma: the two samples of colour around it, and the second one's share.
    private let columns: [(first: Int32, second: Int32, share: Float)]

    /// Nil for frames that need more than that.
    init?(_ frame: Frame, isSquare: Bool) {
        guard isSquare, frame.format.depth == 8, !frame.format.hasAlpha,
            ![16, 18].contains(frame.colour.transfer)
        else { return nil }
        let colour = ColourMatrix(frame)
        (self.frame, self.colour) = (frame, colour)
        guard frame.planes.count == 3, frame.format.sampling != .rgb else {
            columns = []
            return
        }
        let isHalf = frame.format.sampling.halves.x
        let last = frame.planes[1].width - 1
        columns = (0..<frame.width).map { x in
            let place = isHalf ? Float(x) / 2 + colour.shift.x : Float(x)
            let inside = min(max(place, 0), Float(last))
            let first = Int32(inside)
            return (first, min(first + 1, Int32(last)), inside - Float(first))
        }
    }

    /// The bytes of the upright picture, red, green, blue, row by row.
    func pixels() -> [UInt8] {
        let (width, height) = (frame.width, frame.height)
        let isTurned = frame.rotation == 90 || frame.rotation == 270
        let rowBytes = 3 * (isTurned ? height : width)
        // Where the first sample goes, and how far it is from there to the next of its row and of its column.
        var (first, across, down) =
            switch frame.rotation {
            case 90: (3 * (height - 1), rowBytes, -3)
            case 180: (rowBytes * (height - 1) + 3 * (width - 1), -3, -rowBytes)
            case 270: (rowBytes * (width - 1), -rowBytes, 3)
            default: (0, 3, rowBytes)
            }
        if frame.isMirrored {
            first += across * (width - 1)
            across = -across
        }
        return [UInt8](unsafeUninitializedCapacity: 3 * width * height) { out, count in
            count = 3 * width * height
            let target = out.baseAddress!
            withExtendedLifetime(frame) {
                for y in 0..<height { row(y, to: target + first + y * down, step: across) }
            }
        }
    }

    private func base(_ plane: Int) -> UnsafePointer<UInt8> {
        frame.planes[plane].withUnsafeBytes { $0.assumingMemoryBound(to: UInt8.self) }
    }

    /// One row of a plane of colour between its rows.
    private struct ColourRow {
        let upper: UnsafePointer<UInt8>, lower: UnsafePointer<UInt8>
        let share: Float

        @inline(__always)
        func value(_ column: (first: Int32, second: Int32, share: Float)) -> Float {
            let (x0, x1) = (Int(column.first), Int(column.second))
            let a = Float(upper[x0]), c = Float(lower[x0])
            let top = a + (Float(upper[x1]) - a) * column.share
            let bottom = c + (Float(lower[x1]) - c) * column.share
            return top + (bottom - top) * share
        }
    }

    private func colourRow(_ plane: Int, _ y: Float) -> ColourRow {
        let samples = frame.planes[plane]
        let place = min(max(y, 0), Float(samples.height - 1))
        let first = Int(place)
        let start = base(plane)
        return ColourRow(
            upper: start + first * samples.bytesPerRow,
            lower: start + min(first + 1, samples.height - 1) * samples.bytesPerRow,
            share: place - Float(first))
    }

    private func row(_ y: Int, to start: UnsafeMutablePointer<UInt8>, step: Int) {
        let luma = base(0) + y * frame.planes[0].bytesPerRow
        let (offset, scale) = (colour.lumaOffset, colour.lumaScale)
        @inline(__always)
        func code(_ value: Float) -> UInt8 {
            // What is rounded lies from 0.5 to 255.5: the conversion needs no check.
            let inside = value < 0 ? 0 : value > 1 ? 1 : value
            return UInt8(truncatingIfNeeded: Int32(inside * 255 + 0.5))
        }
        var out = start
        switch frame.format.sampling {
        case .gray:
            for x in 0..<frame.width {
                let value = code((Float(luma[x]) - offset) * scale)
                (out[0], out[1], out[2]) = (value, value, value)
                out += step
            }
        case .rgb:
            // Planes are green, blue, red.
            let blue = base(1) + y * frame.planes[1].bytesPerRow
            let red = base(2) + y * frame.planes[2].bytesPerRow
            for x in 0..<frame.width {
                out[0] = code((Float(red[x]) - offset) * scale)
                out[1] = code((Float(luma[x]) - offset) * scale)
                out[2] = code((Float(blue[x]) - offset) * scale)
                out += step
            }
        case .yuv420, .yuv422, .yuv444:
            let halves = frame.format.sampling.halves
            let cy = halves.y ? Float(y) / 2 + colour.shift.y : Float(y)
            let first = colourRow(1, cy), second = colourRow(2, cy)
            let (kr, kb, kg) = (colour.kr, colour.kb, 1 - colour.kr - colour.kb)
            let (middle, chroma) = (colour.middle, colour.chromaScale)
            let (toRed, toBlue) = (2 * (1 - kr), 2 * (1 - kb))
            columns.withUnsafeBufferPointer { columns in
                for x in 0..<columns.count {
                    let column = columns[x]
                    let l = (Float(luma[x]) - offset) * scale
                    let r = l + toRed * ((second.value(column) - middle) * chroma)
                    let b = l + toBlue * ((first.value(column) - middle) * chroma)
                    out[0] = code(r)
                    out[1] = code((l - kr * r - kb * b) / kg)
                    out[2] = code(b)
                    out += step
                }
            }
        }
    }
}
