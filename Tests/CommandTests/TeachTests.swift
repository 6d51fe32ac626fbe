// hoi teach, taught and forget as a person runs them.
import Glibc
import Terminal
import TestSupport
import Testing

@Suite("hoi teach", .serialized)
struct TeachTests {
    private let hoi = BuiltProgram(name: "hoi")
    private let folder = TemporaryFolder()

    /// Runs hoi with a home of its own.
    private func run(_ arguments: String...) throws -> ProgramResult {
        try hoi.run(arguments, environment: ["XDG_DATA_HOME": folder("data")])
    }

    private func picture(_ name: String) -> String {
        ffmpeg("-f lavfi -i testsrc2=s=160x120 -frames:v 1 '\(folder(name))'")
        return folder(name)
    }

    /// Photographs that show somebody who does this, after the first `skipped`.
    private func photographs(_ action: String, _ count: Int, after skipped: Int = 0) -> [String]? {
        guard let dataFolder else { return nil }
        let images = "\(dataFolder)/hoi/images/stanford40"
        let names = TemporaryFolder.names(in: images).filter { $0.hasPrefix(action) }
        return names.dropFirst(skipped).prefix(count).map { "\(images)/\($0)" }
    }

    @Test("What is taught by a box is listed, said to be taught already, and forgotten")
    func round() throws {
        let a = picture("a.png")
        let taught = try run("teach", "sit on", "cell_phone", a, "--box", "10,20,80,110")
        #expect(taught.status == 0 && taught.errors == "", "\(taught.errors)")
        #expect(taught.text.contains("person at 10,20-80,110, no cell phone seen"))
        #expect(taught.text.contains("sit on cell phone is taught by 1 photograph"))
        let again = try run("teach", "sit_on", "cell phone", a, "--box", "10,20,80,110")
        #expect(again.status == 65 && again.errors.contains("is taught already"))
        let list = try run("taught", "sit on", "cell phone")
        #expect(list.status == 0 && list.text.contains("a.png") && list.text.contains("1.00"))
        let json = try JSONValue(parsing: run("taught", "--json").output)
        #expect(json.elements?.count == 1 && json.elements?[0]["verb"]?.text == "sit_on")
        #expect(try run("taught", "--stale").text == "")
        let wrong = try run("forget", "sit_on", "cell fone")
        #expect(wrong.status == 66 && wrong.errors.contains("'sit on cell phone' is"))
        let gone = try run("forget", "sit_on", "cell phone")
        #expect(gone.status == 0 && gone.text.contains("1 photograph forgotten, 0 left"))
        #expect(try run("forget", "--all").status == 66)
        let none = try run("taught")
        #expect(none.status == 0 && none.text == "")
    }

    @Test(
        "A photograph without a person, one that is not there and a video are named with the reason"
    )
    func useless() throws {
        let a = picture("a.png"), page = folder("page.html")
        let nobody = try run("teach", "polish", "car", a, "--gallery", page)
        #expect(nobody.status == 65 && nobody.text == "")
        #expect(nobody.errors.contains("a.png: not used: no person is found in it; --box"))
        #expect(nobody.errors.contains("nothing was taught"))
        #expect(!folder.names.contains("data") && folder.names == ["a.png"])
        let missing = try run("teach", "polish", "car", folder("b.png"))
        #expect(missing.status == 66 && missing.errors.contains("b.png"))
        ffmpeg("-f lavfi -i testsrc2=s=160x120:d=1 '\(folder("c.mp4"))'")
        let video = try run("teach", "polish", "car", folder("c.mp4"))
        #expect(video.status == 65 && video.errors.contains("is a video; photographs are wanted"))
        let outside = try run("teach", "polish", "car", a, "--box", "500,500,600,600")
        #expect(outside.status == 65 && outside.errors.contains("--box lies outside"))
    }

    @Test("Words and options that make no sense are usage errors")
    func usage() throws {
        let a = picture("a.png")
        for words in [
            ["teach", "polish"], ["teach", "polish", "car"], ["teach", " ", "car", a],
            ["teach", "polish", "car", a, "--box", "1,2,3"],
            ["teach", "polish", "car", a, "--box", "9,9,1,1"],
            ["teach", "polish", "car", a, a, "--person", "2"],
            ["teach", "polish", "car", a, "--person", "1", "--box", "1,1,9,9"],
            ["forget"], ["forget", "polish"], ["forget", "polish", "car", "--all"],
            ["taught", "polish"], ["taught", "a", "b", "c"],
        ] {
            let result = try hoi.run(words, environment: ["XDG_DATA_HOME": folder("data")])
            #expect(result.status == 64 && result.text == "", "\(words): \(result.errors)")
        }
        #expect(!folder.names.contains("data"))
    }

    @Test(
        "A memory of another version is refused where it is named, and passed over where it is not")
    func otherVersion() throws {
        let a = picture("a.png")
        #expect(try run("teach", "polish", "car", a, "--box", "10,20,80,110").status == 0)
        let index = folder("data/percept/taught/index.jsonl")
        let good = TemporaryFolder.bytes(of: index)
        let later = String(decoding: good, as: UTF8.self).replacing(
            "\"version\":1", with: "\"version\":9")
        folder.write(Array(later.utf8), to: "data/percept/taught/index.jsonl")
        for words in [
            ["teach", "polish", "car", a, "--box", "1,2,30,40"], ["taught"], ["forget", "--all"],
            ["detect", a, "--memory", folder("data/percept/taught")],
        ] {
            let result = try hoi.run(words, environment: ["XDG_DATA_HOME": folder("data")])
            #expect(result.status == 65 && result.errors.contains("version 9"), "\(words)")
            #expect(result.errors.split(separator: "\n").count == 1)
        }
        let detected = try run("detect", a, "--progress", "none")
        #expect(detected.status == 0 && detected.errors.contains("version 9"))
        #expect(try run("detect", a, "--memory", "none", "--progress", "none").errors == "")
        #expect(TemporaryFolder.bytes(of: index) == Array(later.utf8))
        let empty = try run("detect", a, "--memory", folder("nowhere"))
        #expect(empty.status == 66 && empty.errors.contains("nothing is taught"))
    }

