// Holes filled by associative memories of patches: what the repair by motion is compared with.
import Learning
import Media
import Memory
import Motion
import Tensors

/// Fills lost luma cell by cell with what a memory of neighbouring pictures' patches makes of the samples around.
///
/// From the rim inwards. Memories are the patches of the two nearest pictures in a window about the cell. Chroma, and luma
/// where there is no other picture, is a copy along the flow around.
final class PatchRecall: LossRepair {
    /// What answers.
    enum Memory {
        /// Masked recall.
        case recall(Similarity, Separation)
        /// Completion by a network that is trained on all memories of a picture's holes.
        case completion
        /// Manhattan and maximum where the nearest memory's known samples are close enough, else completion.
        case both
    }

    /// Samples around a cell that are part of its patch; window of the search and its step.
    private static let rim = 4, window = 8, step = 2
    private static let side = LossMap.cell + 2 * rim
    /// Mean difference of known samples, in 8-bit steps, up to which a memory is close.
    private static let margin: Float = 6

    private let memory: Memory
    private let copy = FlowRepair(.around)

    init(_ memory: Memory) { self.memory = memory }

    func repair(_ picture: Frame, lost: LossMap, others: [Frame], concealed: Frame?) {
        copy.repair(picture, lost: lost, others: others, concealed: nil)
        let near = others.filter { $0.width == picture.width && $0.height == picture.height }
            .prefix(2)
        guard !near.isEmpty else { return }
        do { try fill(picture, lost, near.map { $0.planes[0] }) } catch {
            preconditionFailure("\(error)")
        }
    }

    private func fill(_ picture: Frame, _ lost: LossMap, _ others: [Plane]) throws {
        let plane = picture.planes[0]
        let network = try network(lost, others)
        var unknown = lost.isLost
        while true {
            let now = unknown.indices.filter { index in
                unknown[index] && PatchRecall.beside(index, lost).contains { !unknown[$0] }
            }
            guard !now.isEmpty else { return }
            let masks = now.map { mask(of: $0, unknown, lost, plane) }
            let patches = now.map { patch(of: plane, at: PatchRecall.corner($0, lost)) }
            let completed: Tensor<Float>? = try network?.complete(
                PatchRecall.tensor(patches), knowing: PatchRecall.tensor(masks),
                PredictiveCodingMemory.Options(steps: 100))
            for (row, index) in now.enumerated() {
                let width = PatchRecall.side * PatchRecall.side
                let answer =
                    try recalled(patches[row], masks[row], index, lost, others)
                    ?? completed.map { Array($0.elements[row * width..<(row + 1) * width]) }
                if let answer { store(answer, at: index, lost, plane) }
            }
            for index in now { unknown[index] = false }
        }
    }

    /// What masked recall says; nil where it is not asked, or nothing is close.
    private func recalled(
        _ patch: [Float], _ mask: [Float], _ index: Int, _ lost: LossMap, _ others: [Plane]
    ) throws -> [Float]? {
        let similarity: Similarity, separation: Separation
        switch memory {
        case .recall(let asked, let by): (similarity, separation) = (asked, by)
        case .both: (similarity, separation) = (.manhattan, .maximum)
        case .completion: return nil
        }
        let keys = PatchRecall.tensor(memories(of: index, lost, others))
        let answer = try AssociativeMemory(keys, similarity: similarity, separation: separation)
            .retrieve(PatchRecall.tensor([patch]), knowing: PatchRecall.tensor([mask])).elements
        guard case .both = memory else { return answer }
        var difference: Float = 0
        for at in mask.indices { difference += mask[at] * abs(answer[at] - patch[at]) }
        return difference * 255 <= PatchRecall.margin * mask.reduce(0, +) ? answer : nil
    }

    /// A network that has stored a picture's memories, some hundred at most; nil where none is asked.
    private func network(_ lost: LossMap, _ others: [Plane]) throws -> PredictiveCodingMemory? {
        if case .recall = memory { return nil }
        let holes = lost.isLost.indices.filter { lost.isLost[$0] }
        var patches = holes.flatMap { index in
            others.map { patch(of: $0, at: PatchRecall.corner(index, lost)) }
        }
        let limit = 300
        if patches.count > limit {
            patches = (0..<limit).map { patches[$0 * patches.count / limit] }
        }
        var random = RandomSource(seed: 1)
        let width = PatchRecall.side * PatchRecall.side
        var network = PredictiveCodingMemory(GenerativeNetwork([32, 64, width]), using: &random)
        try network.store(
            PatchRecall.tensor(patches), MemoryTraining(epochs: 200, batch: limit, rate: 3e-3))
        return network
    }

