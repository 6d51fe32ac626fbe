// What is lost, told by how the pictures of two decoders differ.
import CFFmpeg
import Glibc

extension LossMap {
    /// Nothing was decoded.
    mutating func loseAll() {
        for index in isLost.indices {
            isLost[index] = true
            share[index] = 1
        }
    }

    /// Blocks of 16x16, row by row, in front of lost ones as far as FFmpeg replaces them.
    private func blocksBeforeLost() -> [[Bool]] {
        let reach = 50
        let width = (columns + 1) / 2
        var distance = Int.max
        var result: [[Bool]] = []
        for row in (0..<(rows + 1) / 2).reversed() {
            var line = [Bool](repeating: false, count: width)
            for column in (0..<width).reversed() {
                distance = isLost[2 * row * columns + 2 * column] ? 0 : distance
                line[column] = distance <= reach
                distance = distance == .max ? .max : distance + 1
            }
            result.append(line)
        }
        return result.reversed()
    }

    /// Looks at decoded cells that the concealing decoder replaced since they lie before an error: those that are far from
    /// what it made of them are lost too; others are put back in its picture.
    ///
    /// Where nothing is lost soon after them cells were not replaced: what differs there hangs on motion that was lost.
    ///
    /// - Parameter tolerance: Mean squared difference up to which cells are not far, in 8-bit steps; nil: none is.
    mutating func judge(_ decoded: Frame, _ concealed: Frame, tolerance: Int?) {
        var believed = self
        let (mine, other) = (decoded.planes[0], concealed.planes[0])
        let isDoubted = blocksBeforeLost()
        for index in isLost.indices {
            believed.isLost[index] = false
            guard !isLost[index], isDoubted[index / columns / 2][index % columns / 2] else {
                continue
            }
            let (left, top) = (
                index % columns * LossMap.cell, index / columns * LossMap.cell
            )
            var sum = 0
            var count = 0
            for y in top..<max(top, min(top + LossMap.cell, mine.height)) {
                for x in left..<max(left, min(left + LossMap.cell, mine.width)) {
                    let difference = mine[x, y] - other[x, y]
                    sum += difference * difference
                    count += 1
                }
            }
            guard sum > 0 else { continue }
            if let tolerance, sum > tolerance * count << (2 * (decoded.format.depth - 8)) {
                isLost[index] = true
                share[index] = 1
            } else {
                believed.isLost[index] = true
            }
        }
        for (plane, source) in zip(concealed.planes, decoded.planes) {
            plane.copyCells(of: source, where: believed, luma: (decoded.width, decoded.height))
        }
    }

    /// Raises shares by how much two pictures differ, as a part of `step`.
    mutating func addDifferences(
        between a: DecodedPicture, _ b: DecodedPicture, step: Int, bytesPerSample: Int
    ) {
        let width = min(Int(a.frame.pointee.width), columns * LossMap.cell)
        let height = min(Int(a.frame.pointee.height), rows * LossMap.cell)
        guard a.frame.pointee.format == b.frame.pointee.format,
            let first = a.frame.pointee.data.0, let second = b.frame.pointee.data.0
        else { return }
        var sums = [Int](repeating: 0, count: columns * rows)
        for y in 0..<height {
            let x = UnsafeRawPointer(first) + y * Int(a.frame.pointee.linesize.0)
            let z = UnsafeRawPointer(second) + y * Int(b.frame.pointee.linesize.0)
            // Most rows hang on nothing that was lost.
            guard memcmp(x, z, width * bytesPerSample) != 0 else { continue }
            let row = y / LossMap.cell * columns
            for column in 0..<width {
                let difference =
                    bytesPerSample == 1
                    ? Int(x.load(fromByteOffset: column, as: UInt8.self))
                        - Int(z.load(fromByteOffset: column, as: UInt8.self))
                    : Int(x.load(fromByteOffset: 2 * column, as: UInt16.self))
                        - Int(z.load(fromByteOffset: 2 * column, as: UInt16.self))
                let cell = row + column / LossMap.cell
                sums[cell] += abs(difference)
            }
        }
        // A quarter of a step on average is what rounding makes.
        let area = LossMap.cell * LossMap.cell
        let rounding = area * step / LossTracer.offset / 4
        for index in sums.indices where sums[index] > rounding && !isLost[index] {
            share[index] = max(share[index], min(1, Float(sums[index]) / Float(area * step)))
        }
    }
}

extension Plane {
    /// Writes lost cells of another plane with an offset added where there is room for it, else subtracted.
    ///
    /// - Parameter luma: Width and height of the luma that cells are counted in.
    func copyCells(
        of other: Plane, where map: LossMap, luma: (width: Int, height: Int), offset: Int = 0,
        maximum: Int = .max
    ) {
        let w = LossMap.cell / ((luma.width + width - 1) / width)
        let h = LossMap.cell / ((luma.height + height - 1) / height)
        for index in map.isLost.indices where map.isLost[index] {
            let (left, top) = (index % map.columns * w, index / map.columns * h)
            for y in top..<max(top, min(top + h, height)) {
                for x in left..<max(left, min(left + w, width)) {
                    let value = other[x, y]
                    store(value + (value <= maximum - offset ? offset : -offset), x, y)
                }
            }
        }
    }
}
