// Luma in plain numbers, to be tried and filled.
import Media

/// The luma of a picture in 8-bit steps.
struct Luma {
    let width: Int, height: Int
    private var samples: [Float]

    init(_ frame: Frame) {
        let plane = frame.planes[0]
        let scale = Float(1) / Float(1 << (frame.format.depth - 8))
        (width, height) = (plane.width, plane.height)
        samples = (0..<width * height).map { index in
            Float(plane[index % plane.width, index / plane.width]) * scale
        }
    }

    subscript(x: Int, y: Int) -> Float {
        get { samples[y * width + x] }
        set { samples[y * width + x] = newValue }
    }

    /// Bilinear between samples, edges repeated.
    func sample(_ x: Float, _ y: Float) -> Float {
        let px = min(max(x, 0), Float(width - 1)), py = min(max(y, 0), Float(height - 1))
        let (x0, y0) = (Int(px), Int(py))
        let (fx, fy) = (px - Float(x0), py - Float(y0))
        let (x1, y1) = (min(x0 + 1, width - 1), min(y0 + 1, height - 1))
        let top = self[x0, y0] * (1 - fx) + self[x1, y0] * fx
        let bottom = self[x0, y1] * (1 - fx) + self[x1, y1] * fx
        return top * (1 - fy) + bottom * fy
    }
}
