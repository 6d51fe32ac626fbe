// The appearance branch as a person makes it: from photographs, then joined with boxes, then used.
import Glibc
import Interaction
import Media
import Networks
import Tensors
import Terminal
import TestSupport
import Testing

@Suite("hoi train and hoi join on photographs", .serialized)
struct PhotographTests {
    private let hoi = BuiltProgram(name: "hoi")
    private let folder = TemporaryFolder()

    /// A detector with random weights that sees people and one kind of thing, horses, wherever it looks.
    private func detector(seed: UInt64 = 3, seeing thing: Int = 17) throws -> String {
        var random = RandomSource(seed: seed)
        var weights = Parameters(initialising: YOLOX(), using: &random)
        for level in 0..<3 {
            func set(_ name: String, _ change: (inout [Float]) -> Void) {
                let place = weights.position(of: "head.\(name).\(level).bias")!
                var values = weights[place].elements
                change(&values)
                weights[place] = Tensor(values, shape: weights[place].shape)
            }
            set("obj_preds") { $0[0] = 4 }
            set("cls_preds") { $0[level == 0 ? 0 : thing] = 3 }
        }
        let path = folder("detector\(seed).safetensors")
        try weights.write(to: path)
        return path
    }

    /// Photographs of bright riders, red ones on bicycles and green ones on horses, and of dark feeders; with a list.
    private func photographs(_ count: Int = 60) throws -> String {
        let lines = try (0..<count).map { index -> String in
            let rides = index % 2 == 0, isHorse = index % 3 > 0 || !rides
            let drawn = picture(96, 64) { x, y, c in
                let noise = (x * 31 + y * 17 + index * 7) % 23
                guard x > 20, x < 60, y > 8, y < 56 else { return 110 + noise }
                return (rides ? 200 : 30) + (c == (isHorse ? 1 : 0) ? 30 : 0) + noise
            }
            let name = "\(index).png"
            folder.write(try drawn.encoded(as: .png), to: name)
            return """
                {"image": "\(name)", "width": 96, "height": 64, "boxes": [
                {"category": "person", "box": [20, 8, 60, 56], "score": null},
                {"category": "\(isHorse ? "horse" : "bicycle")", "box": [30, 30, 80, 60], "score": 0.5}],
                "interactions_labelled": "one person only", "interactions": [{"subject": 0, "object": 1,
                "verb": "\(rides ? "ride" : "feed")", "object_name": "\(isHorse ? "horse" : "bicycle")",
                "match": \(index % 7 == 6 ? 0.2 : 0.8)}]}
                """.replacing("\n", with: "")
        }
        return folder.write(Array(lines.joined(separator: "\n").utf8), to: "photos.jsonl")
    }

