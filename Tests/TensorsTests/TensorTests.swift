// Value semantics, alignment, indexing and conversion.
import Tensors
import Testing

@Suite("A tensor")
struct TensorTests {
    private let tensor = Tensor<Float>((0..<24).map(Float.init), shape: [2, 3, 4])

    @Test("Elements lie in row-major order")
    func order() {
        #expect(tensor[1, 2, 3] == 23)
        #expect(tensor[1, 0, 2] == 14)
        #expect(tensor.elements == (0..<24).map(Float.init))
    }

    @Test("Changing a copy leaves the original as it was, also under another shape")
    func copies() {
        var copy = tensor
        copy[0, 0, 0] = 99
        #expect(tensor[0, 0, 0] == 0)
        #expect(copy[0, 0, 0] == 99)
        var flat = tensor.reshaped(to: [24])
        flat.withUnsafeMutableBufferPointer { $0[5] = -1 }
        #expect(tensor[0, 1, 1] == 5)
        #expect(flat[5] == -1)
    }

    @Test("Changing a tensor that nobody shares copies nothing")
    func unique() {
        var own = Tensor<Float>(repeating: 1, shape: [8])
        let before = own.withUnsafeBufferPointer { $0.baseAddress }
        own[3] = 2
        #expect(own.withUnsafeBufferPointer { $0.baseAddress } == before)
    }

    @Test("Memory starts at multiples of 64 bytes", arguments: [0, 1, 7, 17, 1000])
    func alignment(_ count: Int) {
        let tensor = Tensor<Double>(repeating: 0, shape: [count])
        let address = tensor.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
        #expect(address != 0)
        #expect(address % 64 == 0)
    }

    @Test("A scalar has rank 0 and gives its element back")
    func scalar() {
        let scalar = Tensor<Double>(2.5)
        #expect(scalar.shape == [])
        #expect(scalar.item == 2.5)
    }

    @Test("Equality compares shape and elements, and NaN equals nothing")
    func equality() {
        #expect(tensor == Tensor(tensor.elements, shape: [2, 3, 4]))
        #expect(tensor != tensor.reshaped(to: [6, 4]))
        #expect(tensor != tensor.map { $0 + 1 })
        let nan = Tensor<Float>(.nan)
        #expect(nan != nan)
    }

    @Test("Conversion to Double and back changes nothing")
    func conversion() {
        var random = RandomSource(seed: 1)
        let values = Tensor<Float>.uniform([7, 5], using: &random)
        #expect(values.converted(to: Double.self).converted(to: Float.self) == values)
    }
}
