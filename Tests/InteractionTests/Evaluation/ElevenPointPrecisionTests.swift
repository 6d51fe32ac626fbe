import Interaction
import Testing

@Suite("Precision at eleven recalls")
struct ElevenPointPrecisionTests {
    @Test(
        "Known sequences give known numbers",
        arguments: [
            ([true, false, true, true, false], 4, 0.613636), ([true], 1, 1),
            ([false, true], 1, 0.5),
            ([true, true, false, false, true], 10, 0.272727), ([], 3, 0), ([true, true], 2, 1),
            ([false, false], 5, 0),
        ])
    func vectors(hits: [Bool], total: Int, expected: Double) throws {
        let precision = try #require(elevenPointPrecision(hits: hits, total: total))
        #expect(abs(precision - expected) < 1e-6)
    }

    @Test("A recall that is just reached counts, but for 0.3 as in the official programs")
    func reached() {
        for right in 1...10 {
            let points = Double(right == 3 ? 3 : right + 1)
            for scale in 1...3 {
                let hits = [Bool](repeating: true, count: right * scale)
                #expect(elevenPointPrecision(hits: hits, total: 10 * scale) == points / 11)
            }
        }
    }

    @Test("Where nothing is to be found there is no precision")
    func nothing() {
        #expect(elevenPointPrecision(hits: [false], total: 0) == nil)
        #expect(elevenPointPrecision(hits: [], total: 0) == nil)
    }
}
