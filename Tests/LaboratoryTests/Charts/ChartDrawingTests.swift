// A chart's file: sound XML that asks for nothing, everything inside, and honest about what it leaves out.
import Testing

@testable import Laboratory

@Suite("Charts as SVG")
struct ChartDrawingTests {
    private func chart(
        _ points: [Chart.Point], names: [String] = ["a"], isLogarithmic: Bool = false,
        title: String = "t"
    ) -> Chart {
        var chart = Chart(
            title, x: .init("x, s"), y: .init("y, %", isLogarithmic: isLogarithmic))
        chart.series = names.map { .init($0, points) }
        return chart
    }

    /// Names of the elements, in order; nil where tags do not match.
    private func elements(_ svg: String) -> [String]? {
        var open: [String] = [], found: [String] = []
        for part in svg.split(separator: "<").dropFirst(svg.hasPrefix("<") ? 0 : 1) {
            guard let end = part.firstIndex(of: ">") else { return nil }
            let tag = part[..<end]
            guard !part[part.index(after: end)...].contains(">") else { return nil }
            let name = String(
                tag.prefix { $0 != " " && $0 != "/" || $0 == "/" && tag.first == "/" })
            if tag.hasPrefix("/") {
                guard open.popLast() == String(tag.dropFirst()) else { return nil }
            } else {
                found.append(name)
                if !tag.hasSuffix("/") { open.append(name) }
            }
        }
        return open.isEmpty ? found : nil
    }

    @Test("Names with any characters leave the file sound")
    func escaping() {
        let name = "a<b & \"c\" > d\u{1B}[2J"
        let svg = chart([.init(1, 2), .init(2, 3)], names: [name], title: name).svg
        #expect(elements(svg)?.first == "svg")
        #expect(svg.contains("a&lt;b &amp; &quot;c&quot; &gt; d"))
        #expect(!svg.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
    }

    @Test("Nothing is asked for from outside, and no program is in it")
    func alone() {
        let svg = chart([.init(1, 2)]).svg
        for word in ["href", "url(", "@import", "script", "http:"] {
            let isNamespace = word == "http:"
            #expect(svg.ranges(of: word).count == (isNamespace ? 1 : 0), "\(word)")
        }
        #expect(svg.contains("prefers-color-scheme:dark"))
    }

    @Test("The axes say what is on them")
    func labels() {
        let svg = chart([.init(1, 2), .init(2, 3)], names: ["rule one", "rule two"]).svg
        for text in ["x, s", "y, %", "rule one", "rule two"] {
            #expect(svg.contains(">\(text)</text>"))
        }
    }

    @Test("Every coordinate lies inside the picture, error bars and legend included")
    func inside() throws {
        let names = (1...12).map { "a rule with rather a long name, number \($0)" }
        let points = (0..<9).map { Chart.Point(Double($0), Double($0 * $0), error: 40) }
        for isLogarithmic in [false, true] {
            let svg = chart(points, names: names, isLogarithmic: isLogarithmic).svg
            let height = try #require(number(after: "height=\"", in: svg))
            for (attribute, end) in [("cx", 800.0), ("x", 800), ("cy", height), ("y", height)] {
                for range in svg.ranges(of: " \(attribute)=\"") {
                    let text = svg[range.upperBound...].prefix { $0 != "\"" }
                    let value = try #require(Double(text))
                    #expect((0...end).contains(value), "\(attribute) \(value)")
                }
            }
        }
    }

    private func number(after text: String, in svg: String) -> Double? {
        svg.firstRange(of: text).flatMap { Double(svg[$0.upperBound...].prefix { $0 != "\"" }) }
    }

    @Test("The legend ends above the axes, however many curves there are")
    func legend() throws {
        let names = (1...20).map { "rule \($0)" }
        let svg = chart([.init(1, 2)], names: names).svg
        let frame = try #require(svg.firstRange(of: "class=\"frame\""))
        let top = try #require(number(after: " y=\"", in: String(svg[frame.upperBound...])))
        for name in names {
            let end = try #require(svg.firstRange(of: ">\(name)</text>"))
            let start = try #require(svg[..<end.lowerBound].ranges(of: " y=\"").last)
            #expect(Double(svg[start.upperBound...].prefix { $0 != "\"" })! < top)
        }
    }

    @Test("Eight curves differ in colour and in marker, and no two of thirty-two look alike")
    func looks() {
        let looks = (0..<32).map(SeriesLook.init)
        #expect(Set(looks.prefix(8).map(\.colour)).count == 8)
        #expect(Set(looks.prefix(8).map { "\($0.marker)" }).count == 8)
        let all = looks.map { "\($0.colour) \($0.marker) \($0.dashes ?? "")" }
        #expect(Set(all).count == 32)
    }

    @Test("What a logarithmic axis cannot show, and what is not finite, is said below")
    func remarks() {
        let points: [Chart.Point] = [.init(1, 0), .init(2, 1), .init(3, .nan), .init(4, .infinity)]
        let svg = chart(points, isLogarithmic: true).svg
        #expect(svg.contains("lower edge are 0 or less"))
        #expect(svg.contains("2 points are not finite"))
        #expect(!svg.lowercased().contains("=\"nan") && !svg.contains("inf\""))
        let linear = chart([.init(1, 0), .init(2, 1)]).svg
        #expect(!linear.contains("edge") && !linear.contains("finite"))
    }

    @Test("A point that is missing leaves a gap")
    func gap() {
        let svg = chart([.init(0, 0), .init(1, 1), .init(2, .nan), .init(3, 1), .init(4, 0)]).svg
        let curve = svg.split(separator: "\n").last { $0.contains(" curve\"") }
        #expect(curve?.ranges(of: "M").count == 2 && curve?.ranges(of: "L").count == 2)
    }

    @Test("Larger is higher and further right; a bar is as long as its error either way")
    func places() throws {
        let svg = chart([.init(0, 0), .init(10, 10, error: 1)]).svg
        let circles = svg.split(separator: "\n").filter { $0.hasPrefix("<circle") }.suffix(2)
        let xs = circles.compactMap { number(after: "cx=\"", in: String($0)) }
        let ys = circles.compactMap { number(after: "cy=\"", in: String($0)) }
        #expect(xs.count == 2 && xs[0] < xs[1] && ys[0] > ys[1])
        let bar = try #require(svg.split(separator: "\n").first { $0.contains(" bar\"") })
        let start = try #require(bar.firstRange(of: "d=\"M"))
        let top = try #require(
            Double(bar[start.upperBound...].split(separator: " ")[1].prefix { $0 != "h" }))
        let foot = try #require(
            bar.firstRange(of: "V").flatMap { Double(bar[$0.upperBound...].prefix { $0 != "m" }) })
        let unit = (ys[0] - ys[1]) / 10
        #expect(abs(ys[1] - top - unit) < 0.1 && abs(foot - ys[1] - unit) < 0.1)
    }

    @Test("No curves, and curves without points, make a sound file")
    func empty() {
        #expect(elements(chart([], names: []).svg) != nil)
        #expect(elements(chart([], names: ["a"]).svg) != nil)
        #expect(elements(chart([.init(.nan, 1)]).svg) != nil)
        #expect(elements(chart([.init(1e308, -1e308), .init(-1e308, 1e308)]).svg) != nil)
    }

    @Test("A long curve has its line through all points, and marks that leave it visible")
    func many() {
        let svg = chart((0..<1000).map { .init(Double($0), Double($0 % 7)) }).svg
        #expect(svg.ranges(of: "L").count >= 999)
        #expect(svg.ranges(of: "<circle").count <= 60)
    }
}
