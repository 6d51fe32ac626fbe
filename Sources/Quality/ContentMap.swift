// What the parts of a picture are: drawn, empty, or skin.
import CKernels
import Media
import Tensors

/// Content of a picture on a grid of 16x16 luma samples, each map from 0 to 1.
///
/// Drawn parts (text, line art, charts) are flat areas with sharp edges close by: of the cells of
/// rendered clips that have edges four in five are drawn by this measure, of those of camera pictures
/// one in seven. It is a look at 48x48 samples, no more: a bright window in a dark wall counts, too.
public struct ContentMap: Sendable {
    /// Flat surroundings with sharp edges among them, `[ceil(H / 16), ceil(W / 16)]`.
    public let drawn: Tensor<Float>
    /// Nothing that changes from sample to sample: the cell lacks detail, or has lost all.
    public let empty: Tensor<Float>
    /// The chroma of human skin.
    public let skin: Tensor<Float>
    /// 1 where the cell and all around it are one value, as black bars are; else 0.
    public let constant: Tensor<Float>

    /// Luma samples of one cell, each way.
    public static let cell = Int(PERCEPT_CONTENT_CELL)

    /// The map of a picture in YCbCr of limited range.
    ///
    /// - Parameter planes: luma, then the two of chroma at luma's size or half of it; luma alone has
    ///   no skin.
    public init(_ planes: [Plane], depth: Int, threads: Int = 0) {
        let luma = planes[0]
        let rows = (luma.height + Self.cell - 1) / Self.cell
        let columns = (luma.width + Self.cell - 1) / Self.cell
        let count = Int(PERCEPT_CONTENT_FIGURES)
        var figures = [Float](repeating: 0, count: rows * columns * count)
        withKernelSamples(luma) {
            percept_content_figures($0, Int32(depth), &figures, Int32(threads))
        }
        let shape: Shape = [rows, columns]
        func map(_ figure: Int) -> Tensor<Float> {
            Tensor((0..<rows * columns).map { figures[$0 * count + figure] }, shape: shape)
        }
        let (flat, edges) = (Self.smoothed(map(0)), Self.smoothed(map(1)))
        drawn = Tensor(
            zip(flat.elements, edges.elements).map {
                ramp($0, from: 0.4, to: 0.6) * ramp($1, from: 0.03, to: 0.06)
            }, shape: shape)
        let changes = Tensor(map(2).elements.map { $0 > 0 ? Float(1) : 0 }, shape: shape)
        constant = Self.smoothed(changes).map { $0 > 0 ? 0 : 1 }
        empty = Tensor(map(2).elements.map { ramp($0, from: 2, to: 0.5) }, shape: shape)
        skin =
            planes.count < 3
            ? Tensor(shape: shape)
            : ContentMap.skin(planes[1], planes[2], depth: depth, luma: luma, shape)
    }

    /// The share of each cell's samples whose chroma is that of skin, dark or fair.
    private static func skin(
        _ u: Plane, _ v: Plane, depth: Int, luma: Plane, _ shape: Shape
    ) -> Tensor<Float> {
        // Chroma at half the size or at luma's own.
        let (across, down) = (
            cell * u.width / max(luma.width, 1), cell * u.height / max(luma.height, 1)
        )
        let shift = max(0, depth - 8)
        return Tensor(shape: shape) { shares in
            for row in 0..<shape[0] {
                for column in 0..<shape[1] {
                    // Every second sample each way says enough.
                    var seen = 0, found = 0
                    for y in Swift.stride(
                        from: row * down, to: min((row + 1) * down, u.height), by: 2)
                    {
                        for x in Swift.stride(
                            from: column * across, to: min((column + 1) * across, u.width), by: 2)
                        {
                            let (cb, cr) = (u[x, y] >> shift, v[x, y] >> shift)
                            seen += 1
                            if (90...124).contains(cb), (136...168).contains(cr) { found += 1 }
                        }
                    }
                    shares[row * shape[1] + column] = seen > 0 ? Float(found) / Float(seen) : 0
                }
            }
        }
    }

    /// Means of a map over 3x3 cells, those at the edges over what there is.
    public static func smoothed(_ map: Tensor<Float>) -> Tensor<Float> {
        let (rows, columns) = (map.shape[0], map.shape[1])
        let values = map.elements
        return Tensor(shape: map.shape) { means in
            for row in 0..<rows {
                for column in 0..<columns {
                    var sum: Float = 0, count: Float = 0
                    for y in max(0, row - 1)...min(rows - 1, row + 1) {
                        for x in max(0, column - 1)...min(columns - 1, column + 1) {
                            sum += values[y * columns + x]
                            count += 1
                        }
                    }
                    means[row * columns + column] = sum / count
                }
            }
        }
    }
}

/// 0 up to `zero`, 1 from `full` on, either of which may be the larger.
package func ramp(_ value: Float, from zero: Float, to full: Float) -> Float {
    min(max((value - zero) / (full - zero), 0), 1)
}
