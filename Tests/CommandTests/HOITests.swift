// hoi as a person runs it: train a head on a few annotated pictures, and measure it.
import Interaction
import Networks
import Tensors
import Terminal
import TestSupport
import Testing

/// Annotations in HICO-DET's form: whoever is above a thing rides it, whoever is beside it feeds it.
func hicoAnnotations(_ count: Int) -> String {
    let objects = ["bicycle", "horse", "person"], verbs = ["feed", "ride"]
    let correspondence = [[0, 0, 0], [1, 0, 1], [2, 1, 0], [3, 1, 1]]
    let entries = (0..<count).map { index -> String in
        let object = index % 2, verb = index / 2 % 2
        let hoi = 2 * object + verb
        let (x, y) = (100 + index % 13, 100 + index % 11)
        let human = verb == 1 ? [x, y - 60, x + 30, y + 10] : [x - 60, y, x - 30, y + 70]
        return """
            {"boxes_h": [\(human)], "boxes_o": [[\(x), \(y), \(x + 60), \(y + 50)]],
             "hoi": [\(hoi)], "object": [\(object)], "verb": [\(verb)]}
            """
    }
    let files = (0..<count).map { "\"\($0).jpg\"" }
    let sizes = [String](repeating: "[300, 300]", count: count)
    return """
        {"annotation": [\(entries.joined(separator: ","))],
         "filenames": [\(files.joined(separator: ","))], "empty": [],
         "size": [\(sizes.joined(separator: ","))],
         "objects": ["\(objects.joined(separator: "\",\""))"],
         "verbs": ["\(verbs.joined(separator: "\",\""))"],
         "correspondence": \(correspondence), "rare": [3], "non_rare": [0, 1, 2]}
        """
}

@Suite(.serialized) struct HOITests {
    private let hoi = BuiltProgram(name: "hoi")
    private let folder = TemporaryFolder()

    private func data(_ count: Int = 60) -> String {
        folder.write(Array(hicoAnnotations(count).utf8), to: "data.json")
    }

    @Test("Every command explains itself on standard output")
    func help() throws {
        let overview = try hoi.run("--help")
        #expect(overview.status == 0 && overview.errors == "")
        for command in [
            "detect", "split", "train", "join", "evaluate", "study", "distill", "export",
        ] {
            #expect(overview.text.contains("\n  \(command) "))
            let help = try hoi.run(command, "--help")
            #expect(help.status == 0 && help.text.contains("Usage: hoi \(command)"))
        }
        let train = try hoi.run("train", "--help").text
        for objective in PredicateObjective.allCases {
            #expect(train.contains(objective.rawValue), "\(objective)")
        }
    }

    @Test(
        "A command line that makes no sense is 64, one line and a hint, and nothing on output",
        arguments: [
            (["train"], "ANNOTATIONS is missing"),
            (["train", "a.json", "--objective", "dnan"], "did you mean dann?"),
            (["train", "a.json", "--lambda", "-1"], "--lambda wants a number"),
            (["evaluate", "a"], "ANNOTATIONS is missing"), ([], "a command is missing"),
        ])
    func usage(words: [String], hint: String) throws {
        let result = try hoi.run(words)
        #expect(result.status == 64 && result.text == "")
        #expect(result.errors.contains(hint), "\(result.errors)")
    }

    @Test("A split that is read from a file needs one")
    func splitFile() throws {
        let result = try hoi.run("train", data(), "--split", "rare_first")
        #expect(result.status == 64 && result.errors.contains("--split-file"))
    }

    @Test("What is missing is 66, what is damaged is 65, and neither leaves a file")
    func badInput() throws {
        let head = folder("head.safetensors")
        let missing = try hoi.run("train", folder("none.json"), "-o", head)
        #expect(missing.status == 66 && missing.errors.contains("none.json"))
        let damaged = folder.write(Array("{\"annotation\": [".utf8), to: "damaged.json")
        #expect(try hoi.run("train", damaged, "-o", head).status == 65)
        let packed = folder.write([0x1F, 0x8B, 8], to: "packed.json.gz")
        let result = try hoi.run("train", packed, "-o", head)
        #expect(result.status == 65 && result.errors.contains("gunzip"))
        let many = try hoi.run("train", data(), "--split", "drawn", "-o", head)
        #expect(many.status == 65 && many.errors.contains("ask for fewer"))
        #expect(!folder.names.contains("head.safetensors"))
        #expect(try hoi.run("evaluate", folder("none"), data()).status == 66)
        #expect(try hoi.run("evaluate", damaged, data()).status == 65)
    }

