// hoi detect as a person runs it.
import Glibc
import Interaction
import Networks
import Tensors
import Terminal
import TestSupport
import Testing

@Suite("hoi detect", .serialized)
struct DetectTests {
    private let hoi = BuiltProgram(name: "hoi")
    private let folder = TemporaryFolder()

    /// A head with random weights that knows HICO-DET's verbs, and boxes for any picture called a, b or clip.
    private func place() throws -> [String] {
        var random = RandomSource(seed: 3)
        let head = PredicateHead(verbCount: HICO.verbs.count, widths: [16])
        try PredicateModel(
            head, parameters: Parameters(initialising: head, using: &random),
            verbNames: HICO.verbs
        ).write(to: folder("head.safetensors"))
        let boxes = """
            [{"category": "person", "box": [10, 10, 60, 90]},
             {"category": "horse", "box": [30, 40, 150, 110]}]
            """.replacing("\n", with: "")
        let lines = ["a.png", "b.jpg", "clip.mp4"].map {
            "{\"image\": \"\($0)\", \"boxes\": \(boxes)}"
        }
        folder.write(Array(lines.joined(separator: "\n").utf8), to: "boxes.jsonl")
        for name in ["a.png", "b.jpg"] {
            ffmpeg("-f lavfi -i testsrc2=s=160x120 -frames:v 1 '\(folder(name))'")
        }
        return [
            "detect", "--head", folder("head.safetensors"), "--detections", folder("boxes.jsonl"),
            "--progress", "none",
        ]
    }

    @Test("A photograph gets a line a finding, the surest first")
    func lines() throws {
        let result = try hoi.run(place() + [folder("a.png"), "--top-k", "3", "--score", "0"])
        #expect(result.status == 0 && result.errors == "", "\(result.errors)")
        let lines = result.text.split(separator: "\n")
        #expect(lines.count == 3)
        for line in lines {
            #expect(line.firstMatch(of: #/a\.png  person [a-z ]+ horse  0\.\d\d$/#) != nil)
        }
        #expect(!result.text.contains("no interaction"))
        let asked = try hoi.run(
            place() + [folder("a.png"), "--verbs", "no_interaction", "--score", "0"])
        #expect(asked.text.contains("person no interaction horse"))
    }

    @Test("One broken picture among many is reported and skipped")
    func broken() throws {
        let words = try place()
        folder.write(Array("not a picture".utf8), to: "broken.jpg")
        let result = try hoi.run(
            words + ["a.png", "broken.jpg", "none.jpg", "b.jpg", "--format", "jsonl"],
            folder: folder.path)
        #expect(result.status == 1)
        let lines = try result.text.split(separator: "\n").map { try JSONValue(parsing: $0.utf8) }
        #expect(lines.map { $0["image"]?.text } == ["a.png", "broken.jpg", "none.jpg", "b.jpg"])
        #expect(lines.map { $0["error"] != nil } == [false, true, true, false])
        #expect(result.errors.contains("broken.jpg") && result.errors.contains("2 of 4 failed"))
        #expect(try hoi.run(words + [folder("broken.jpg")]).status == 65)
        #expect(try hoi.run(words + [folder("none.jpg")]).status == 66)
    }

    @Test("A folder of output gets drawings and lines; a second run does not overwrite them")
    func output() throws {
        let words = try place()
        defer { shell("rm -r '\(folder("out"))'") }
        let run = words + ["a.png", "b.jpg", "-o", "out/", "--gallery", "g.html"]
        let result = try hoi.run(run, folder: folder.path)
        #expect(result.status == 0, "\(result.errors)")
        #expect(try Set(names("out")) == ["a.png", "b.jpg", "interactions.jsonl"])
        #expect(readBytes(folder("g.html")).count > 10_000)
        let again = try hoi.run(run, folder: folder.path)
        #expect(again.status == 73 && again.errors.contains("-y replaces it"))
        #expect(try hoi.run(run + ["-y"], folder: folder.path).status == 0)
        #expect(!folder.names.contains { $0.hasSuffix(".part") })
    }

    private func names(_ name: String) throws -> [String] {
        String(decoding: shell("ls '\(folder(name))'").output, as: UTF8.self)
            .split(separator: "\n").map(String.init)
    }

    @Test("A video gets events with times, and captions")
    func video() throws {
        let words = try place()
        ffmpeg("-f lavfi -i testsrc2=s=160x120:r=10 -t 3 -c:v libx264 '\(folder("clip.mp4"))'")
        let run = words + ["clip.mp4", "--top-k", "1", "--score", "0"]
        let text = try hoi.run(run, folder: folder.path).text
        #expect(text.hasPrefix("clip.mp4  00:00:00.000-00:00:03.000  person "), "\(text)")
        let captions = try hoi.run(run + ["-o", "c.vtt"], folder: folder.path)
        #expect(captions.status == 0 && captions.text == "")
        let cues = String(decoding: readBytes(folder("c.vtt")), as: UTF8.self)
        #expect(cues.hasPrefix("WEBVTT\n\n00:00:00.000 --> 00:00:03.000\nperson "), "\(cues)")
    }

