// How well lost parts are found: the map beside what really differs from the undamaged video.
import Glibc
import Media

/// Cells that are lost, and those that were found to be.
struct LossFigures {
    var truly = 0, found = 0, both = 0
    /// Sums over the planes' samples in cells that are truly lost.
    var squaredErrors = 0.0, samples = 0.0

    var recall: Double { truly == 0 ? 1 : Double(both) / Double(truly) }
    var precision: Double { found == 0 ? 1 : Double(both) / Double(found) }
    var psnr: Double { 10 * log10(255 * 255 * samples / max(squaredErrors, 1e-9)) }

    mutating func add(_ other: LossFigures) {
        truly += other.truly
        found += other.found
        both += other.both
        squaredErrors += other.squaredErrors
        samples += other.samples
    }

    /// Compares a map with truth.
    mutating func add(_ map: LossMap?, truth: [Bool]) {
        for (index, isLost) in truth.enumerated() {
            let isFound = (map?.share[index] ?? 0) > 0
            truly += isLost ? 1 : 0
            found += isFound ? 1 : 0
            both += isLost && isFound ? 1 : 0
        }
    }

    /// Adds the luma errors of cells.
    mutating func add(_ frame: Frame, _ original: Frame, where cells: [Bool]) {
        let columns = (frame.width + LossMap.cell - 1) / LossMap.cell
        for (index, isCounted) in cells.enumerated() where isCounted {
            let (sum, count) = cellError(frame, original, index % columns, index / columns)
            squaredErrors += sum
            samples += count
        }
    }
}

/// Squared luma error of a cell, and its samples.
func cellError(_ a: Frame, _ b: Frame, _ column: Int, _ row: Int) -> (Double, Double) {
    let (x, y) = (a.planes[0], b.planes[0])
    let cell = LossMap.cell
    var sum = 0
    var count = 0
    x.withUnsafeBytes { x0 in
        y.withUnsafeBytes { y0 in
            for j in (row * cell)..<min((row + 1) * cell, a.height) {
                for i in (column * cell)..<min((column + 1) * cell, a.width) {
                    let difference =
                        Int(x0.load(fromByteOffset: j * x.bytesPerRow + i, as: UInt8.self))
                        - Int(y0.load(fromByteOffset: j * y.bytesPerRow + i, as: UInt8.self))
                    sum += difference * difference
                    count += 1
                }
            }
        }
    }
    return (Double(sum), Double(count))
}

/// Cells in which two frames differ by more than half a step on average, which is what rounding makes.
func differingCells(_ a: Frame, _ b: Frame) -> [Bool] {
    let cell = LossMap.cell
    let columns = (a.width + cell - 1) / cell
    let rows = (a.height + cell - 1) / cell
    var sums = [Int](repeating: 0, count: columns * rows)
    let (x, y) = (a.planes[0], b.planes[0])
    x.withUnsafeBytes { x0 in
        y.withUnsafeBytes { y0 in
            for j in 0..<a.height {
                for i in 0..<a.width {
                    let difference =
                        Int(x0.load(fromByteOffset: j * x.bytesPerRow + i, as: UInt8.self))
                        - Int(y0.load(fromByteOffset: j * y.bytesPerRow + i, as: UInt8.self))
                    sums[j / cell * columns + i / cell] += abs(difference)
                }
            }
        }
    }
    return sums.map { 2 * $0 > cell * cell }
}

/// All frames of a file.
func frames(
    of path: String, _ losses: LossHandling = .none, threads: Int = 0
) throws -> [Frame] {
    var options = ReadOptions(threads: threads)
    options.losses = losses
    let source = try openSource(path: path, options: options)
    var frames: [Frame] = []
    while let frame = try source.next() { frames.append(frame) }
    return frames
}
