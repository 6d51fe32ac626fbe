// A result as text: aligned, wrapped, and plain about what does not hold.
import Terminal
import Testing

@testable import Laboratory

@Suite("Results as text")
struct ResultTextTests {
    private func lines(_ experiment: DartsExperiment, width: Int = 80) throws -> [String] {
        ResultText(experiment, try experiment.run(ExperimentSetting())).lines(width: width)
    }

    @Test("The claim comes first, then figures, then whether they agree, then notes")
    func order() throws {
        let lines = try lines(DartsExperiment())
        #expect(lines[0] == "darts" && lines[1].contains("square root"))
        #expect(lines.contains { $0.contains("(Metropolis and Ulam, 1949)") })
        let places = ["error of π", "holds: a hundred", "note: Seeds"].map { start in
            lines.firstIndex { $0.hasPrefix(start) }
        }
        #expect(places.allSatisfy { $0 != nil } && places == places.sorted { $0! < $1! })
    }

    @Test("A finding that fails says so first")
    func failure() throws {
        let lines = try lines(DartsExperiment(isWrong: true))
        #expect(lines.contains { $0.hasPrefix("does not hold: a hundred times") })
        #expect(!lines.contains { $0.hasPrefix("holds:") })
    }

    @Test("Numbers stand on the right, words on the left, columns below their heads")
    func alignment() {
        var table = ResultTable("t", columns: ["rule", "cosine"])
        table.append("Z-IL", 1.0)
        table.append("PC", .spread(mean: 0.9955, deviation: 0.0012))
        #expect(
            table.lines(style: Style(isEnabled: false)) == [
                "t", "rule           cosine", "Z-IL                1", "PC    0.9955 ± 0.0012",
            ])
        table.append("none", "n/a")
        #expect(table.lines(style: Style(isEnabled: false)).last == "none              n/a")
    }

    @Test("No line of prose is wider than asked for")
    func width() throws {
        for width in [40, 60] {
            let wide = try lines(DartsExperiment(), width: width).filter {
                displayWidth($0) > width
            }
            #expect(wide.isEmpty)
        }
    }

    @Test("Colours are those of the style, around the verdict alone")
    func colours() throws {
        let experiment = DartsExperiment()
        let result = try experiment.run(ExperimentSetting())
        let lines = ResultText(experiment, result).lines(style: Style(isEnabled: true))
        #expect(lines.contains { $0.hasPrefix("\u{1B}[32mholds\u{1B}[0m: a hundred") })
    }

    @Test("Control characters of a name do not reach the terminal")
    func control() {
        var table = ResultTable("a\u{1B}[2J", columns: ["b\n"])
        table.append("c\u{7}")
        let text = table.lines(style: Style(isEnabled: false)).joined()
        #expect(!text.unicodeScalars.contains { $0.value < 0x20 })
    }
}
