// Norms: statistics, known values, and how they relate to each other.
import Graphs
import Tensors
import TestSupport
import Testing

@Suite("Norms")
struct NormalisationTests {
    private let ones = Tensor<Double>(repeating: 1, shape: [14])
    private let zeros = Tensor<Double>(repeating: 0, shape: [14])

    @Test("A normalised value has mean 0 and variance 1 over its axes")
    func statistics() throws {
        let x = random([3, 7, 5, 4])
        let y = try evaluate(["x": x]) { $0["x"]!.normalised(over: [0, 2, 3], epsilon: 0).result }
        let over = ReductionAxes([0, 2, 3])
        #expect(isClose(try apply(Mean(over), y), Array(repeating: 0, count: 7)))
        #expect(
            isClose(try apply(Mean(over), apply(Multiply(), y, y)), Array(repeating: 1, count: 7)))
    }

    @Test("Layer norm has the values of ONNX Runtime")
    func layerNorm() throws {
        let values = [
            "x": pattern([1, 1, 5, 4]), "scale": Tensor<Double>([1, 2, 3, 4], shape: [4]),
            "shift": Tensor<Double>([0, 1, 0, -1], shape: [4]),
        ]
        let y = try evaluate(values) {
            $0["x"]!.layerNorm(NormScale(scale: $0["scale"]!, shift: $0["shift"]!))
        }
        let expected = [
            -1.278078, 2.210811, -1.816216, 4.112312, 0.388514, -1.7196, 4.0794, -2.554057,
        ]
        #expect(isClose(Tensor(Array(y.elements.prefix(8)), shape: [8]), expected, 1e-5))
    }

    @Test("Batch norm by running statistics has the values of ONNX Runtime")
    func inference() throws {
        func pair(_ a: Double, _ b: Double) -> Tensor<Double> { Tensor([a, b], shape: [2]) }
        let values = [
            "x": pattern([1, 2, 5, 4]), "scale": pair(1, 2), "shift": pair(0.5, -1),
            "mean": pair(10, 12), "variance": pair(4, 9),
        ]
        let y = try evaluate(values) {
            $0["x"]!.batchNorm(
                NormScale(scale: $0["scale"]!, shift: $0["shift"]!), mean: $0["mean"]!,
                variance: $0["variance"]!)
        }
        let rows = Array(y.elements[0..<4]) + Array(y.elements[20..<24])
        let expected = [
            -4.499994, 2.499997, -1.999997, 4.999994, -6.33333, 2.999997, -2.999999, -8.999995,
        ]
        #expect(isClose(Tensor(rows, shape: [8]), expected, 1e-5))
    }

    @Test("Batch norm gives the same in training and by its own statistics")
    func trainingEqualsInference() throws {
        let values = [
            "x": random([3, 7, 5, 4]), "scale": random([7], seed: 1), "shift": random([7], seed: 2),
        ]
        let difference = try evaluate(values) {
            let scale = NormScale(scale: $0["scale"]!, shift: $0["shift"]!)
            let batch = $0["x"]!.batchNorm(scale)
            return batch.result
                - $0["x"]!.batchNorm(scale, mean: batch.mean, variance: batch.variance)
        }
        #expect(isClose(difference, Array(repeating: 0, count: difference.count)))
    }

    @Test("Group norm of as many groups as channels is instance norm; of one group, layer norm")
    func groups() throws {
        let values = ["x": random([2, 14, 3, 5]), "scale": ones, "shift": zeros]
        func difference(groups: Int, _ other: (Value) -> Value) throws -> Tensor<Double> {
            try evaluate(values) {
                let scale = NormScale(scale: $0["scale"]!, shift: $0["shift"]!)
                return $0["x"]!.groupNorm(groups: groups, scale) - other($0["x"]!)
            }
        }
        let none = Array(repeating: 0.0, count: 2 * 14 * 3 * 5)
        #expect(isClose(try difference(groups: 14) { $0.instanceNorm() }, none))
        #expect(isClose(try difference(groups: 1) { $0.layerNorm(axes: [1, 2, 3]) }, none))
    }
}
