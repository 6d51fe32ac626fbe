// Ways to turn a picture into numbers that can be compared: what ships, and the plain alternatives.
import Finding
import Glibc
import Memory
import Tensors
import Wavelets

/// A way to turn a picture into numbers, in so many numbers for each of 4x4 blocks, block by block.
struct PictureDescriptor: Sendable {
    let name: String
    let numbers: @Sendable (SmallPicture) -> [Float]
    /// How far up numbers are moved where distributions are compared.
    var shift: Float = 0
    /// What a number is rounded to where equal ones are counted.
    var unit: Float = 8
    /// What it is compared by; nil: by everything.
    var measures: [Similarity.Measure]?

    static let all = [
        PictureDescriptor(
            name: "cells less their block, roots",
            numbers: { roots(PicturePattern($0).fine) },
            shift: 40, unit: 2),
        PictureDescriptor(
            name: "cells less their block (ours)", numbers: { PicturePattern($0).fine }, shift: 1300
        ),
        PictureDescriptor(
            name: "cells less those around", numbers: { around(grid($0)) },
            measures: [.cosine, .manhattan]),
        PictureDescriptor(
            name: "thumbnail of 16x16", numbers: { grid($0) }, shift: 200,
            measures: [.dotProduct, .cosine, .euclidean, .manhattan, .jensenShannon]),
        PictureDescriptor(
            name: "thumbnail, mean removed", numbers: { centred(grid($0)) },
            measures: [.cosine, .euclidean, .manhattan]),
        PictureDescriptor(
            name: "Haar packet energies", numbers: energies,
            measures: [.cosine, .euclidean, .manhattan, .jensenShannon]),
        PictureDescriptor(
            name: "hash of gradients, 64 bits", numbers: hash, unit: 1, measures: [.hamming]),
        PictureDescriptor(
            name: "perceptual hash (DCT), 64 bits", numbers: cosineHash, unit: 1,
            measures: [.hamming]),
    ]

    // MARK: - Numbers

    /// 16x16 of luma and 8x8 of each difference of colour, in the order of ``PicturePattern/fine``.
    private static func grid(_ picture: SmallPicture) -> [Float] {
        let planes = (0..<3).map { plane in
            let side = plane == 0 ? 16 : 8
            return picture.cells(of: plane, columns: side, rows: side)
        }
        return (0..<16).flatMap { block -> [Float] in
            planes.enumerated().flatMap { plane, values -> [Float] in
                let edge = plane == 0 ? 4 : 2
                return (0..<edge * edge).map { cell in
                    let y = block / 4 * edge + cell / edge, x = block % 4 * edge + cell % edge
                    return values[y * 4 * edge + x]
                }
            }
        }
    }

    /// Each cell less the mean of those up to two cells away, of colour one.
    private static func around(_ numbers: [Float]) -> [Float] {
        // Where the number of a cell lies: 4x4 of luma in each block, then 2x2 of each colour.
        func place(_ plane: Int, _ y: Int, _ x: Int) -> Int {
            let edge = plane == 0 ? 4 : 2
            let block = y / edge * 4 + x / edge
            return block * 24 + (plane == 0 ? 0 : 12 + 4 * plane) + y % edge * edge + x % edge
        }
        var result = numbers
        for plane in 0..<3 {
            let side = plane == 0 ? 16 : 8, radius = plane == 0 ? 2 : 1
            for y in 0..<side {
                for x in 0..<side {
                    let rows = max(y - radius, 0)...min(y + radius, side - 1)
                    let columns = max(x - radius, 0)...min(x + radius, side - 1)
                    var sum: Float = 0
                    for row in rows {
                        for column in columns { sum += numbers[place(plane, row, column)] }
                    }
                    let at = place(plane, y, x)
                    result[at] = numbers[at] - sum / Float(rows.count * columns.count)
                    if plane > 0 { result[at] *= 5 }
                }
            }
        }
        return result
    }

    private static func centred(_ numbers: [Float]) -> [Float] {
        // Numbers of luma come first in each block of 24.
        let luma = numbers.indices.filter { $0 % 24 < 16 }
        let mean = luma.reduce(Float(0)) { $0 + numbers[$1] } / Float(luma.count)
        return numbers.enumerated().map { $0.offset % 24 < 16 ? $0.element - mean : $0.element }
    }

    /// Root mean squares of the 16 packets of luma in each block.
    private static func energies(_ picture: SmallPicture) -> [Float] {
        let luma = picture.cells(of: 0, columns: 64, rows: 64)
        let packets = PacketTransform(levels: 2)(Tensor(luma, shape: [1, 1, 64, 64]), threads: 1)
        let values = packets.elements
        return (0..<16).flatMap { block in
            (0..<16).map { subband -> Float in
                var sum: Float = 0
                for cell in 0..<16 {
                    let y = block / 4 * 4 + cell / 4, x = block % 4 * 4 + cell % 4
                    let value = values[subband * 256 + y * 16 + x]
                    sum += value * value
                }
                return (sum / 16).squareRoot()
            }
        }
    }

    /// Whether luma rises to the right, between 9x8 cells.
    private static func hash(_ picture: SmallPicture) -> [Float] {
        let cells = picture.cells(of: 0, columns: 9, rows: 8)
        // Four bits of each of 16 blocks, so that halves can be told.
        return (0..<16).flatMap { block in
            (0..<4).map { bit -> Float in
                let y = block / 4 * 2 + bit / 2, x = block % 4 * 2 + bit % 2
                return cells[y * 9 + x + 1] > cells[y * 9 + x] ? 1 : 0
            }
        }
    }

    /// Whether each of the 64 slowest cosines of 32x32 of luma is above their median, as perceptual hashes have it.
    private static func cosineHash(_ picture: SmallPicture) -> [Float] {
        let luma = picture.cells(of: 0, columns: 32, rows: 32)
        func cosine(_ frequency: Int, _ at: Int) -> Float {
            Float(cos(Double.pi * Double(frequency) * (Double(at) + 0.5) / 32))
        }
        // Rows first: 32 rows of 8 numbers.
        let rows = (0..<32).flatMap { y in
            (0..<8).map { u in
                (0..<32).reduce(Float(0)) { $0 + luma[y * 32 + $1] * cosine(u, $1) }
            }
        }
        let numbers = (0..<64).map { index in
            (0..<32).reduce(Float(0)) { $0 + rows[$1 * 8 + index % 8] * cosine(index / 8, $1) }
        }
        let median = numbers.dropFirst().sorted()[31]
        return numbers.map { $0 > median ? 1 : 0 }
    }

    static func roots(_ numbers: [Float]) -> [Float] {
        numbers.map { $0 < 0 ? -(-$0).squareRoot() : $0.squareRoot() }
    }
}