    private func memories(of index: Int, _ lost: LossMap, _ others: [Plane]) -> [[Float]] {
        let (left, top) = PatchRecall.corner(index, lost)
        let steps = stride(
            from: -PatchRecall.window, through: PatchRecall.window, by: PatchRecall.step)
        return others.flatMap { other in
            steps.flatMap { v in steps.map { u in patch(of: other, at: (left + u, top + v)) } }
        }
    }

    /// Samples from 0 to 1; edges repeated.
    private func patch(of plane: Plane, at corner: (x: Int, y: Int)) -> [Float] {
        plane.withUnsafeBytes { base in
            (0..<PatchRecall.side).flatMap { v in
                let row = min(max(corner.y + v, 0), plane.height - 1) * plane.bytesPerRow
                return (0..<PatchRecall.side).map { u in
                    let x = min(max(corner.x + u, 0), plane.width - 1)
                    return Float(base.load(fromByteOffset: row + x, as: UInt8.self)) / 255
                }
            }
        }
    }

    private func mask(of index: Int, _ unknown: [Bool], _ lost: LossMap, _ plane: Plane) -> [Float]
    {
        let (left, top) = PatchRecall.corner(index, lost)
        return (0..<PatchRecall.side * PatchRecall.side).map { at in
            let (x, y) = (left + at % PatchRecall.side, top + at / PatchRecall.side)
            guard 0..<plane.width ~= x, 0..<plane.height ~= y else { return 0 }
            return unknown[y / LossMap.cell * lost.columns + x / LossMap.cell] ? 0 : 1
        }
    }

    private func store(_ answer: [Float], at index: Int, _ lost: LossMap, _ plane: Plane) {
        let (left, top) = PatchRecall.corner(index, lost)
        let inside = PatchRecall.rim..<PatchRecall.rim + LossMap.cell
        plane.withUnsafeMutableBytes { base in
            for v in inside where top + v < plane.height {
                for u in inside where left + u < plane.width {
                    let value = answer[v * PatchRecall.side + u] * 255 + 0.5
                    base.storeBytes(
                        of: UInt8(min(max(value, 0), 255)),
                        toByteOffset: (top + v) * plane.bytesPerRow + left + u, as: UInt8.self)
                }
            }
        }
    }

    private static func corner(_ index: Int, _ lost: LossMap) -> (x: Int, y: Int) {
        (
            index % lost.columns * LossMap.cell - rim, index / lost.columns * LossMap.cell - rim
        )
    }

    private static func beside(_ index: Int, _ lost: LossMap) -> [Int] {
        let (column, row) = (index % lost.columns, index / lost.columns)
        return [(column - 1, row), (column + 1, row), (column, row - 1), (column, row + 1)]
            .filter { 0..<lost.columns ~= $0.0 && 0..<lost.rows ~= $0.1 }
            .map { $0.1 * lost.columns + $0.0 }
    }

    private static func tensor(_ rows: [[Float]]) -> Tensor<Float> {
        Tensor(rows.flatMap { $0 }, shape: [rows.count, rows[0].count])
    }
}

extension Concealment.Way {
    /// A copy along the flow around, memories of patches by similarity and separation, and what ships.
    static let memories: [Concealment.Way] = {
        func way(_ name: String, _ memory: PatchRecall.Memory) -> Concealment.Way {
            Concealment.Way(name: name, handling: .repair { PatchRecall(memory) })
        }
        return [
            all[0],
            way("L1 max", .recall(.manhattan, .maximum)),
            way("L1 softmax", .recall(.manhattan, .softmax(4))),
            way("L2 max", .recall(.euclidean, .maximum)),
            way("L2 softmax", .recall(.euclidean, .softmax(50))),
            way("completion", .completion),
            way("L1 max or completion", .both),
            all[1],
        ]
    }()
}
