// A result as JSON: everything, in full, and readable by the strict reader.
import Terminal
import Testing

@testable import Laboratory

@Suite("Results as JSON")
struct ResultJSONTests {
    private let experiment = DartsExperiment()

    private func json(_ result: ExperimentResult) throws -> JSONValue {
        try JSONValue(parsing: result.json(of: experiment, ExperimentSetting()).pretty)
    }

    @Test("Numbers come back as they were measured, to the last bit")
    func numbers() throws {
        let result = try experiment.run(ExperimentSetting())
        let json = try json(result)
        #expect(json["experiment"] == .string("darts") && json["holds"] == .bool(true))
        #expect(json["setting"]?["seeds"] == .int(3))
        #expect(json["setting"]?["precision"] == .string("f32"))
        guard case .spread(let mean, let deviation) = result.tables[0].rows[1][1] else {
            Issue.record("no spread")
            return
        }
        let cell = json["tables"]?.elements?[0]["rows"]?.elements?[1].elements?[1]
        #expect(cell?["mean"] == .number(mean) && cell?["deviation"] == .number(deviation))
        let point = json["charts"]?.elements?[0]["series"]?.elements?[0]["points"]?.elements?[1]
        #expect(point?["y"] == .number(mean) && point?["error"] == .number(deviation))
    }

    @Test("What is no number is null, with the word for it")
    func notFinite() throws {
        var result = ExperimentResult()
        var table = ResultTable("t", columns: ["a", "b", "c"])
        table.append(.number(.nan), .number(-.infinity), .spread(mean: 1, deviation: .infinity))
        result.tables = [table]
        let row = try json(result)["tables"]?.elements?[0]["rows"]?.elements?[0].elements
        #expect(row?[0] == .object([("value", .null), ("is", .string("nan"))]))
        #expect(row?[1]["is"] == .string("-inf"))
        #expect(row?[2]["mean"] == .int(1) && row?[2]["deviation"]?["is"] == .string("inf"))
    }

    @Test("The same seeds give the same file")
    func repeatable() throws {
        func text() throws -> String {
            try experiment.run(ExperimentSetting()).json(of: experiment, ExperimentSetting()).pretty
        }
        #expect(try text() == text())
    }

    @Test("Pictures have numbers where there are several")
    func names() {
        var result = ExperimentResult()
        let chart = Chart("t", x: .init("x"), y: .init("y"))
        func names() -> [String] {
            ResultFiles.all(of: experiment, result, ExperimentSetting()).map(\.name)
        }
        #expect(names() == ["darts.json"])
        result.charts = [chart]
        #expect(names() == ["darts.json", "darts.svg"])
        result.charts = [chart, chart]
        #expect(names() == ["darts.json", "darts-1.svg", "darts-2.svg"])
    }
}