    @Test("Names come from standard input too")
    func list() throws {
        let words = try place()
        let result = try hoi.run(
            words + ["-", "--format", "csv", "--score", "0"], input: Array("b.jpg\na.png\n".utf8),
            folder: folder.path)
        #expect(result.status == 0 && result.text.contains("\na.png,,"))
        #expect(try hoi.run(words + ["-"]).status == 64)
    }

    @Test("A missing detector is one line that says what to do, and a wrong one is named")
    func detector() throws {
        let words = try ["detect", "--head", place()[2], folder("a.png")]
        let result = try hoi.run(words + ["--detector", "none-such"])
        #expect(result.status == 69 && result.text == "")
        #expect(result.errors.contains("--detector takes YOLOX-Nano weights"))
        #expect(result.errors.split(separator: "\n").count == 1)
        let wrong = try hoi.run(words + ["--detector", folder("head.safetensors")])
        #expect(wrong.status == 65 && wrong.errors.contains("head.safetensors"))
    }

    @Test(
        "A command line that makes no sense is 64",
        arguments: [
            (["--verbs", "rde"], "did you mean ride?"), (["--objects", "hrose"], "horse?"),
            (["--format", "xml"], "--format wants"), (["--every", "0"], "--every wants"),
            (["--keyframes", "--every", "3"], "exclude each other"),
            (["--draw", "--no-draw"], "exclude each other"), (["--score", "2"], "from 0 to 1"),
            (["--side", "100"], "no multiple of 32"), (["--side", "640"], "--detections replace"),
        ])
    func usage(words: [String], hint: String) throws {
        let result = try hoi.run(place() + [folder("a.png")] + words)
        #expect(result.status == 64 && result.errors.contains(hint), "\(result.errors)")
    }

    @Test("A detector looks at squares of the side that is asked for")
    func side() throws {
        let head = try place()[2]
        var random = RandomSource(seed: 4)
        let network = YOLOX(DarknetShape(channels: 8, depth: 3, isDepthwise: true))
        try Parameters(initialising: network, using: &random).write(
            to: folder("detector.safetensors"), metadata: ["percept.input": "rgb-normalised"])
        // Random weights are hardly sure of anything.
        let texts = try ["32", "160"].map { side in
            let result = try hoi.run(
                "detect", "--head", head, "--detector", folder("detector.safetensors"),
                folder("a.png"), "--side", side, "--format", "jsonl", "--boxes", "--score", "0",
                "--progress", "none")
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.text.contains("\"boxes\":["))
            return result.text
        }
        #expect(!texts[0].isEmpty && !texts[1].isEmpty)
    }

    @Test("What is found in two versions of pictures is compared")
    func agreement() throws {
        let words = try place() + [folder("a.png"), folder("b.jpg"), "--boxes", "-y"]
        for (name, more) in [
            ("all", ["--score", "0"]), ("few", ["--score", "0", "--top-k", "2"]),
        ] {
            let result = try hoi.run(words + more + ["-o", folder("\(name).jsonl")])
            #expect(result.status == 0, "\(result.errors)")
        }
        let compared = try hoi.run(
            "evaluate", folder("few.jsonl"), folder("all.jsonl"), "--agreement", "--verbs",
            "--beside", folder("all.jsonl"),
            "--report", folder("agreement.json"))
        #expect(compared.status == 0, "\(compared.errors)")
        let figures = try JSONValue(parsing: readBytes(folder("agreement.json")))
        #expect(figures["things"]?["f1"]?.double == 100)
        #expect(figures["people"]?["both"]?.integer == 2)
        #expect(figures["interactions"]?["found"]?.integer == 4)
        #expect(figures["interactions"]?["both"]?.integer == 4)
        #expect(figures["interactions"]?["f1"]?.double ?? 100 < 100)
        #expect(compared.text.contains("\n" + folder("a.png")))
        #expect(figures["interactions, gain"]?["f1"]?.double ?? 0 < 0)
        #expect(compared.text.contains("\ninteractions: F1 -"))
        let one = try hoi.run(words.dropLast(3) + ["--boxes", "-y", "-o", folder("one.jsonl")])
        #expect(one.status == 0, "\(one.errors)")
        let other = try hoi.run(
            "evaluate", folder("one.jsonl"), folder("all.jsonl"), "--agreement")
        #expect(other.status == 65 && other.errors.contains("1 pictures or frames beside 2"))
    }

    @Test("Ctrl-C keeps the lines that are written")
    func interruption() throws {
        let words = try place()
        ffmpeg(
            "-f lavfi -i testsrc2=s=640x480:r=25 -t 120 -c:v libx264 -preset ultrafast "
                + "'\(folder("clip.mp4"))'")
        let program = try hoi.start(
            words + ["clip.mp4", "--every", "1", "-o", "l.jsonl"], folder: folder.path)
        for _ in 0..<500 where readBytes(folder("l.jsonl")).isEmpty { usleep(10_000) }
        program.send(SIGINT)
        let result = program.wait()
        #expect(result.status == 130, "\(result.errors)")
        let lines = String(decoding: readBytes(folder("l.jsonl")), as: UTF8.self)
        #expect(lines.hasSuffix("\n") && lines.count { $0 == "\n" } < 3000)
        for line in lines.split(separator: "\n") { _ = try JSONValue(parsing: line.utf8) }
    }
}
