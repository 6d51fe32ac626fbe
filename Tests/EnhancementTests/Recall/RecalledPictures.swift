// Gray pictures for tests of what is recalled: scenes, and noise as coding leaves it.
import Media
import Tensors

/// Scenes of random structure, each always the same.
enum RecalledPictures {
    static let width = 96, height = 64

    /// A frame of a scene with noise of its own.
    ///
    /// - Parameter shift: Columns that the scene is moved to the left.
    static func frame(
        scene: UInt64, noise: Double, seed: UInt64, time: Int, isKey: Bool = false, shift: Int = 0
    ) -> Frame {
        let clean = picture(scene)
        var random = RandomSource(seed: seed)
        var frame = Frame(width: width, height: height, format: FrameFormat(.gray))
        frame.planes[0].withUnsafeMutableBytes { base in
            for y in 0..<height {
                for x in 0..<width {
                    let value = clean[y * stride + x + shift] + noise * random.normal()
                    base.storeBytes(
                        of: UInt8(min(max(value.rounded(), 0), 255)),
                        toByteOffset: y * frame.planes[0].bytesPerRow + x, as: UInt8.self)
                }
            }
        }
        // Steps that leave about as large an error.
        let step = Float(max(noise * noise, 1))
        frame.quantisers = QuantiserMap(
            blockSize: 16, columns: 6, rows: 4, values: [Float](repeating: 30, count: 24),
            lumaSteps: [Float](repeating: step, count: 24))
        frame.timestamp = Int64(time)
        frame.isKey = isKey
        return frame
    }

    /// The mean squared error of a frame beside its scene without noise.
    static func error(_ frame: Frame, scene: UInt64) -> Double {
        let clean = picture(scene)
        var sum = 0.0
        for y in 0..<height {
            for x in 0..<width {
                let difference = Double(frame.planes[0][x, y]) - clean[y * stride + x]
                sum += difference * difference
            }
        }
        return sum / Double(width * height)
    }

    private static let stride = width + 16

    /// Random values on a grid, smoothly joined: fine detail over coarse.
    private static func picture(_ scene: UInt64) -> [Double] {
        var random = RandomSource(seed: 1000 + scene)
        var picture = [Double](repeating: 120, count: stride * height)
        for (cell, size) in [(24, 40.0), (8, 25), (4, 12)] {
            let columns = stride / cell + 2
            let grid = (0..<columns * (height / cell + 2)).map { _ in size * random.normal() }
            for y in 0..<height {
                for x in 0..<stride {
                    let (u, v) = (Double(x) / Double(cell), Double(y) / Double(cell))
                    let (i, j) = (Int(u), Int(v))
                    func at(_ dx: Int, _ dy: Int) -> Double { grid[(j + dy) * columns + i + dx] }
                    let (p, q) = (u - Double(i), v - Double(j))
                    picture[y * stride + x] +=
                        (1 - q) * ((1 - p) * at(0, 0) + p * at(1, 0))
                        + q * ((1 - p) * at(0, 1) + p * at(1, 1))
                }
            }
        }
        return picture.map { min(max($0, 16), 235) }
    }
}