    @Test("What was taught by five photographs is said of others, and nothing else changes")
    func detect() throws {
        guard let teaching = photographs("playing_guitar", 5),
            let others = photographs("playing_guitar", 25, after: 5)
        else { return }
        func found(_ more: String...) throws -> [String] {
            try hoi.run(
                ["detect", "--progress", "none"] + more + others,
                environment: ["XDG_DATA_HOME": folder("data")]
            ).text.split(separator: "\n").map(String.init)
        }
        let before = try found()
        #expect(
            try hoi.run(
                ["teach", "play", "guitar"] + teaching + ["--gallery", folder("page.html")],
                environment: ["XDG_DATA_HOME": folder("data")]
            ).status == 0)
        let page = String(
            decoding: TemporaryFolder.bytes(of: folder("page.html")), as: UTF8.self)
        #expect(page.components(of: "<figure>") == 5)
        let after = try found()
        let taught = after.filter { $0.hasSuffix("taught") }
        #expect(taught.count >= 5 && taught.allSatisfy { $0.contains("person play guitar") })
        #expect(after.filter { !$0.hasSuffix("taught") } == before)
        #expect(try found("--memory", "none") == before)
        let json = try JSONValue(
            parsing: hoi.run(
                ["detect", "--progress", "none", "--format", "json", "--verbs", "play"] + others,
                environment: ["XDG_DATA_HOME": folder("data")]
            ).output)
        let interactions = (json.elements ?? []).flatMap { $0["interactions"]?.elements ?? [] }
        #expect(interactions.count == taught.count)
        #expect(interactions.allSatisfy { $0["taught"]?.boolean == true })
    }
}

extension TeachTests {
    @Test(
        "A batch says what was taught as 'hoi detect' does, and searches again when more is taught",
        .enabled(if: dataFolder != nil, "needs PERCEPT_DATA"))
    func batch() throws {
        let teaching = try #require(photographs("playing_guitar", 5))
        let others = try #require(photographs("playing_guitar", 6, after: 5))
        let pipeline = BuiltProgram(name: "pipeline")
        let environment = ["XDG_DATA_HOME": folder("data")]
        mkdir(folder("in"), 0o755)
        for path in others {
            symlink(path, folder("in/\(path.split(separator: "/").last ?? "")"))
        }
        /// Picture, interaction and score of each line, in order of the pictures.
        func findings(_ text: String) throws -> [String] {
            try text.split(separator: "\n").flatMap { line -> [String] in
                let json = try JSONValue(parsing: String(line))
                let name = json["image"]?.text?.split(separator: "/").last ?? ""
                return (json["interactions"]?.elements ?? []).map { "\(name) \($0.compact)" }
            }.sorted()
        }
        func batch(_ more: String...) throws -> (findings: [String], errors: String) {
            let result = try pipeline.run(
                ["run", folder("in"), "-o", folder("out"), "--stages", "hoi", "--every", "1"]
                    + ["--score", "0.1", "--progress", "none"] + more, environment: environment)
            #expect(result.status == 0, "\(result.errors)")
            let found = TemporaryFolder.bytes(of: folder("out/interactions.jsonl"))
            return (try findings(String(decoding: found, as: UTF8.self)), result.errors)
        }
        func detected(_ memory: String) throws -> [String] {
            try findings(
                hoi.run(
                    ["detect", "--progress", "none", "--format", "jsonl", "--score", "0.1"]
                        + ["--memory", memory]
                        + others, environment: environment
                ).text)
        }
        let before = try batch()
        #expect(try before.findings == detected("none"))
        #expect(try batch().errors.contains("6 were done before"))
        for some in [teaching.dropLast(), teaching.suffix(1)] {
            let taught = try hoi.run(["teach", "play", "guitar"] + some, environment: environment)
            #expect(taught.status == 0)
            let after = try batch()
            #expect(!after.errors.contains("done before"), "\(after.errors)")
            #expect(try after.findings == detected(folder("data/percept/taught")))
            #expect(after.findings.count > before.findings.count)
            #expect(try batch().errors.contains("6 were done before"))
        }
        let none = try batch("--taught", "none")
        #expect(none.findings == before.findings)
        let wrong = try pipeline.run(
            "run", folder("in"), "-o", folder("out"), "--stages", "hoi", "--taught",
            folder("nowhere"))
        #expect(wrong.status == 66 && wrong.errors.contains("nothing is taught"))
        // A plan does not go on with another memory than it was made for.
        let plan = try pipeline.run(
            ["plan", folder("in"), "-o", folder("new"), "--stages", "hoi", "-q"],
            environment: environment)
        #expect(plan.status == 0)
        #expect(try run("forget", "--all").status == 0)
        let unit = try pipeline.run(
            ["unit", folder("new/manifest.jsonl"), "--index", "0", "-q"], environment: environment)
        #expect(unit.status == 75 && unit.errors.contains("plan it anew"), "\(unit.errors)")
    }
}

extension String {
    /// How often something occurs in it.
    fileprivate func components(of text: String) -> Int { ranges(of: text).count }
}
