// Numbers with so many significant digits.
import Testing

@testable import Terminal

@Suite("Significant digits")
struct SignificantDigitsTests {
    @Test(
        "A number has four significant digits, and a power of ten where it is small or large",
        arguments: [
            (0.97123, "0.9712"), (0.5, "0.5000"), (97.3149, "97.31"), (1234.56, "1235"),
            (123_456.7, "123457"), (0.001, "0.001000"), (0.00099999, "0.001000"),
            (0.0005, "5.000e-4"), (-2.5e-17, "-2.500e-17"), (1.5e6 + 0.5, "1.500e6"),
            (2e300, "2.000e300"), (0.99999, "1.000"), (9999.7, "10000"),
            (.leastNonzeroMagnitude, "4.941e-324"),
        ])
    func significant(value: Double, text: String) { #expect(value.significant(4) == text) }

    @Test(
        "Whole numbers are written in full, and what is no number by its word",
        arguments: [
            (0, "0"), (-0.0, "0"), (3, "3"), (60_000, "60000"), (-999_999, "-999999"),
            (1e6, "1.000e6"), (.nan, "nan"), (.infinity, "inf"), (-.infinity, "-inf"),
        ])
    func whole(value: Double, text: String) { #expect(value.significant(4) == text) }

    @Test("Four digits are never further from the number than half a unit of the last")
    func nearness() throws {
        for exponent in -12...12 {
            for step in 0..<50 {
                let value = (1 + Double(step) * 0.17971) * Double("1e\(exponent)")!
                let text = value.significant(4)
                #expect(abs(try #require(Double(text)) / value - 1) <= 0.5e-3, "\(value): \(text)")
            }
        }
    }
}
