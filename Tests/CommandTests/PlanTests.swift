// mwgan enhance by a plan: given, made, kept to; and what learns it.
import Glibc
import TestSupport
import Terminal
import Testing

@Suite("mwgan enhance by plans", .serialized)
struct PlanTests {
    private static func json(_ path: String) throws -> JSONValue {
        try JSONValue(parsing: readBytes(path))
    }

    @Test("The shipped policy plans each shot; its plan stands in the report and can be followed")
    func automatic() throws {
        let place = try Workplace()
        let clip = place.clip(frames: 20), report = place.folder("r.json")
        let made = place.folder("made.mkv"), followed = place.folder("followed.mkv")
        let first = try place.mwgan.run(
            "enhance", "-q", "--auto", "--encoder", "ffv1", "--report", report, "-o", made, clip)
        #expect(first.status == 0, "\(first.errors)")
        let plan = try #require(try Self.json(report)["plan"]?.elements)
        #expect(!plan.isEmpty)
        for shot in plan {
            let model = try #require(shot["model"]?.text)
            #expect(["skip", "fast", "live", "studio"].contains(model))
            #expect(shot["start"]?.double != nil && shot["foreseenSeconds"]?.double != nil)
        }
        let second = try place.mwgan.run(
            "enhance", "-q", "--plan", report, "--encoder", "ffv1", "-o", followed, clip)
        #expect(second.status == 0, "\(second.errors)")
        #expect(Workplace.samples(made) == Workplace.samples(followed))
    }

    @Test("A single model may be all that shots get", arguments: ["fast", "live"])
    func single(_ model: String) throws {
        let place = try Workplace()
        let clip = place.clip(frames: 12), report = place.folder("r.json")
        let result = try place.mwgan.run(
            "enhance", "-q", "--auto", "--model", model, "--encoder", "ffv1", "--report", report,
            "-o", place.folder("out.mkv"), clip)
        #expect(result.status == 0, "\(result.errors)")
        let plan = try #require(try Self.json(report)["plan"]?.elements)
        #expect(plan.allSatisfy { ["skip", model].contains($0["model"]?.text) })
    }

    @Test("An edited plan is followed shot by shot")
    func edited() throws {
        let place = try Workplace()
        let clip = place.clip(frames: 20), output = place.folder("out.mkv")
        let plan = place.folder("plan.json")
        let models = ["PERCEPT_MODELS": place.folder.path]
        writeBytes(
            Array(
                """
                [{"start": 0, "model": "skip"},
                 {"start": 0.4, "model": "model", "strength": 1, "balance": "0"}]
                """.utf8), to: plan)
        let result = try place.mwgan.run(
            ["enhance", "-q", "--plan", plan, "--encoder", "ffv1", "-o", output, clip],
            environment: models)
        #expect(result.status == 0, "\(result.errors)")
        // Times differ by the container; the last column is the picture.
        func pictures(_ path: String) -> [Substring] {
            frameHashes(path).compactMap { $0.split(separator: " ").last }
        }
        let (before, after) = (pictures(clip), pictures(output))
        #expect(before.count == 20 && after.count == 20)
        #expect(Array(before[..<10]) == Array(after[..<10]))
        #expect(zip(before, after).dropFirst(10).allSatisfy { $0 != $1 })
    }

    @Test("A named size and a deadline are kept to together")
    func budgets() throws {
        let place = try Workplace()
        let clip = place.clip(frames: 40), output = place.folder("out.mkv")
        let report = place.folder("r.json")
        let result = try place.mwgan.run(
            "enhance", "-q", "--deadline", "10m", "--size", "60k", "--report", report, "-o",
            output, clip)
        #expect(result.status == 0, "\(result.errors)")
        #expect(readBytes(output).count <= 60_000)
        #expect(Workplace.probe(output, "nb_read_frames") == "40")
    }

    @Test(
        "What cannot be done is refused in one line, and nothing is left behind",
        arguments: [
            (["--plan", "PLAN", "--auto"], 64, "leave --auto"),
            (["--plan", "PLAN", "--model", "live"], 64, "leave --model out"),
            (["--plan", "none.json"], 66, "none.json"), (["--plan", "BAD"], 65, "shot 1"),
            (["--plan", "UNKNOWN"], 69, "other"), (["--deadline", "1ms"], 64, "are left"),
            (["--deadline", "soon"], 64, "--deadline"),
        ])
    func refused(_ words: [String], _ status: Int32, _ text: String) throws {
        let place = try Workplace()
        let clip = place.clip(frames: 12), output = place.folder("out.mkv")
        let files = [
            "PLAN": "[{\"start\": 0, \"model\": \"skip\"}]",
            "BAD": "[{\"start\": 0, \"model\": \"live\", \"balance\": \"2\"}]",
            "UNKNOWN": "[{\"start\": 0, \"model\": \"other\"}]",
        ]
        for (name, text) in files { writeBytes(Array(text.utf8), to: place.folder(name)) }
        let given = words.map { files[$0] == nil ? $0 : place.folder($0) }
        let result = try place.mwgan.run(["enhance", "-q", "-o", output] + given + [clip])
        #expect(result.status == status, "\(result.errors)")
        #expect(result.errors.contains(text), "\(result.errors)")
        // Mistakes in the command line are followed by where to look.
        let lines = result.errors.split(separator: "\n")
        #expect(lines.count == 1 || status == 64 && lines.count == 2, "\(result.errors)")
        #expect(access(output, F_OK) != 0)
    }

