// Curves as SVG: the file is sound, the axes round, the points where they belong.
import Testing

@testable import Terminal

@Suite("Line charts")
struct LineChartTests {
    private func chart(_ points: [(x: Double, y: Double)], name: String = "a") -> String {
        LineChart(
            title: name, axis: "step",
            panels: [.init("loss", [.init("each", colour: "#123456", points: points)])]
        ).svg
    }

    @Test("Ticks are round numbers within the axis, four to nine of them")
    func ticks() {
        for (low, high) in [(0.0, 20_000), (0.43, 0.61), (-0.02, 0.3), (997, 1003), (0, 3e-5)] {
            let scale = Scale([low, high], isTight: true)
            #expect((3...9).contains(scale.ticks.count), "\(low)...\(high): \(scale.ticks)")
            #expect(scale.ticks.allSatisfy { (-1e-9...1 + 1e-9).contains(scale.part($0)) })
            let labels = scale.ticks.map(scale.label)
            #expect(Set(labels).count == labels.count, "\(labels)")
        }
        // One value has an axis too.
        #expect(Scale([2, 2], isTight: true).part(2) == 0.5)
    }

    @Test("The first point lies at the left end, the last at the right, larger is higher")
    func places() throws {
        let text = chart([(0, 1), (50, 3), (100, 2)])
        let start = try #require(text.firstRange(of: " points=\""))
        let points = text[start.upperBound...].prefix { $0 != "\"" }.split(separator: " ").map {
            $0.split(separator: ",").compactMap { Double($0) }
        }
        #expect(points.count == 3 && points[0][0] == 70 && points[2][0] == 780)
        #expect(points[1][1] < points[2][1] && points[2][1] < points[0][1])
    }

    @Test("What a name holds does not break the file, and no panel needs points")
    func soundness() {
        #expect(chart([], name: "a<b&c").contains(">a&lt;b&amp;c<"))
        #expect(chart([(1, 1)]).hasSuffix("</svg>"))
    }
}
