// Joining, slicing, reordering, padding and picking elements.
import Graphs
import Tensors
import TestSupport
import Testing

@Suite("Arrangements")
struct ArrangementTests {
    private let x = pattern([1, 1, 5, 4])

    @Test("Each part of a concatenation comes back", arguments: [0, 1, 2, -1])
    func parts(_ axis: Int) throws {
        let parts = [1, 4, 2].enumerated().map { index, extent in
            var shape: Shape = [2, 3, 5]
            shape[axis] = extent
            return random(shape, seed: UInt64(index))
        }
        let whole = try apply(Concatenate(axis: axis), parts[0], parts[1], parts[2])
        for (index, part) in parts.enumerated() {
            let operation = ConcatenatedPart(axis: axis, index: index, of: 3)
            #expect(try apply(operation, whole, parts[0], parts[1], parts[2]) == part)
            let start = parts[..<index].reduce(0) { $0 + $1.shape[axis] }
            let slice = Slice(axis: axis, from: start, to: start + part.shape[axis])
            #expect(try apply(slice, whole) == part)
        }
    }

    @Test("Slices take what an array's stride takes")
    func slices() throws {
        let line = Tensor<Double>((0..<9).map(Double.init), shape: [9])
        #expect(try apply(Slice(axis: 0, from: 2, to: 5), line).elements == [2, 3, 4])
        #expect(try apply(Slice(axis: 0, from: -3), line).elements == [6, 7, 8])
        #expect(try apply(Slice(axis: 0, from: 1, to: -1, step: 3), line).elements == [1, 4, 7])
        #expect(try apply(Slice(axis: 0, from: 4, to: 4), line).elements == [])
        let placed = try apply(
            SlicePlace(Slice(axis: 0, from: 1, to: -1, step: 3)), Tensor([7, 8, 9], shape: [3]),
            line)
        #expect(placed.elements == [0, 7, 0, 0, 8, 0, 0, 9, 0])
    }

    @Test("Transposing moves each element to the place that the permutation says")
    func transpose() throws {
        let x = pattern([2, 3, 4])
        let y = try apply(Transpose([2, 0, 1]), x)
        #expect(y.shape == [4, 2, 3])
        for i in 0..<2 {
            for j in 0..<3 { for k in 0..<4 { #expect(y[k, i, j] == x[i, j, k]) } }
        }
    }

    @Test("Reshape keeps extents for 0 and takes what is left for -1")
    func reshape() throws {
        #expect(try Reshape([0, -1]).shape(of: [[2, 3, 4]]) == [2, 12])
        #expect(try Reshape([-1, 1, 0, 0]).shape(of: [[2, 3, 4, 5]]) == [6, 1, 4, 5])
        #expect(try apply(Reshape([6]), pattern([2, 3])).elements == pattern([2, 3]).elements)
    }

    @Test("Padding has the values of ONNX Runtime")
    func padding() throws {
        let reflected = try apply(
            Pad(before: [0, 0, 2, 1], after: [0, 0, 0, 2], border: .reflect), x)
        #expect(
            Array(reflected.elements.prefix(21)) == [
                11, 20, 11, 2, 16, 2, 11, 1, 10, 1, 15, 6, 15, 1, 14, 0, 14, 5, 19, 5, 14,
            ])
        let replicated = try apply(
            Pad(before: [0, 0, 1, 0], after: [0, 0, 0, 2], border: .replicate), x)
        #expect(
            Array(replicated.elements.prefix(18)) == [
                0, 14, 5, 19, 19, 19, 0, 14, 5, 19, 19, 19, 10, 1, 15, 6, 6, 6,
            ])
        let line = Tensor<Double>([1, 2], shape: [2])
        #expect(try apply(Pad(before: [1], after: [2]), line).elements == [0, 1, 2, 0, 0])
    }

    @Test("Gathering reads positions, and its derivative adds where a position repeats")
    func gather() throws {
        let x = pattern([2, 3, 2])
        let positions = Tensor<Double>([2, 0, 2, 2], shape: [2, 2])
        let y = try apply(Gather(axis: 1), x, positions)
        #expect(y.shape == [2, 2, 2, 2])
        for i in 0..<2 {
            for a in 0..<2 {
                for b in 0..<2 {
                    for k in 0..<2 { #expect(y[i, a, b, k] == x[i, Int(positions[a, b]), k]) }
                }
            }
        }
        let ones = y.map { _ in 1 }
        #expect(
            try apply(GatherBackward(axis: 1), ones, positions, x).elements == [
                1, 1, 0, 0, 3, 3, 1, 1, 0, 0, 3, 3,
            ])
    }

    @Test("One-hot codes are 1 at the position and 0 elsewhere")
    func oneHot() throws {
        let codes = try apply(
            OneHotLike(axis: 1), Tensor([2, 0], shape: [1, 2]),
            Tensor(repeating: 0, shape: [1, 3, 2]))
        #expect(codes.elements == [0, 1, 0, 0, 1, 0])
    }
}