    @Test("Where there is no place for temporary files, plans are made by what is known without")
    func nowhere() throws {
        let place = try Workplace()
        let clip = place.clip(frames: 12), output = place.folder("out.mkv")
        let result = try place.mwgan.run(
            ["enhance", "-q", "--auto", "--encoder", "ffv1", "-o", output, clip],
            environment: ["TMPDIR": place.folder("none")])
        #expect(result.status == 0, "\(result.errors)")
        #expect(Workplace.probe(output, "nb_read_frames") == "12")
    }

    @Test("A picture has no shots: that is all that is said")
    func picture() throws {
        let place = try Workplace()
        let picture = place.folder("in.png")
        ffmpeg("-f lavfi -i testsrc2=s=64x48 -frames:v 1 '\(picture)'")
        let result = try place.mwgan.run(
            "enhance", "--auto", "--progress", "json", "-o", place.folder("out.png"), picture)
        #expect(result.status == 64)
        #expect(
            result.errors.hasPrefix("mwgan enhance: error: \(picture): is no video file"),
            "\(result.errors)")
    }

    @Test("Outcomes are measured once, and a policy is learned of them")
    func learns() throws {
        let place = try Workplace()
        let clip = place.clip("pristine.mkv", frames: 6, codec: "ffv1 -pix_fmt yuv420p")
        let pairs = place.folder("pairs"), table = place.folder("o.jsonl")
        let made = try place.mwgan.run(
            "degrade", "-q", "--frames", "6", "--per-clip", "2", "--codecs", "x264", "--hold-out",
            "1", "-o", pairs, clip)
        #expect(made.status == 0, "\(made.errors)")
        let words = ["outcomes", "-q", pairs, "-o", table, "--models", "fast", "--threads", "1"]
        let first = try place.mwgan.run(words)
        #expect(first.status == 0, "\(first.errors)")
        let bytes = readBytes(table)
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        #expect(lines.count >= 2)
        let shot = try JSONValue(parsing: Array(lines[0]))
        #expect(shot["outcomes"]?.elements?.count == 15)
        // The bits that were tried beforehand are those of the shot as it is.
        let state = try #require(shot["state"]?.elements)
        for (place, quality) in [(17, 18.0), (18, 29)] {
            let same = try #require(
                shot["outcomes"]?.elements?.first {
                    $0["model"]?.text == "skip" && $0["crf"]?.double == quality
                }?["bits"]?.double)
            #expect(abs(exp2(state[place].double ?? 0) - same - 1e-4) < 1e-5)
        }
        #expect(try place.mwgan.run(words).status == 0)
        #expect(readBytes(table) == bytes)
        // States can be seen anew, outcomes stay; a shot whose pair is gone stops that, and is not lost.
        let stale = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { line in
            String(line).replacing(#/"state":\[[^\]]*\]/#, with: "\"state\":[1,2]")
        }
        writeBytes(Array((stale.joined(separator: "\n") + "\n").utf8), to: table)
        #expect(try place.mwgan.run(words).status == 65)
        #expect(try place.mwgan.run(words + ["--renew-states", "--count", "1"]).status == 0)
        #expect(readBytes(table) == bytes)
        let other = Array(
            String(decoding: bytes, as: UTF8.self)
                .replacing(#/"shot":"[^"]*"/#, with: "\"shot\":\"gone\"").utf8)
        writeBytes(other, to: table)
        #expect(try place.mwgan.run(words + ["--renew-states"]).status == 65)
        #expect(readBytes(table) == other)
        writeBytes(bytes, to: table)
        let policy = place.folder("shots.safetensors")
        let learned = try place.mwgan.run(
            "policy", "-q", table, "--validate", "none", "-o", policy)
        #expect(learned.status == 0, "\(learned.errors)")
        #expect(access(policy, F_OK) == 0)
        let nothing = try place.mwgan.run("policy", "-q", table, "--validate", "none")
        #expect(nothing.status == 64)
    }
}
