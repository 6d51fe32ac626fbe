// hoi split as a person runs it: a split is made, kept, used and checked.
import Terminal
import TestSupport
import Testing

@Suite(.serialized) struct SplitTests {
    private let hoi = BuiltProgram(name: "hoi")
    private let folder = TemporaryFolder()

    /// Photographs that each show one of four combinations, in turn.
    private func data(_ count: Int = 60) -> String {
        folder.write(Array(hicoAnnotations(count).utf8), to: "data.json")
    }

    /// A split with one of the four combinations kept.
    private func split() throws -> String {
        let path = folder("split.json")
        let made = try hoi.run(
            "split", data(), "--split", "drawn", "--split-count", "1", "-o", path)
        #expect(made.status == 0, "\(made.errors)")
        return path
    }

    /// Lines with their runs of spaces made one.
    private func lines(_ text: String) -> [String] {
        text.split(separator: "\n").map { line in
            line.split(separator: " ").joined(separator: " ")
        }
    }

    @Test("A drawn split is counted, written, and keeps what it promises")
    func make() throws {
        let path = try split()
        let file = try JSONValue(parsing: readBytes(path))
        #expect(file["unseen"]?.elements?.count == 1)
        #expect(file["training"]?.elements?.count == 45 && file["test"]?.elements?.count == 15)
        let checked = try hoi.run(
            "split", data(), "--split", "file", "--split-file", path, "--check")
        #expect(checked.status == 0, "\(checked.errors)")
        let lines = lines(checked.text)
        for line in [
            "photographs 45 15", "pairs 45 15", "combinations 3 1", "verbs 2 1", "objects 2 1",
            "1 of 4 combinations are kept for the test", "verbs of these that others have: 1 of 1",
            "compositional: yes",
        ] { #expect(lines.contains(line), "\(line): \(checked.text)") }
        let json = try JSONValue(
            parsing: hoi.run(
                "split", data(), "--split", "drawn", "--split-count", "1", "--format", "json"
            ).text.utf8)
        #expect(json["compositional"]?.boolean == true)
        #expect(json["training"]?["photographs"]?.integer == 45)
    }

    @Test("Whatever breaks a split is told in a line each, and the status is 65")
    func check() throws {
        let text = String(decoding: readBytes(try split()), as: UTF8.self)
        let file = try JSONValue(parsing: text)
        let test = try #require(file["test"]?.elements?.first?.text)
        let broken = text.replacing(
            "\"training\": [", with: "\"training\": [\"\(test)\", \"gone.jpg\",")
        let path = folder.write(Array(broken.utf8), to: "broken.json")
        let result = try hoi.run(
            "split", data(), "--split", "file", "--split-file", path, "--check")
        #expect(result.status == 65)
        let wrong = result.text.split(separator: "\n").filter { $0.hasPrefix("wrong: ") }
        #expect(wrong.count == 3, "\(result.text)")
        #expect(wrong.contains { $0.contains("gone.jpg is named") })
        #expect(wrong.contains { $0.contains("\(test) is both for training and for the test") })
        #expect(wrong.contains { $0.contains("\(test) is for training and shows") })
        #expect(result.errors.contains("3 things are wrong"))
    }

    @Test("Without names of photographs all of them are looked at, and --test must say which")
    func checkAll() throws {
        let path = folder("split.json")
        let words = ["split", data(), "--split", "file", "--split-file", path]
        let made = try hoi.run(
            "split", data(), "--split", "drawn", "--split-count", "1", "--only-combinations", "-o",
            path)
        #expect(
            made.status == 0 && !String(decoding: readBytes(path), as: UTF8.self).contains("jpg"))
        let lacking = try hoi.run(words + ["--check"])
        #expect(lacking.status == 64 && lacking.errors.contains("--check needs --test"))
        // All photographs on both sides: 60 in both, 15 that training and 45 that the test must not show.
        let result = try hoi.run(words + ["--check", "--test", data()])
        #expect(result.status == 65)
        #expect(result.text.split(separator: "\n").count { $0.hasPrefix("wrong: ") } == 120)
    }

