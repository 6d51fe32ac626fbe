// What a detector says of a picture: boxes, each with a kind of thing and a score.
import Glibc
import Networks

/// One thing that was found.
public struct Detection: Sendable, Hashable {
    /// Where.
    public var box: Box
    /// What, as an index into ``COCO/categories`` for a detector of COCO's 80 kinds.
    public var category: Int
    /// How surely: 0 to 1.
    public var score: Double

    /// A detection of `category`.
    public init(_ box: Box, category: Int, score: Double) {
        (self.box, self.category, self.score) = (box, category, score)
    }
}

extension Detection {
    /// Reads a detector's output: one candidate for each cell, its likeliest category.
    ///
    /// - Parameters:
    ///   - rows: What ``YOLOX`` gives for one picture, `[cells, 5 + classes]` row by row.
    ///   - side: The side of its input.
    ///   - least: Candidates that score less are left out, and so are those whose box is no box.
    /// - Returns: Boxes in pixels of the input, in the order of the cells.
    /// - SeeAlso: YOLOX (arXiv:2107.08430), section 2.1.
    static func candidates(
        _ rows: UnsafeBufferPointer<Float>, classCount: Int, side: Int, atLeast least: Double
    ) -> [Detection] {
        var found: [Detection] = []
        var row = 0
        for stride in YOLOX.strides {
            let cells = side / stride
            for y in 0..<cells {
                for x in 0..<cells {
                    let start = row * (5 + classCount)
                    row += 1
                    let objectness = rows[start + 4]
                    // No category scores over 1.
                    guard Double(objectness) >= least else { continue }
                    var best = 0
                    for k in 1..<max(classCount, 1)
                    where rows[start + 5 + k] > rows[start + 5 + best] { best = k }
                    let score = Double(objectness * rows[start + 5 + best])
                    guard score >= least else { continue }
                    let scale = Double(stride)
                    let centreX = (Double(rows[start]) + Double(x)) * scale
                    let centreY = (Double(rows[start + 1]) + Double(y)) * scale
                    let halfWidth = exp(Double(rows[start + 2])) * scale / 2
                    let halfHeight = exp(Double(rows[start + 3])) * scale / 2
                    let box = Box(
                        centreX - halfWidth, centreY - halfHeight, centreX + halfWidth,
                        centreY + halfHeight)
                    if box.isFinite {
                        found.append(Detection(box, category: best, score: score))
                    }
                }
            }
        }
        return found
    }

    /// Keeps the best of those that say the same: same category, and overlap over `limit`.
    ///
    /// - Returns: What is kept, best first; equal scores in the order given.
    static func withoutRepeats(_ all: [Detection], overlap limit: Double) -> [Detection] {
        let order = all.indices.sorted {
            all[$0].score != all[$1].score ? all[$0].score > all[$1].score : $0 < $1
        }
        var kept: [Detection] = []
        var keptBoxes: [Int: [Box]] = [:]
        for index in order {
            let candidate = all[index]
            let others = keptBoxes[candidate.category, default: []]
            if others.contains(where: { $0.overlap(candidate.box) > limit }) { continue }
            keptBoxes[candidate.category, default: []].append(candidate.box)
            kept.append(candidate)
        }
        return kept
    }
}
