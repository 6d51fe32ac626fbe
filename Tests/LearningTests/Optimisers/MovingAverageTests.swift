import Glibc
import Learning
import Networks
import Tensors
import Testing

@Suite("Moving average")
struct MovingAverageTests {
    private func one(_ value: Float) -> Parameters { Parameters([("a", Tensor(value))]) }

    @Test("Constant weights are their own average")
    func constant() {
        var average = MovingAverage(of: one(3))
        for _ in 0..<100 { average.update(with: one(3)) }
        #expect(average.parameters == one(3))
    }

    @Test("After enough steps a jump fades in with the decay")
    func decay() {
        var average = MovingAverage(of: one(0), decay: 0.9)
        for _ in 0..<200 { average.update(with: one(0)) }
        for _ in 0..<10 { average.update(with: one(1)) }
        #expect(abs(Double(average.parameters[0].item) - (1 - pow(0.9, 10))) < 1e-6)
    }

    @Test("The start fades within the first steps, long before the decay alone would let it")
    func warmUp() {
        var average = MovingAverage(of: one(0), decay: 0.999)
        for _ in 0..<100 { average.update(with: one(1)) }
        #expect(average.parameters[0].item > 0.999)
    }
}
