// Ticks of linear and logarithmic axes.
import Testing

@testable import Laboratory

@Suite("Axes of charts")
struct AxisScaleTests {
    @Test(
        "A linear axis has four to ten round ticks with labels that differ and say the value",
        arguments: [
            (0.0, 20_000.0), (0.43, 0.61), (-0.02, 0.3), (997, 1003), (0, 3e-5), (-1e9, 1e9),
            (1e-300, 2e-300), (5, 5), (0, 0), (-1e-7, -1e-7), (0, 1e300),
        ])
    func linear(low: Double, high: Double) {
        let axis = AxisScale([low, high], isLogarithmic: false)
        let labels = axis.ticks.compactMap(\.label)
        #expect((3...10).contains(labels.count), "\(labels)")
        #expect(Set(labels).count == labels.count && labels.count == axis.ticks.count, "\(labels)")
        let parts = axis.ticks.map { axis.part($0.value)! }
        #expect(parts == parts.sorted() && parts.allSatisfy { (0...1).contains($0) })
        #expect(parts.last! - parts.first! > 0.4, "\(labels)")
        for value in [low, high] { #expect((0.02...0.98).contains(axis.part(value)!)) }
    }

    @Test("Labels read back as the value they stand at")
    func labels() {
        for axis in [
            AxisScale([0, 3e-5], isLogarithmic: false), AxisScale([-3, 4.5], isLogarithmic: false),
            AxisScale([1e-9, 1e-2], isLogarithmic: true),
            AxisScale([0.02, 30], isLogarithmic: true),
            AxisScale([3e-7, 9e-7], isLogarithmic: true),
        ] {
            for tick in axis.ticks {
                guard let label = tick.label else { continue }
                #expect(abs(read(label) - tick.value) <= 1e-9 * abs(tick.value), "\(label)")
            }
        }
    }

    /// The number that `2×10⁻⁵` says.
    private func read(_ label: String) -> Double {
        let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
        var text = "", isRaised = false
        for character in label {
            if character == "−" || character == "⁻" {
                text += (character == "⁻" && !isRaised ? "e" : "") + "-"
                isRaised = isRaised || character == "⁻"
            } else if let digit = digits.firstIndex(of: character) {
                text += (isRaised ? "" : "e") + "\(digit)"
                isRaised = true
            } else {
                text.append(character)
            }
        }
        guard isRaised else { return Double(text)! }
        // "2×10" and an exponent, or "10" and an exponent.
        let mantissa = text.replacing("×10e", with: "e")
        return Double(mantissa == text ? text.replacing("10e", with: "1e") : mantissa)!
    }

    @Test(
        "A logarithmic axis labels decades, or enough between them where these are few",
        arguments: [
            (1e-9, 1.0), (0.01, 100), (1, 20), (0.3, 0.7), (100, 400), (1e-30, 1e30), (5, 5),
            (0.999, 1.001), (1e-17, 1e-3), (2, 2e5),
        ])
    func logarithmic(low: Double, high: Double) {
        let axis = AxisScale([low, high], isLogarithmic: true)
        let labels = axis.ticks.compactMap(\.label)
        #expect((2...12).contains(labels.count) && Set(labels).count == labels.count, "\(labels)")
        let parts = axis.ticks.map { axis.part($0.value)! }
        #expect(parts == parts.sorted() && parts.allSatisfy { (0...1).contains($0) })
    }

    @Test("A logarithmic axis puts equal ratios equally far apart, and zero on its lower edge")
    func ratios() {
        let axis = AxisScale([0, -3, 1, 100, .nan, .infinity], isLogarithmic: true)
        let parts = [1.0, 10, 100].map { axis.part($0)! }
        #expect(abs(parts[1] - parts[0] - (parts[2] - parts[1])) < 1e-12)
        #expect(axis.part(0) == 0 && axis.part(-5) == 0 && axis.part(1e9) == 1)
        #expect(axis.part(.nan) == nil && axis.part(.infinity) == nil)
    }

    @Test("An axis without values is there all the same")
    func empty() {
        for isLogarithmic in [false, true] {
            #expect(AxisScale([], isLogarithmic: isLogarithmic).ticks.count >= 3)
            #expect(AxisScale([.nan], isLogarithmic: isLogarithmic).ticks.count >= 3)
        }
    }
}
