// Frames that repeat the frame before them, sample for sample.
import CKernels
import Media

/// Whether two frames hold the same samples in every plane; their times may differ.
///
/// Costs one pass over memory at most; the first row that differs ends it.
public func isDuplicate(_ frame: Frame, of other: Frame) -> Bool {
    guard
        frame.width == other.width && frame.height == other.height && frame.format == other.format
    else { return false }
    return zip(frame.planes, other.planes).allSatisfy { a, b in
        a.withUnsafeBytes { first in
            b.withUnsafeBytes { second in
                var x = samples(of: a, at: first)
                var y = samples(of: b, at: second)
                return percept_equal_samples(&x, &y) != 0
            }
        }
    }
}

private func samples(of plane: Plane, at base: UnsafeRawPointer) -> percept_samples {
    percept_samples(
        base: base, bytes_per_row: plane.bytesPerRow, width: Int32(plane.width),
        height: Int32(plane.height), bytes_per_sample: Int32(plane.bytesPerSample))
}