    // In the test's annotations 1.jpg feeds the bicycle; in those for training it feeds a horse and would serve.
    @Test("A photograph of a test with annotations of its own is not trained on")
    func ownTest() throws {
        let swapped = hicoAnnotations(4).replacing(
            "\"0.jpg\",\"1.jpg\"", with: "\"1.jpg\",\"0.jpg\"")
        #expect(swapped != hicoAnnotations(4))
        let test = folder.write(Array(swapped.utf8), to: "test.json")
        let kept = "{\"unseen\": [{\"verb\": \"feed\", \"object\": \"bicycle\"}]}"
        let path = folder.write(Array(kept.utf8), to: "kept.json")
        let words = ["split", data(), "--test", test, "--split", "file", "--split-file"]
        let made = try hoi.run(words + [path, "-o", folder("made.json")])
        #expect(made.status == 0 && !made.text.contains("wrong"), "\(made.text)")
        let file = try JSONValue(parsing: readBytes(folder("made.json")))
        #expect(file["test"]?.elements?.compactMap(\.text) == ["1.jpg"])
        #expect(file["training"]?.elements?.count == 44)
        // And each side is checked by its own annotations.
        let checked = try hoi.run(words + [folder("made.json"), "--check"])
        #expect(checked.status == 0, "\(checked.text)")
    }

    @Test(
        "A verb that only the test shows is told, and a list that says so by design is no failure")
    func unknown() throws {
        let path = folder.write(
            Array(
                """
                {"unseen": [{"verb": "ride", "object": "bicycle"}, {"verb": "ride", "object": "horse"}]}
                """.utf8), to: "verbs.json")
        let words = ["split", data(), "--split", "file", "--split-file", path]
        let made = try hoi.run(words + ["-o", folder("made.json")])
        #expect(made.status == 0 && made.text.contains("compositional: no"))
        #expect(made.text.contains("wrong: 'ride horse': training never shows 'ride'"))
        let check = try hoi.run(
            "split", data(), "--split", "file", "--split-file", folder("made.json"), "--check")
        #expect(
            check.status == 65 && check.text.contains("verbs of these that others have: 0 of 1"))
    }

    @Test("A head is trained and measured on the photographs of a split's file")
    func train() throws {
        let words = try ["--split", "file", "--split-file", split()]
        let head = folder("head.safetensors"), report = folder("figures.json")
        let trained = try hoi.run(
            ["train", data(), "--steps", "300", "-o", head, "-v"] + words)
        #expect(trained.status == 0, "\(trained.errors)")
        let result = try hoi.run(["evaluate", head, data(), "--report", report] + words)
        #expect(result.status == 0, "\(result.errors)")
        let means = try JSONValue(parsing: readBytes(report))["means"]?["default"]
        // The test shows nothing but the combination that was kept.
        #expect(means?["unseen"]?.double ?? 0 > 99 && means?["seen"]?.double == nil)
        let empty = folder.write(
            Array("{\"unseen\": [], \"training\": [], \"test\": []}".utf8), to: "empty.json")
        for command in [["train", data()], ["evaluate", head, data()]] {
            let none = try hoi.run(command + ["--split", "file", "--split-file", empty])
            #expect(none.status == 65 && none.errors.contains("empty.json"), "\(none.errors)")
        }
    }

    @Test(
        "A command line that makes no sense is 64",
        arguments: [
            ([], "--split is missing"), (["--split", "file"], "needs a --split-file"),
            (["--split", "dranw"], "did you mean drawn?"),
        ])
    func usage(words: [String], hint: String) throws {
        let result = try hoi.run(["split", data()] + words)
        #expect(result.status == 64 && result.text == "")
        #expect(result.errors.contains(hint), "\(result.errors)")
    }

    @Test("HICO-DET's lists are refused for other data sets")
    func others() throws {
        let line = """
            {"image": "a.jpg", "width": 9, "height": 9, "interactions": [], "boxes": []}
            """
        let list = folder.write(Array(line.utf8), to: "list.jsonl")
        let result = try hoi.run(
            "split", list, "--split", "rare_first", "--split-file", folder("none.json"))
        #expect(result.status == 64 && result.errors.contains("HICO-DET"), "\(result.errors)")
        #expect(try hoi.run("split", list, "--split", "drawn").status == 65)
    }
}
