// Numbers as people read them.
import Testing

@testable import Laboratory

@Suite("Numbers in tables")
struct NumberTextTests {
    @Test("A spread is written with two digits of its own")
    func spread() {
        #expect(ResultCell.spread(mean: 0.97123, deviation: 0.00213).text == "0.9712 ± 0.0021")
        #expect(ResultCell.spread(mean: 1.2345e-5, deviation: 2.1e-7).text == "1.234e-5 ± 2.1e-7")
        #expect(ResultCell.spread(mean: 97.5, deviation: 0).text == "97.50 ± 0")
    }
}
