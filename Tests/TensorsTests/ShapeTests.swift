// Extents, strides and broadcasting.
import Tensors
import Testing

@Suite("A shape")
struct ShapeTests {
    @Test("Counts its elements; a scalar has one, an empty extent none")
    func count() {
        #expect(Shape([2, 7, 3]).count == 42)
        #expect(Shape([]).count == 1)
        #expect(Shape([3, 0, 5]).count == 0)
    }

    @Test("Negative axes count from the end, to read and to write")
    func negativeAxes() {
        var shape: Shape = [2, 7, 3]
        #expect(shape[-1] == 3)
        #expect(shape[-3] == 2)
        shape[-2] = 5
        #expect(shape == [2, 5, 3])
    }

    @Test("Strides are the distances between neighbours of a contiguous tensor")
    func strides() {
        #expect(Shape([2, 7, 3, 5]).strides == [105, 15, 5, 1])
        #expect(Shape([]).strides == [])
    }

    @Test("Shapes broadcast by NumPy's rule, whichever comes first")
    func broadcast() {
        let cases: [(Shape, Shape, Shape?)] = [
            ([2, 7, 3], [2, 7, 3], [2, 7, 3]), ([2, 7, 3], [7, 1], [2, 7, 3]),
            ([2, 1, 3], [7, 1], [2, 7, 3]), ([], [4], [4]), ([], [], []), ([1], [0], [0]),
            ([2, 7], [3, 7], nil), ([7, 2], [7], nil),
        ]
        for (a, b, expected) in cases {
            #expect(a.broadcast(with: b) == expected)
            #expect(b.broadcast(with: a) == expected)
        }
    }
}
