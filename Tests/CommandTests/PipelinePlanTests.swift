// pipeline run --auto and --deadline: plans for the shots of many videos.
import Glibc
import Terminal
import TestSupport
import Testing

@Suite("pipeline by plans", .serialized)
struct PipelinePlanTests {
    /// Words that choose among the models that come with Percept.
    private static func words(_ place: PipelinePlace) -> [String] {
        [place.folder("in"), "-o", place.output, "--stages", "enhance", "--encoder", "ffv1"]
    }

    @Test("Units on any machine, one run, and 'mwgan enhance --plan' make the same of each shot")
    func same() throws {
        let place = try PipelinePlace()
        place.clip("a.mp4", frames: 12)
        place.clip("b.mkv", frames: 20, hue: 90)
        ffmpeg("-f lavfi -i testsrc2=size=80x64 -frames:v 1 '\(place.folder("in/photo.jpg"))'")
        let planned = try place.pipeline.run(
            ["plan"] + Self.words(place) + ["--auto", "--segment", "0.4", "-q"])
        #expect(planned.status == 0, "\(planned.errors)")
        let lines = String(decoding: readBytes(place.manifest), as: UTF8.self)
        #expect(lines.components(of: "\"shots\":{\"effort\"") == 2)
        let status = try place.pipeline.run("status", place.manifest, "--json")
        let units = try #require(try JSONValue(parsing: status.text)["units"]?.integer)
        #expect(units >= 4)
        for index in (0..<units).reversed() {
            let unit = try place.pipeline.run(
                "unit", place.manifest, "--index", "\(index)", "-q")
            #expect(unit.status == 0, "\(unit.errors)")
        }
        let merged = try place.pipeline.run("merge", place.manifest, "-q", "--check")
        #expect(merged.status == 0, "\(merged.errors)")
        let samples = place.samples()
        #expect(samples.count == 3)

        // The same command finds it done; a new input leaves the others as they are.
        let words =
            ["run"] + Self.words(place) + ["--auto", "--segment", "0.4", "--progress", "none"]
        place.clip("c.mp4", frames: 6, hue: 180)
        let again = try place.pipeline.run(words)
        #expect(again.errors.contains("4 of 4 done (3 were done before)"), "\(again.errors)")
        shell("rm -r '\(place.output)'")
        let anew = try place.pipeline.run(words)
        #expect(anew.status == 0, "\(anew.errors)")
        // With another input beside them shots may get something else; what the record says they got, they got.
        for name in ["a.mp4", "b.mkv", "c.mp4"] {
            let record = place.folder("out/jobs/\(name)/enhance.json")
            #expect(try JSONValue(parsing: readBytes(record))["plan"]?.elements?.isEmpty == false)
            let followed = place.folder("followed.mkv")
            let result = try BuiltProgram.mwgan.run(
                "enhance", "-y", "-q", "--plan", record, "--encoder", "ffv1", "--segment", "off",
                "-o", followed, place.folder("in/\(name)"))
            #expect(result.status == 0, "\(result.errors)")
            let made = place.folder("out/\(name.prefix(1)).enhanced.mkv")
            #expect(Workplace.samples(made) == Workplace.samples(followed))
        }
    }

    @Test("A deadline is a plan too, told in the report, and a small one does less")
    func deadline() throws {
        let place = try PipelinePlace()
        for number in 0..<3 { place.clip("\(number).mp4", frames: 10, hue: 80 * number) }
        let words = ["run"] + Self.words(place) + ["--progress", "none"]
        let result = try place.pipeline.run(words + ["--deadline", "20m"])
        #expect(result.status == 0, "\(result.errors)")
        let reports = try String(
            decoding: readBytes(place.folder("out/report.jsonl")), as: UTF8.self
        ).split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        #expect(reports.count == 3)
        for report in reports {
            let shot = try #require(report["plan"]?.elements?.first)
            #expect(shot["start"]?.double == 0 && shot["frames"]?.integer == 10)
            // Twenty minutes are more than all of it takes.
            #expect(shot["model"]?.text != "skip")
        }
        let page = String(decoding: readBytes(place.folder("out/index.html")), as: UTF8.self)
        #expect(page.contains("<th scope=\"row\">Shots"))
    }

    @Test(
        "What cannot be done is refused in one line before anything is made",
        arguments: [
            (["--deadline", "1ms"], "are left"), (["--auto", "--stages", "hoi"], "--stages"),
            (["--auto", "--strength", "0"], "--strength 0"),
            (["--deadline", "soon"], "--deadline"),
            (["--auto", "--model", "MODEL"], "the policy knows"),
        ])
    func refused(_ words: [String], _ text: String) throws {
        let place = try PipelinePlace()
        place.clip("a.mp4")
        let given = words.map { $0 == "MODEL" ? place.model : $0 }
        let result = try place.pipeline.run(
            ["run"] + Self.words(place) + ["--progress", "none"] + given)
        #expect(result.status == 64, "\(result.errors)")
        #expect(result.errors.contains(text), "\(result.errors)")
        #expect(place.samples().isEmpty && access(place.manifest, F_OK) != 0)
    }
}

extension String {
    /// How often a text occurs in this one.
    fileprivate func components(of text: String) -> Int { ranges(of: text).count }
}