    @Test("Looks are learned where they hold for a combination that was never shown, and used")
    func learning() throws {
        let (detector, list) = (try detector(), try photographs())
        let looks = folder("looks.safetensors"), pairs = folder("pairs.safetensors")
        let train = [
            "train", list, "--detector", detector, "--pairs", pairs, "--withhold",
            "ride bicycle", "--steps", "40", "--learning-rate", "0.003", "-o", looks, "-v",
            "--progress", "none",
        ]
        let first = try hoi.run(train)
        #expect(first.status == 0 && first.text == looks + "\n", "\(first.errors)")
        #expect(first.errors.contains("1 combinations kept back"))
        let model = try PredicateModel(contentsOf: looks)
        #expect(model.verbNames == ["feed", "ride"] && model.head.regions?.parts.count == 2)
        #expect(model.unseen == [Triplet(verb: "ride", object: "bicycle")])
        // What was seen is taken from the file, even where the photographs are gone.
        shell("rm '\(folder("0.png"))'")
        let bytes = readBytes(looks)
        #expect(try hoi.run(train).status == 0)
        #expect(readBytes(looks) == bytes)

        let evaluate = ["evaluate", looks, list, "--detector", detector, "--pairs", pairs]
        let figures = try hoi.run(evaluate + ["--format", "json"])
        #expect(figures.status == 0, "\(figures.errors)")
        let json = try JSONValue(parsing: figures.text.utf8)
        let unseen = try #require(json["unseen"]?["all"]?.double)
        #expect(unseen > 80, "\(figures.text)")
        #expect(try hoi.run(evaluate).text.contains("ride bicycle"))

        let boxes = folder("boxes.safetensors"), verbs = folder("verbs.safetensors")
        let annotations = folder.write(Array(hicoAnnotations(60).utf8), to: "hico.json")
        #expect(
            try hoi.run("train", annotations, "--steps", "5", "-o", boxes, "-q").status == 0)
        let join = [
            "join", boxes, looks, list, "--detector", detector, "--pairs", pairs, "-o", verbs,
        ]
        let joined = try hoi.run(join)
        #expect(joined.status == 0, "\(joined.errors)")
        for row in ["boxes", "looks", "both"] { #expect(joined.text.contains("\n\(row)")) }
        let other = try hoi.run(join.map { $0 == detector ? (try? self.detector(seed: 4))! : $0 })
        #expect(other.status != 0)
        #expect(other.errors.contains("0.png") || other.errors.contains("another detector"))

        // Looked at, and with boxes alone.
        func detect(_ more: [String]) throws -> (text: String, errors: String) {
            let result = try hoi.run(
                [
                    "detect", folder("2.png"), "--head", verbs, "--score", "0", "--mode", "open",
                    "-v",
                ]
                    + more)
            #expect(result.status == 0, "\(result.errors)")
            return (result.text, result.errors)
        }
        let looked = try detect(["--detector", detector, "--format", "json"])
        #expect(looked.text.contains("ride") && !looked.errors.contains("boxes alone"))
        let plain = try detect(["--detector", try self.detector(seed: 4), "--format", "json"])
        #expect(plain.errors.contains("boxes alone"))
    }

    @Test("What people do with things that are not seen is learned, joined and told")
    func people() throws {
        // It sees cups and no horse.
        let (detector, list) = (try detector(seeing: 41), try photographs(100))
        let looks = folder("looks.safetensors"), boxes = folder("boxes.safetensors")
        let people = folder("people.safetensors"), verbs = folder("verbs.safetensors")
        let pairs = folder("pairs.safetensors")
        let train = [
            "train", list, "--detector", detector, "--progress", "none", "--steps", "60",
            "--learning-rate", "0.003",
        ]
        let alone = try hoi.run(
            train + ["--people", "--pairs", folder("alone.safetensors"), "-o", people, "-v"])
        #expect(alone.status == 0 && alone.text == people + "\n", "\(alone.errors)")
        #expect(alone.errors.contains("looks +"))
        let model = try PredicateModel(contentsOf: people)
        #expect(Set(model.verbNames).isSuperset(of: ["feed horse", "ride horse"]))
        #expect(model.head.subject == .people && model.calibration != nil)
        let figures = try hoi.run(
            "evaluate", people, list, "--detector", detector, "--pairs",
            folder("alone.safetensors"), "--format", "json")
        let json = try JSONValue(parsing: figures.text.utf8)
        #expect(try #require(json["seen"]?["all"]?.double) > 60, "\(figures.text)")

        #expect(try hoi.run(train + ["--pairs", pairs, "-o", looks]).status == 0)
        let annotations = folder.write(Array(hicoAnnotations(60).utf8), to: "hico.json")
        #expect(
            try hoi.run("train", annotations, "--steps", "5", "-o", boxes, "-q").status == 0)
        let join = [
            "join", boxes, looks, list, "--detector", detector, "--pairs", pairs, "-o", verbs,
        ]
        #expect(try hoi.run(join + ["--people", people]).status == 0)
        let found = try hoi.run(
            "detect", folder("2.png"), "--head", verbs, "--detector", detector, "--score", "0.05",
            "--format", "jsonl")
        #expect(found.status == 0, "\(found.errors)")
        let line = try JSONValue(parsing: found.text.utf8)
        let told = try #require(line["interactions"]?.elements)
        let unseen = told.filter { $0["object"]?.elements == nil }
        #expect(!unseen.isEmpty, "\(found.text)")
        #expect(unseen.allSatisfy { $0["object_name"]?.text != nil && $0["human"] != nil })
        // Read again: of things that are not seen nothing is measured.
        let saved = folder.write(Array(found.text.utf8), to: "found.jsonl")
        #expect(try hoi.run("evaluate", saved, saved, "--agreement").status == 0)

