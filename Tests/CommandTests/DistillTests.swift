// hoi distill and hoi evaluate for detectors, as a person runs them.
import Interaction
import Media
import Networks
import Tensors
import Terminal
import TestSupport
import Testing

@Suite(.serialized) struct DistillTests {
    private let hoi = BuiltProgram(name: "hoi")
    private let folder = TemporaryFolder()

    /// Weights of a nano detector that has learned nothing.
    private func teacher() throws -> String {
        var random = RandomSource(seed: 3)
        let path = folder("teacher.safetensors")
        try Parameters(initialising: YOLOX(), using: &random).write(to: path)
        return path
    }

    private func photographs(_ count: Int = 2) throws -> [String] {
        try (0..<count).map { index in
            let drawn = picture(60, 40) { x, y, c in 4 * x ^ 3 * y ^ 70 * c ^ 50 * index }
            return folder.write(try drawn.encoded(as: .png), to: "\(index).png")
        }
    }

    @Test("A detector is taught, and is one that Detector reads")
    func teach() throws {
        let output = folder("detector.safetensors")
        let words = try ["distill", teacher()] + photographs()
        let options = [
            "-o", output, "--steps", "3", "--batch", "2", "--side", "32", "--checkpoint",
            folder("checkpoint"), "--report", folder("steps.csv"),
        ]
        let result = try hoi.run(words + options)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.text.hasSuffix(output + "\n") && result.text.hasPrefix("held out: "))
        #expect(readBytes(folder("steps.csv")).count { $0 == 0x0A } == 4)
        let detector = try Detector(contentsOf: output, side: 32)
        #expect(detector.network.backbone.shape == .nano && detector.input == .normalised)
        #expect(try Safetensors(contentsOf: output).metadata["percept.steps"] == "3")
        // The same command goes on where it ended, and another one does not.
        let first = readBytes(output)
        #expect(try hoi.run(words + options).status == 0)
        #expect(readBytes(output) == first)
        let other = try hoi.run(words + options + ["--seed", "2"])
        #expect(other.status == 65 && other.errors.contains("other settings"))
    }

    @Test("What cannot be done is said in a line, with its status")
    func errors() throws {
        let (teacher, photographs) = (try teacher(), try photographs(1))
        let output = [
            "-o", folder("out.safetensors"), "--steps", "1", "--batch", "1", "--progress", "none",
        ]
        func run(_ words: [String]) throws -> (Int32, String) {
            let result = try hoi.run(["distill"] + words + output)
            let told = result.errors.split(separator: "\n").filter { $0.contains("error: ") }
            #expect(told.count == 1, "\(result.errors)")
            return (result.status, result.errors)
        }
        let side = try run([teacher] + photographs + ["--side", "50"])
        #expect(side.0 == 64 && side.1.contains("multiple of 32"))
        let missing = try run([folder("none.safetensors")] + photographs)
        #expect(missing.0 == 66 && missing.1.contains("none.safetensors"))
        let damaged = try run([photographs[0]] + photographs)
        #expect(damaged.0 == 65)
        let broken = folder.write([0xFF, 0xD8, 0xFF, 0], to: "broken.jpg")
        let unread = try run([teacher, broken, "--side", "32"])
        #expect(unread.0 == 65 && unread.1.contains("no pictures to learn from"))
        let gone = try run([teacher, folder("gone.jpg")])
        #expect(gone.0 == 66 && gone.1.contains("gone.jpg"))
        #expect(!folder.names.contains("out.safetensors"))
        // Said before the work, not behind it.
        let nowhere = try hoi.run(
            ["distill", teacher] + photographs + ["-o", folder("no/where.safetensors"), "-v"])
        #expect(nowhere.status != 0 && nowhere.errors.contains("no/where.safetensors"))
        #expect(!nowhere.errors.contains("to learn from"))
    }

    @Test("A detector is written for other runtimes, and what cannot be is said")
    func export() throws {
        let path = folder("detector.onnx")
        let result = try hoi.run("export", try teacher(), "-o", path, "--side", "64")
        #expect(result.status == 0 && result.text == path + "\n", "\(result.errors)")
        let bytes = readBytes(path)
        #expect(bytes.count > 3_600_000)
        for word in ["picture", "candidates", "percept.input", "head.cls_preds.0.weight"] {
            #expect(bytes.firstRange(of: Array(word.utf8)) != nil, "\(word)")
        }
        let odd = try hoi.run("export", try teacher(), "-o", path, "--side", "65")
        #expect(odd.status == 64 && odd.errors.contains("no multiple of 32"))
    }

    @Test("A photograph that cannot be read is left out, and said")
    func unreadable() throws {
        let broken = folder.write([0xFF, 0xD8, 0xFF, 0], to: "broken.jpg")
        let result = try hoi.run(
            ["distill", try teacher(), broken] + photographs() + [
                "-o", folder("out.safetensors"), "--steps", "1", "--batch", "1", "--side", "32",
            ])
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.contains("1 of 3 pictures cannot be read"))
    }

    @Test("A folder without pictures teaches nothing")
    func emptyFolder() throws {
        let result = try hoi.run(
            "distill", try teacher(), try #require(try makeFolder("empty")), "-o", folder("out"))
        #expect(result.status == 65 && result.errors.contains("no pictures"), "\(result.errors)")
    }

    private func makeFolder(_ name: String) throws -> String? {
        try Folder.make(folder(name))
        return folder(name)
    }

    @Test("A detector is measured, alone and beside another")
    func measure() throws {
        let list = zip(try photographs(), ["person", "dog"]).map { path, name in
            """
            {"image": "\(path.split(separator: "/").last!)", "width": 60, "height": 40, \
            "boxes_labelled": true, "interactions": [], \
            "boxes": [{"category": "\(name)", "box": [5, 5, 40, 35]}]}
            """
        }
        let data = folder.write(Array(list.joined(separator: "\n").utf8), to: "photos.jsonl")
        let weights = try teacher()
        let alone = try hoi.run("evaluate", weights, data, "--objects", "person,dog")
        #expect(alone.status == 0, "\(alone.errors)")
        for row in ["AP ", "AP50 ", "AP75 ", "AP50 person", "AP50 of 2 kinds", "  dog"] {
            #expect(alone.text.contains("\n" + row), "\(row): \(alone.text)")
        }
        let report = folder("figures.json")
        let beside = try hoi.run(
            "evaluate", weights, data, "--beside", weights, "--objects", "person", "--report",
            report, "--format", "csv")
        #expect(beside.status == 0, "\(beside.errors)")
        #expect(beside.text.hasPrefix("figure,weights,percent,low,high\nAP,"))
        let figures = try #require(try JSONValue(parsing: readBytes(report)).elements)
        #expect(figures.count == 2 && figures[1]["weights"]?.text == weights)
        #expect(figures[0]["AP50"]?.double == figures[1]["AP50"]?.double)
        let unknown = try hoi.run("evaluate", weights, data, "--objects", "unicorn")
        #expect(unknown.status == 64 && unknown.errors.contains("unicorn"))
        let nothing = folder.write(
            Array(list[0].replacing("true", with: "false").utf8), to: "none.jsonl")
        let refused = try hoi.run("evaluate", weights, nothing)
        #expect(refused.status == 65 && refused.errors.contains("all things are annotated"))
    }

    @Test("Others' weights are imported, and listed")
    func importWeights() throws {
        let network = YOLOX(norm: .separate(.inference))
        var random = RandomSource(seed: 8)
        let parameters = Parameters(initialising: network, using: &random)
        let file = folder.write(
            torchFile(parameters.map { ($0.path, $0.tensor) }, below: "model", counters: []),
            to: "yolox_nano.pth")
        let output = folder("detector.safetensors")
        let imported = try hoi.run("models", "import", file, "-o", output)
        #expect(imported.status == 0 && imported.text == output + "\n", "\(imported.errors)")
        #expect(try Detector(contentsOf: output, side: 32).input == .plain)
        let normalised = try hoi.run(
            "models", "import", file, "-o", output, "--input", "rgb-normalised")
        #expect(normalised.status == 0)
        #expect(try Detector(contentsOf: output, side: 32).input == .normalised)
        let list = try hoi.run(["models"], environment: ["PERCEPT_MODELS": folder.path])
        #expect(list.status == 0 && list.text.contains("detector  detector  "), "\(list.text)")
        #expect(try hoi.run("models", "import").status == 64)
        #expect(try hoi.run("models", "export").status == 64)
        #expect(try hoi.run("models", "import", folder("none.pth")).status == 66)
        let junk = folder.write([0x50, 0x4B, 3, 4, 9, 9], to: "junk.pth")
        #expect(try hoi.run("models", "import", junk).status == 65)
    }
}
