// Rearrangements that treat each axis on its own: slices, padding, nearest neighbours.
import Tensors

/// For each axis, the input position that every output position reads; -1 reads nothing.
struct IndexMaps {
    private var maps: [[Int]]
    private let input: Shape

    /// Every output position reads the same input position.
    init(identityOf shape: Shape) {
        input = shape
        maps = shape.dimensions.map { Array(0..<$0) }
    }

    /// The positions read along an axis; negative axes count from the end.
    subscript(axis: Int) -> [Int] {
        get { maps[axis < 0 ? axis + maps.count : axis] }
        set { maps[axis < 0 ? axis + maps.count : axis] = newValue }
    }

    /// The shape of what is read.
    var output: Shape { Shape(maps.map(\.count)) }

    /// Calls `body(output index, input index)` for each output that reads an input, in order.
    func forEach(_ body: (Int, Int) -> Void) {
        let strides = input.strides
        /// Visits the axes from `axis` inwards.
        func visit(_ axis: Int, _ output: Int, _ source: Int) {
            guard axis < maps.count else { return body(output, source) }
            let extent = maps[axis].count
            for (position, read) in maps[axis].enumerated() where read >= 0 {
                visit(axis + 1, output * extent + position, source + read * strides[axis])
            }
        }
        visit(0, 0, 0)
    }
}
