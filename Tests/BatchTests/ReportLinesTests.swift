// Programs read from the report what was written into it.
import Terminal
import Testing

@testable import Batch

@Suite("The report for programs")
struct ReportLinesTests {
    private func written(_ jobs: [ReportJob]) throws -> (json: [JSONValue], rows: [[String]]) {
        var (json, csv) = ("", "")
        var summary = ReportSummary()
        jobs.forEach { summary.count($0) }
        let lines = ReportLines(summary, json: { json += $0 }, csv: { csv += $0 })
        try lines.begin()
        for job in jobs { try lines.add(job) }
        return (
            try json.split(separator: "\n").map { try JSONValue(parsing: String($0)) }, rows(csv)
        )
    }

    /// A table as RFC 4180 says.
    private func rows(_ text: String) -> [[String]] {
        var rows: [[String]] = [], row: [String] = [], cell = "", isQuoted = false
        let scalars = Array(text.unicodeScalars)
        var place = 0
        while place < scalars.count {
            let scalar = scalars[place], next = place + 1 < scalars.count ? scalars[place + 1] : nil
            switch (isQuoted, scalar, next) {
            case (true, "\"", "\""):
                cell += "\""
                place += 1
            case (_, "\"", _): isQuoted.toggle()
            case (false, ",", _):
                row.append(cell)
                cell = ""
            case (false, "\r", "\n"):
                rows.append(row + [cell])
                (row, cell) = ([], "")
                place += 1
            default: cell.unicodeScalars.append(scalar)
            }
            place += 1
        }
        return rows
    }

    private var job: ReportJob {
        var job = ReportJob("a \"b\",\n\u{EFFF}.mp4", kind: .video, state: .done)
        job.output = "a.mkv"
        job.comparison = ReportJob.Comparison(
            before: "b.png", after: "c.png", width: 64, height: 36, time: 0.04, thumbnail: [1, 2])
        job.figures = [ReportJob.Figure("damage", -0.125, unit: "steps", meaning: "What is lost.")]
        (job.frames, job.seconds, job.framesPerSecond) = (3, 0.1, 30)
        (job.bytesIn, job.bytesOut, job.encoder, job.wasResumed) = (1 << 40, 12, "ffv1", true)
        job.interactions = [
            ReportJob.Interaction(phrase: "person holds cup", score: 0.25),
            ReportJob.Interaction(
                phrase: "person rides bicycle", score: 0.5, time: 1, drawing: "d.jpg"),
        ]
        job.warnings = ["One.", "Two."]
        job.timings = [
            .init("probe", seconds: 0.5), .init("enhance", seconds: 2),
            .init("probe", seconds: 0.25),
        ]
        return job
    }

    @Test("A line holds all that is known of a job but its pictures")
    func json() throws {
        let line = try #require(try written([job]).json.first)
        #expect(
            line.compact == """
                {"name":"a \\"b\\",\\n\u{EFFF}.mp4","kind":"video","state":"done","reason":null,\
                "output":"a.mkv","comparison":{"before":"b.png","after":"c.png","width":64,\
                "height":36,"time":0.04},"figures":[{"name":"damage","value":-0.125,\
                "unit":"steps","meaning":"What is lost."}],"frames":3,"seconds":0.1,\
                "framesPerSecond":30,"bytesIn":1099511627776,"bytesOut":12,"encoder":"ffv1",\
                "resumed":true,"interactions":[{"phrase":"person holds cup","score":0.25,\
                "time":null,"drawing":null},{"phrase":"person rides bicycle","score":0.5,"time":1,\
                "drawing":"d.jpg"}],"warnings":["One.","Two."],\
                "timings":{"probe":0.75,"enhance":2}}
                """)
    }

    @Test("A row has a cell for each column, and every text comes back")
    func csv() throws {
        let failed = ReportJob("b", kind: .photo, state: .failed(reason: "it, \"too\""))
        let rows = try written([job, failed]).rows
        #expect(
            rows == [
                [
                    "name", "kind", "state", "reason", "output", "encoder", "resumed", "frames",
                    "seconds", "frames per second", "bytes in", "bytes out", "interactions",
                    "surest interaction", "warnings", "first warning", "damage", "probe seconds",
                    "enhance seconds",
                ],
                [
                    "a \"b\",\n\u{EFFF}.mp4", "video", "done", "", "a.mkv", "ffv1", "true", "3",
                    "0.1",
                    "30", "1099511627776", "12", "2", "person rides bicycle", "2", "One.", "-0.125",
                    "0.75", "2",
                ],
                [
                    "b", "photo", "failed", "it, \"too\"", "", "", "false", "", "", "", "", "", "0",
                    "", "0", "", "", "", "",
                ],
            ])
    }

    @Test("No text of a cell is a formula; numbers stay numbers")
    func formulas() throws {
        let texts = ["=1+1", "+1", "-1", "@a", "\ta", "\r\na", "=\u{301}a", "a=1"]
        let rows = try written(texts.map { ReportJob($0, kind: .photo, state: .missing) }).rows
        #expect(rows.dropFirst().map { $0[0] } == texts.dropLast().map { "'" + $0 } + ["a=1"])
        #expect(try written([job]).rows[1][16] == "-0.125")
    }

    @Test(
        "Columns are those of all jobs, in the order in which they were first seen, and not too many"
    )
    func columns() {
        var summary = ReportSummary()
        for index in 0..<100 {
            var job = ReportJob("a", kind: .photo, state: .done)
            job.figures = ["b", "c", "d\(index)"].map { ReportJob.Figure($0, 1) }
            summary.count(job)
        }
        #expect(summary.figureNames.prefix(4) == ["b", "c", "d0", "d1"])
        #expect(summary.figureNames.count == ReportSummary.columns)
    }
}
