// mwgan degrade: from clips to pairs that train and evaluate read.
import Enhancement
import Glibc
import Networks
import Terminal
import TestSupport
import Testing

@Suite("mwgan degrade", .serialized)
struct DegradeTests {
    private let place: Workplace
    private let clips: String, pairs: String

    init() throws {
        place = try Workplace()
        clips = place.folder("clips")
        pairs = place.folder("pairs")
        mkdir(clips, 0o777)
        for (index, name) in ["one", "two", "three"].enumerated() {
            ffmpeg(
                "-f lavfi -i testsrc2=s=128x96:r=25,hue=h=\(60 * index) -frames:v 9 -c:v ffv1"
                    + " -pix_fmt yuv420p '\(clips)/\(name).mkv'")
        }
    }

    private func degrade(_ words: String...) throws -> ProgramResult {
        try place.mwgan.run(["degrade", clips, "-o", pairs, "--frames", "5"] + words)
    }

    private func lines() throws -> [JSONValue] {
        let text = String(decoding: readBytes(pairs + "/pairs.jsonl"), as: UTF8.self)
        return try text.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
    }

    private func clean() { _ = shell("rm -rf '\(pairs)' '\(clips)'") }

    @Test("Pairs are made, trained on and measured; the same command makes nothing again")
    func endToEnd() throws {
        defer { clean() }
        let words = ["--codecs", "x264,mpeg2,jpeg", "--per-clip", "3", "--hold-out", "two"]
        let first = try place.mwgan.run(
            ["degrade", clips, "-o", pairs, "--frames", "5", "-q"] + words)
        #expect(first.status == 0 && first.text == pairs + "/pairs.jsonl\n", "\(first.errors)")
        let made = try lines()
        let train = made.filter { $0["set"]?.text == "train" }
        let select = made.filter { $0["set"]?.text == "select" }
        // Two windows of each clip: nine frames hold the first five and the last.
        #expect(train.count == 2 * 2 * 3 && select.count == 2 * 6 && made.count == 24)
        #expect(select.allSatisfy { $0["source"]?.text?.hasPrefix("two-") == true })
        for line in made {
            #expect(line["frames"]?.integer == 5 && line["content"]?.text == "video")
            for key in ["reference", "degraded"] {
                let file = try #require(line[key]?.text)
                #expect(access("\(pairs)/\(file)", R_OK) == 0)
            }
            #expect((line["psnr_y"]?.double ?? 0) > 10 && (line["luma_step"]?.double ?? 0) > 0.5)
        }
        let constant = try #require(select.first { $0["rate"]?.double == 37 })
        // QP 37 is a step of 45; frames of type I are three finer, B two coarser.
        #expect((30...60).contains(constant["luma_step"]?.double ?? 0), "\(constant)")

        // What is removed is made again and listed once.
        let lost = "\(pairs)/\(try #require(train[0]["degraded"]?.text))"
        let kept = "\(pairs)/\(try #require(train[1]["degraded"]?.text))"
        let bytes = readBytes(lost), before = modified(kept)
        unlink(lost)
        let second = try place.mwgan.run(
            ["degrade", clips, "-o", pairs, "--frames", "5", "-q"] + words)
        #expect(second.status == 0, "\(second.errors)")
        #expect(readBytes(lost) == bytes && modified(kept) == before)
        let listed = try lines()
        #expect(listed.count == made.count)

        let weights = place.folder("t.safetensors")
        let looks = place.folder("pairs/looks"), report = place.folder("pairs/run.csv")
        let trained = try place.mwgan.run(
            "train", pairs, "--model", "fast", "--steps", "2", "--batch", "1", "-o", weights, "-q",
            "--report", report, "--held-out", "4", "--samples", looks, "--samples-every", "1")
        #expect(trained.status == 0, "\(trained.errors)")
        for step in 0...2 { #expect(access("\(looks)/step-000000\(step).png", R_OK) == 0) }
        let gains = String(decoding: readBytes(pairs + "/run.held-out.csv"), as: UTF8.self)
        #expect(gains.split(separator: "\n").map { $0.prefix { $0 != "," } } == ["step", "0", "2"])
        let curves = String(decoding: readBytes(pairs + "/run.svg"), as: UTF8.self)
        #expect(curves.contains("gain on held-out tiles") && curves.contains("<polyline"))
        let further = place.folder("u.safetensors")
        let blended = try place.mwgan.run(
            "train", pairs, "--from", weights, "--steps", "2", "--batch", "1", "--held-out", "4",
            "--blend", "auto", "-o", further, "--progress", "none")
        #expect(blended.status == 0, "\(blended.errors)")
        #expect(blended.errors.contains("held out, 0.25 of what was learned: gain "))
        #expect(String(decoding: readBytes(further), as: UTF8.self).contains("percept.blend"))
        // Nothing of what was learned: the weights that it began with.
        let unlearned = try place.mwgan.run(
            "train", pairs, "--from", weights, "--steps", "2", "--batch", "1", "--blend", "0",
            "-o", further, "-q")
        #expect(unlearned.status == 0, "\(unlearned.errors)")
        func parameters(_ path: String) throws -> Parameters {
            try EnhancementModel(contentsOf: path).parameters
        }
        #expect(try parameters(further).isIdentical(to: parameters(weights)))
        // By other rules: one that is the same, one that is not.
        for rule in ["zil", "pc"] {
            let other = place.folder("r.safetensors")
            let result = try place.mwgan.run(
                [
                    "train", pairs, "--from", weights, "--rule", rule, "--steps", "2", "--batch",
                    "1", "-o", other, "-q",
                ] + (rule == "pc" ? ["--pc-steps", "3", "--pc-nudge", "1000"] : []))
            #expect(result.status == 0, "\(rule): \(result.errors)")
            #expect(try !parameters(other).isIdentical(to: parameters(weights)))
        }
        let measured = try place.mwgan.run(
            "evaluate", pairs, "--set", "select", "--model", weights, "-q", "--only", "x264 crf")
        #expect(measured.status == 0 && measured.text.contains("mean x264 crf 32 (2)"))
    }

    private func modified(_ path: String) -> Int {
        var status = stat()
        stat(path, &status)
        return status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
    }

    @Test("A dry run prints the same plan for the same seed, and makes nothing")
    func plan() throws {
        defer { clean() }
        let first = try degrade("--dry-run", "-q")
        #expect(first.status == 0 && first.text.split(separator: "\n").count > 40)
        #expect(first.text.contains(" > "), "no second generation in \(first.text)")
        #expect(try degrade("--dry-run", "-q").text == first.text)
        #expect(try degrade("--dry-run", "-q", "--seed", "2").text != first.text)
        #expect(access(pairs, F_OK) != 0)
    }

    @Test("A line that a killed run left half is cut off, and its pair listed anew")
    func tornLine() throws {
        defer { clean() }
        let words = ["--codecs", "mpeg2", "--per-clip", "1", "--hold-out", "0", "-q"]
        #expect(try place.mwgan.run(["degrade", clips, "-o", pairs] + words).status == 0)
        let whole = readBytes(pairs + "/pairs.jsonl")
        writeBytes(whole.dropLast(40), to: pairs + "/pairs.jsonl")
        #expect(try place.mwgan.run(["degrade", clips, "-o", pairs] + words).status == 0)
        #expect(readBytes(pairs + "/pairs.jsonl") == whole)
    }

    @Test("Ctrl-C stops with 130 and says that the same command goes on")
    func interruption() throws {
        defer { clean() }
        let run = try place.mwgan.start([
            "degrade", clips, "-o", pairs, "--per-clip", "40", "--jobs", "1", "--progress", "none",
        ])
        // Handlers are in place when the first pair is listed.
        for _ in 0..<500 where readBytes(pairs + "/pairs.jsonl").isEmpty { usleep(20_000) }
        run.send(SIGINT)
        let result = run.wait()
        #expect(result.status == 130 && result.errors.contains("the same command goes on"))
        #expect(shell("find '\(pairs)' -name '*.part'").output.isEmpty)
        let listed = try lines()
        #expect(!listed.isEmpty)
    }

    @Test("What cannot be is said in one line, with its status")
    func refusals() throws {
        defer { clean() }
        func status(_ words: String..., says text: String) throws -> Int32 {
            let result = try place.mwgan.run(["degrade"] + words)
            #expect(result.errors.contains(text), "\(result.errors)")
            return result.status
        }
        #expect(try status(clips, says: "-o PAIRS") == 64)
        #expect(try status(clips, "-o", pairs, "--codecs", "x264,x266", says: "x266") == 64)
        #expect(try status(clips, "-o", pairs, "--rate", "cbr", says: "crf, abr, qp") == 64)
        #expect(
            try status(
                clips, "-o", pairs, "--codecs", "jpeg", "--rate", "crf", says: "no recipe of jpeg")
                == 64)
        #expect(try status(clips, "-o", pairs, "--hold-out", "four", says: "four") == 64)
        #expect(try status(place.folder("none"), "-o", pairs, says: "no such file") == 66)
        mkdir(place.folder("empty"), 0o777)
        #expect(try status(place.folder("empty"), "-o", pairs, says: "without videos") == 65)
        let file = place.folder.write([1], to: "file")
        #expect(try status(clips, "-o", file, says: "cannot be created") == 73)
    }

    @Test("A clip that cannot be read is named, and the others go on")
    func brokenClip() throws {
        defer { clean() }
        writeBytes(Array("no video".utf8), to: clips + "/broken.mkv")
        let result = try degrade("--codecs", "mpeg2", "--per-clip", "1", "--progress", "none")
        #expect(result.status == 1 && result.errors.contains("broken.mkv"), "\(result.errors)")
        let listed = try lines()
        #expect(listed.count > 4)
    }
}