    @Test("A head is trained, and tells verbs of combinations that it never saw")
    func trainAndEvaluate() throws {
        let (head, report) = (folder("head.safetensors"), folder("figures.json"))
        let trained = try hoi.run(
            "train", data(), "--objective", "erm", "--split", "drawn", "--split-count", "1",
            "--steps", "300", "-o", head, "--report", folder("steps.csv"))
        #expect(trained.status == 0, "\(trained.errors)")
        #expect(trained.text == head + "\n")
        #expect(readBytes(folder("steps.csv")).count { $0 == 0x0A } == 301)

        let table = try hoi.run(
            "evaluate", head, data(), "--report", report, "--verbs", "--probe")
        #expect(table.status == 0, "\(table.errors)")
        for row in [
            "full", "rare", "non-rare", "unseen", "seen", "harmonic mean", "mPD", "ride",
            "features and verb",
        ] { #expect(table.text.contains("\n" + row), "\(row)") }
        let figures = try JSONValue(parsing: readBytes(report))
        let means = try #require(figures["means"]?["default"])
        #expect(means["full"]?.double ?? 0 > 99 && means["unseen"]?.double ?? 0 > 99)
        #expect(figures["model"]?["percept.objective"]?.text == "erm")

        let lines = try hoi.run("evaluate", head, data(), "--format", "csv").text
            .split(separator: "\n")
        #expect(lines.count == 5 && lines.dropFirst().count { $0.contains(",1,") } >= 1)
    }

    @Test("A head learns by any rule that can teach it; what cannot is refused with the reason")
    func rules() throws {
        func trained(_ words: String...) throws -> [String: Tensor<Float>] {
            let head = folder("head.safetensors")
            let result = try hoi.run(["train", data(), "--steps", "30", "-o", head, "-q"] + words)
            #expect(result.status == 0, "\(result.errors)")
            return try PredicateModel(contentsOf: head).parameters.values
        }
        let backprop = try trained(), zil = try trained("--rule", "zil")
        let coding = try trained("--rule", "pc", "--pc-nudge", "500", "--pc-steps", "8")
        let incremental = try trained("--rule", "pc", "--pc-incremental", "--pc-rate", "0.1")
        func distance(_ other: [String: Tensor<Float>]) -> Float {
            backprop.reduce(0) { sum, entry in
                zip(entry.value.elements, other[entry.key]!.elements).reduce(sum) {
                    max($0, abs($1.0 - $1.1))
                }
            }
        }
        #expect(distance(zil) < 1e-4)
        #expect(distance(coding) > 1e-4 && distance(coding) < 1 && distance(incremental) > 1e-4)
        let reversed = try hoi.run(
            "train", data(), "--objective", "dann", "--rule", "pc", "-o", folder("x"))
        #expect(reversed.status == 64 && reversed.errors.contains("a gradient is reversed"))
        let alone = try hoi.run("train", data(), "--pc-steps", "3", "-o", folder("x"))
        #expect(alone.status == 64 && alone.errors.contains("--pc-steps is for --rule pc"))
    }

    @Test("What is held out is measured, without a test")
    func heldOut() throws {
        let result = try hoi.run(
            "train", data(120), "--held-out", "1", "--steps", "200", "-o", folder("head"))
        #expect(result.status == 0, "\(result.errors)")
        #expect(
            result.text.firstMatch(of: #/held out: unseen \d+\.\d\d, seen \d+\.\d\d/#) != nil,
            "\(result.text)")
    }

    @Test("A run with a checkpoint goes on where it ended")
    func checkpoint() throws {
        let words = [
            "train", data(), "--objective", "klprior", "--steps", "40", "--checkpoint",
            folder("checkpoint"), "-o", folder("head.safetensors"),
        ]
        #expect(try hoi.run(words).status == 0)
        let first = readBytes(folder("head.safetensors"))
        #expect(try hoi.run(words).status == 0)
        #expect(readBytes(folder("head.safetensors")) == first && !first.isEmpty)
        let other = try hoi.run(words + ["--lambda", "0.5"])
        #expect(other.status == 65 && other.errors.contains("other settings"))
    }

    @Test("A study chooses, tests, goes on where it stopped, and refuses another's record")
    func study() throws {
        let test = folder.write(Array(hicoAnnotations(80).utf8), to: "test.json")
        let words = [
            "study", data(160), "--test", test, "--split", "drawn", "--split-count", "1",
            "--held-out", "1", "--selections", "1", "--seeds", "2", "--steps", "60", "-o",
            folder("study.jsonl"), "--report", folder("study.json"), "--try", "prior", "--try",
            "erm", "--try", "erm:decay=0.1",
        ]
        let whole = try hoi.run(words)
        #expect(whole.status == 0, "\(whole.errors)")
        for row in ["unseen", "seen", "prior: prior", "prior - erm on unseen:"] {
            #expect(whole.text.contains("\n" + row), "\(row)")
        }
        // Half of the record is enough to end with the same figures.
        let lines = readBytes(folder("study.jsonl")).split(separator: 0x0A)
        #expect(lines.count == 1 + 3 + 2 * 2)
        _ = folder.write(Array(lines.prefix(6).joined(separator: [0x0A])), to: "study.jsonl")
        #expect(try hoi.run(words).text == whole.text)
        let figures = try JSONValue(parsing: readBytes(folder("study.json")))
        #expect(figures["test"]?.elements?.count == 2)
        #expect(figures["differences"]?.elements?.count == 1)

        let other = try hoi.run(words + ["--steps", "61"])
        #expect(other.status == 65 && other.errors.contains("another length"), "\(other.errors)")
        for (more, hint) in [
            (["--fold", "ride horse"], "photographs"), (["--try", "erm:x=1"], "is no variant"),
            (["--split", "none"], "--split"),
        ] {
            let result = try hoi.run(words + more)
            #expect(result.status == 64 && result.errors.contains(hint), "\(result.errors)")
        }
        let given = try hoi.run(
            "study", data(160), "--test", test, "--split", "drawn", "--split-count", "1",
            "--seeds", "1", "--steps", "30", "--try", "erm", "--try", "coral:lambda=0.1", "--probe",
            "-o", folder("given.jsonl"))
        #expect(given.status == 0 && given.text.contains("\nchosen - erm"), "\(given.errors)")
        #expect(given.text.contains("\nobject told by features and verb"))

        let untested = try hoi.run("study", data(), "--split", "drawn")
        #expect(untested.status == 64 && untested.errors.contains("--test"))
    }

    @Test("An output that cannot be made is 73, as soon as may be")
    func output() throws {
        let result = try hoi.run(
            "train", data(), "--steps", "5", "-o", folder("none/head.safetensors"))
        #expect(result.status == 73, "\(result.errors)")
    }
}