        for (words, hint) in [
            (join + ["--people", looks], "was not made by 'hoi train --people'"),
            (
                ["join", boxes, people, list, "--detector", detector, "--pairs", pairs],
                "was not made of pairs in photographs"
            ), (train + ["--people", "--objective", "dann"], "--objective erm"),
            (train + ["--people", "--withhold", "ride horse"], "withheld"),
            (["train", annotations, "--people"], "--people"),
        ] {
            let refused = try hoi.run(words)
            #expect(refused.status == 64 && refused.errors.contains(hint), "\(refused.errors)")
        }
    }

    @Test("A study of photographs keeps back each fold in turn and chooses by the others")
    func study() throws {
        let words = [
            "study", try photographs(), "--detector", try detector(), "--pairs",
            folder("pairs.safetensors"), "--steps", "10", "--seeds", "2", "-o",
            folder("study.jsonl"), "--progress", "none", "-v",
        ]
        let folds = ["--fold", "ride bicycle", "--fold", "ride horse"]
        let tries = ["--try", "erm", "--try", "erm:decay=0.01", "--try", "prior"]
        let result = try hoi.run(words + folds + tries)
        #expect(result.status == 0, "\(result.errors)")
        for row in [
            "unseen", "seen", "unseen, same thing", "prior: prior", "prior - erm on unseen:",
        ] {
            #expect(result.text.contains("\n" + row), "\(row)")
        }
        // Two folds by three tries to choose by, then two by two heads and two seeds.
        #expect(readBytes(folder("study.jsonl")).count { $0 == 0x0A } == 1 + 6 + 8)
        #expect(result.errors.contains("ride horse, erm:decay=0.01, seed 1: unseen"))
        #expect(try hoi.run(words + folds + tries).text == result.text)
        for (more, hint) in [
            (["--fold", "ride bicycle"], "name several"),
            (["--fold", "ride cow", "--fold", "ride horse"], "ride cow"),
            (folds + ["--split", "drawn"], "--fold"),
        ] {
            let refused = try hoi.run(words + more)
            #expect(refused.status == 64 && refused.errors.contains(hint), "\(refused.errors)")
        }
    }

    @Test("What cannot be done is said in a line, with its status")
    func errors() throws {
        let (detector, list) = (try detector(), try photographs(4))
        func run(_ words: [String]) throws -> (Int32, String) {
            let result = try hoi.run(words + ["--progress", "none"])
            #expect(result.text == "")
            return (result.status, result.errors)
        }
        let unknown = try run([
            "train", list, "--detector", detector, "--withhold", "ride unicorn",
        ])
        #expect(unknown.0 == 64 && unknown.1.contains("no photograph shows 'ride unicorn'"))
        let strict = try run(["train", list, "--detector", detector, "--least-match", "0.9"])
        #expect(strict.0 == 66 || strict.0 == 65, "\(strict)")
        #expect(strict.1.contains("no pair with a verb"))
        let annotations = folder.write(Array(hicoAnnotations(8).utf8), to: "hico.json")
        let boxes = folder("boxes.safetensors")
        #expect(
            try hoi.run("train", annotations, "--steps", "2", "-o", boxes, "-q").status == 0)
        let split = try run(["train", list, "--detector", detector, "--split", "drawn"])
        #expect(split.0 == 64 && split.1.contains("photographs take --withhold"))
        let withheld = try run(["train", annotations, "--withhold", "ride horse"])
        #expect(withheld.0 == 64 && withheld.1.contains("are for photographs"))
        let blind = try run(["join", boxes, boxes, list, "--detector", detector])
        #expect(blind.0 == 64 && blind.1.contains("was not made of pairs in photographs"))
    }
}
