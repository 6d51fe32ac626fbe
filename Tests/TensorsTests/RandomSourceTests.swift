// Seeded random numbers: known sequence, repeatability, moments.
import Tensors
import Testing

@Suite("A random source")
struct RandomSourceTests {
    @Test("Follows xoshiro256** from a known state")
    func knownSequence() {
        var random = RandomSource(seed: 0)
        random.state = [1, 2, 3, 4]
        // The first outputs of the authors' C code from this state.
        #expect(
            (0..<4).map { _ in random.next() } == [
                11520, 0, 1_509_978_240, 1_215_971_899_390_074_240,
            ])
    }

    @Test("Seeds its state by SplitMix64")
    func seeding() {
        #expect(RandomSource(seed: 0).state[0] == 0xe220_a839_7b1d_cdaf)
        #expect(RandomSource(seed: 0).state[1] == 0x6e78_9e6a_a1b9_65f4)
    }

    @Test("The same seed gives the same numbers; its state can be stored and restored")
    func repeatability() {
        var (a, b) = (RandomSource(seed: 7), RandomSource(seed: 7))
        #expect((0..<100).allSatisfy { _ in a.next() == b.next() })
        var restored = RandomSource(seed: 1)
        restored.state = a.state
        #expect((0..<100).allSatisfy { _ in a.normal() == restored.normal() })
        var other = RandomSource(seed: 8)
        #expect(other.next() != b.next())
    }

    @Test("Even numbers stay within their range and fill it")
    func uniform() {
        var random = RandomSource(seed: 3)
        let values = Tensor<Double>.uniform([20_000], in: -2..<6, using: &random).elements
        #expect(values.allSatisfy { $0 >= -2 && $0 < 6 })
        let mean = values.reduce(0, +) / 20_000
        #expect(abs(mean - 2) < 0.1)
        #expect(values.min()! < -1.9 && values.max()! > 5.9)
        #expect((0..<1000).allSatisfy { _ in (0..<17).contains(random.index(below: 17)) })
    }

    @Test("Normal numbers have the mean, deviation and tails of a normal distribution")
    func normal() {
        var random = RandomSource(seed: 4)
        let values = Tensor<Double>.normal([40_000], deviation: 3, using: &random).elements
        let mean = values.reduce(0, +) / 40_000
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 40_000
        #expect(abs(mean) < 0.06)
        #expect(abs(variance.squareRoot() - 3) < 0.05)
        // 4.55 % lie beyond two deviations.
        let beyond = Double(values.filter { abs($0) > 6 }.count) / 40_000
        #expect(abs(beyond - 0.0455) < 0.005)
    }
}
