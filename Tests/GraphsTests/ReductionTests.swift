// Sums, means, maxima and softmax: known values and shapes.
import Graphs
import Tensors
import TestSupport
import Testing

@Suite("Reductions")
struct ReductionTests {
    private let x = Tensor<Double>([1, 5, 3, 4, 2, 6], shape: [2, 3])

    @Test("Sums, means and maxima over given axes")
    func values() throws {
        #expect(try apply(Sum(ReductionAxes([0])), x).elements == [5, 7, 9])
        #expect(try apply(Mean(ReductionAxes([-1])), x).elements == [3, 4])
        #expect(try apply(Maximum(ReductionAxes([1])), x).elements == [5, 6])
        #expect(try apply(Sum(), x).item == 21)
        #expect(try apply(Maximum(), x).item == 6)
    }

    @Test("Reduced axes disappear, or stay with extent 1")
    func shapes() throws {
        let shape: Shape = [2, 7, 3, 5]
        #expect(try Sum(ReductionAxes([1, -1])).shape(of: [shape]) == [2, 3])
        #expect(
            try Sum(ReductionAxes([1, -1], keepsDimensions: true)).shape(of: [shape])
                == [2, 1, 3, 1])
        #expect(try Mean().shape(of: [shape]) == [])
        #expect(
            try Maximum(ReductionAxes(keepsDimensions: true)).shape(of: [shape]) == [1, 1, 1, 1])
    }

    @Test("Equal maxima share the cotangent")
    func ties() throws {
        let tied = Tensor<Double>([1, 4, 4, 0], shape: [1, 4])
        let over = ReductionAxes([1])
        let result = try apply(
            MaximumBackward(over), Tensor([6], shape: [1]), tied, apply(Maximum(over), tied))
        #expect(result.elements == [0, 3, 3, 0])
    }

    @Test("Softmax sums to 1 and does not change when all logits move together")
    func softmax() throws {
        let logits = random([2, 7, 3])
        let result = try apply(Softmax(axis: 1), logits)
        #expect(isClose(try apply(Sum(ReductionAxes([1])), result), Array(repeating: 1, count: 6)))
        let moved = try apply(Softmax(axis: 1), logits.map { $0 + 1000 })
        #expect(isClose(moved, result.elements, 1e-12))
        let exponentials = logits.map(Double.exp)
        let sums = try apply(Sum(ReductionAxes([1], keepsDimensions: true)), exponentials)
        #expect(isClose(result, try apply(Divide(), exponentials, sums).elements))
    }

    @Test("Log-softmax stays finite where softmax underflows")
    func logSoftmax() throws {
        let logits = Tensor<Float>([0, -1000, 1000], shape: [3])
        #expect(LogSoftmax(axis: 0).forward([logits]).elements == [-1000, -2000, 0])
    }

    @Test("Broadcasting to a shape and summing back multiplies by the repetitions")
    func broadcasting() throws {
        let small = random([3, 1])
        let large = Tensor<Double>(repeating: 0, shape: [2, 3, 5])
        let grown = try apply(BroadcastLike(), small, large)
        #expect(grown.shape == [2, 3, 5])
        #expect(isClose(try apply(SumLike(), grown, small), small.elements.map { 10 * $0 }))
    }
}
