// The commands beside enhance: compare, probe, models, doctor, export, evaluate, train.
import Glibc
import Networks
import Terminal
import TestSupport
import Testing

@Suite("Other commands", .serialized)
struct ToolTests {
    @Test("compare pairs frames and prints means, JSON and CSV")
    func compare() throws {
        let place = try Workplace()
        let pristine = place.clip("pristine.mkv", codec: "ffv1 -pix_fmt yuv420p")
        let clip = place.clip("clip.mkv")
        let table = try place.mwgan.run("compare", "-q", pristine, clip)
        #expect(table.status == 0, "\(table.errors)")
        #expect(table.text.contains("8 frames") && table.text.contains("PSNR"))
        let same = try place.mwgan.run("compare", "-q", clip, clip)
        #expect(same.text.contains("equal"))
        let csv = try place.mwgan.run("compare", "-q", pristine, clip, "--format", "csv")
        #expect(csv.text.split(separator: "\n").count == 9)
        let json = try place.mwgan.run("compare", "-q", pristine, clip, "--format", "json")
        #expect(json.text.contains("\"unpairedReference\": 0"))
        let shorter = place.clip("short.mkv", frames: 5)
        let uneven = try place.mwgan.run("compare", "--progress", "none", pristine, shorter)
        #expect(uneven.errors.contains("3 frames of"))
    }

    @Test("probe says what a file is, how damaged, and what enhance would write")
    func probe() throws {
        let place = try Workplace()
        let result = try place.mwgan.run("probe", place.clip())
        #expect(result.status == 0, "\(result.errors)")
        for word in ["80x64", "h264", "quantisers", "clip.enhanced.mp4"] {
            #expect(result.text.contains(word), "\(word): \(result.text)")
        }
        let missing = try place.mwgan.run("probe", "--json", place.folder("none.mp4"))
        #expect(missing.status == 66)
    }

    @Test("models and doctor find the weights that PERCEPT_MODELS names")
    func models() throws {
        let place = try Workplace()
        let environment = ["PERCEPT_MODELS": place.folder.path]
        let models = try place.mwgan.run(["models", "--json"], environment: environment)
        #expect(models.status == 0 && models.text.contains(place.model), "\(models.errors)")
        #expect(models.text.contains("\"sha256\""))
        _ = shell("cp '\(place.model)' '\(place.folder("live.safetensors"))'")
        let doctor = try place.mwgan.run(["doctor"], environment: environment)
        #expect(doctor.text.contains("libavcodec") && doctor.text.contains("model live"))
    }

    @Test("models import makes a model of published weights, which enhances; it refuses others")
    func importing() throws {
        let place = try Workplace()
        let tests = #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined()
        let weights = tests + "/EnhancementTests/Fixtures/reference-8.pth"
        let model = place.folder("published.safetensors")
        let result = try place.mwgan.run("models", "import", weights, "-o", model)
        #expect(result.status == 0 && result.text == model + "\n", "\(result.errors)")
        let output = place.folder("out.mkv")
        let enhanced = try place.mwgan.run(
            "enhance", "--model", model, "-q", "--size", "max", "-o", output, place.clip())
        #expect(enhanced.status == 0, "\(enhanced.errors)")
        #expect(Workplace.probe(output, "nb_read_frames") == "8")
        let onnx = try place.mwgan.run(
            "export", model, "-o", place.folder("m.onnx"), "--width", "64", "--height", "48")
        #expect(onnx.status == 0, "\(onnx.errors)")
        // What is not PyTorch's, cannot be trained, or is no question.
        let clip = try place.mwgan.run("models", "import", place.clip())
        #expect(clip.status == 65 && clip.errors.contains("torch.save"), "\(clip.errors)")
        let train = try place.mwgan.run("train", place.folder.path, "--from", model, "-q")
        #expect(train.status == 65 && train.errors.contains("not trained"), "\(train.errors)")
        #expect(try place.mwgan.run("models", "import").status == 64)
        #expect(try place.mwgan.run("models", "list").status == 64)
    }

    @Test("--shape says the size of new weights, and nonsense is refused")
    func shapes() throws {
        let place = try Workplace()
        place.clip("a.mkv", size: "160x128", codec: "ffv1 -pix_fmt yuv420p")
        place.clip("b.mkv", size: "160x128")
        let line =
            #"{"id": "b", "set": "train", "reference": "a.mkv", "degraded": "b.mkv", "#
            + #""codec": "x264", "kind": "qp", "rate": 34}"# + "\n"
        place.folder.write(Array(line.utf8), to: "pairs.jsonl")
        let weights = place.folder("t.safetensors")
        let result = try place.mwgan.run(
            "train", place.folder.path, "--shape", "16x2+32x1@5", "--steps", "2", "--batch", "1",
            "-o", weights, "-q")
        #expect(result.status == 0, "\(result.errors)")
        let output = place.folder("out.mkv")
        let enhanced = try place.mwgan.run(
            "enhance", "--model", weights, "-q", "--size", "max", "-o", output,
            place.folder("b.mkv"))
        #expect(enhanced.status == 0, "\(enhanced.errors)")
        #expect(Workplace.probe(output, "nb_read_frames") == "8")
        for refused in [
            ["--blend", "2", "--from", place.model], ["--blend", "0.5"],
            ["--blend", "auto", "--from", place.model, "--held-out", "0"],
            ["--blend", "auto", "--phase", "perceptual", "--from", place.model],
        ] {
            let result = try place.mwgan.run(["train", place.folder.path] + refused)
            #expect(result.status == 64 && result.errors.contains("--blend"), "\(result.errors)")
        }
        let unheld = try place.mwgan.run(
            "train", place.folder.path, "--from", place.model, "--blend", "auto", "-q")
        #expect(unheld.status == 65 && unheld.errors.contains("set select"), "\(unheld.errors)")
        let nonsense = try place.mwgan.run("train", place.folder.path, "--shape", "17x2")
        #expect(nonsense.status == 64 && nonsense.errors.contains("--shape 17x2"))
        _ = shell("rm -r '\(place.folder("packed-5-frames"))'")
    }

    @Test("export writes a model that names its sizes")
    func export() throws {
        let place = try Workplace()
        let output = place.folder("m.onnx")
        let result = try place.mwgan.run(
            "export", place.model, "-o", output, "--width", "64", "--height", "48")
        #expect(result.status == 0 && result.text == output + "\n", "\(result.errors)")
        #expect(readBytes(output).count > 10_000)
    }

    @Test("train packs pairs, resumes, and writes a model that evaluate measures")
    func train() throws {
        let place = try Workplace()
        place.clip("a.mkv", size: "160x128", codec: "ffv1 -pix_fmt yuv420p")
        place.clip("b.mkv", size: "160x128")
        func line(_ set: String) -> String {
            #"{"id": "b-\#(set)", "set": "\#(set)", "reference": "a.mkv", "degraded": "b.mkv", "#
                + #""codec": "x264", "kind": "qp", "rate": 34}"# + "\n"
        }
        place.folder.write(Array((line("train") + line("select")).utf8), to: "pairs.jsonl")
        let (weights, state) = (place.folder("t.safetensors"), place.folder("t.state"))
        func train(_ steps: String) throws -> ProgramResult {
            try place.mwgan.run(
                "train", place.folder.path, "--steps", steps, "--batch", "2", "--checkpoint",
                state, "-o", weights, "-q")
        }
        let first = try train("3")
        #expect(first.status == 0, "\(first.errors)")
        let second = try train("5")
        #expect(second.status == 0, "\(second.errors)")
        let result = try place.mwgan.run(
            "evaluate", place.folder.path, "--model", weights, "-q", "--frames", "4")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.text.contains("mean x264 qp 34 (1)") && result.text.contains("harm:"))
        // 'luma step  frames  gain Y ...', and a row for the one step of the clip.
        #expect(result.text.contains("luma step  frames  gain Y"))
        let closed = try place.mwgan.run(
            "evaluate", place.folder.path, "--model", weights, "-q", "--frames", "4", "--gate",
            "900:1000", "--format", "json")
        let gains = try JSONValue(parsing: Array(closed.text.utf8))["clips"]?.elements?.first?[
            "gain"]?.elements?.compactMap(\.double)
        #expect(gains?.allSatisfy { $0 == 0 } == true, "\(closed.text)")
        #expect(
            try place.mwgan.run("evaluate", place.folder.path, "--gate", "9:6", "-q").status == 64)
        try gate(weights, place)
        let beside = try place.mwgan.run(
            "evaluate", place.folder.path, "--model", weights, "-q", "--frames", "4", "--peers",
            "--format", "json")
        #expect(beside.status == 0, "\(beside.errors)")
        let json = try JSONValue(parsing: Array(beside.text.utf8))
        let filters = json["peers"]?.elements?.compactMap { $0["filter"]?.text } ?? []
        #expect(filters.contains { $0.hasPrefix("hqdn3d=") }, "\(beside.text)")
        #expect(json["peers"]?.elements?.allSatisfy { $0["clips"]?.elements?.count == 1 } == true)
        _ = shell("rm -r '\(place.folder("packed"))'")
    }

    /// A file says from which steps on its weights help; what is trained further keeps it, and what is
    /// calibrated.
    private func gate(_ weights: String, _ place: Workplace) throws {
        let (ready, further) = (place.folder("g.safetensors"), place.folder("h.safetensors"))
        let gated = try place.mwgan.run("models", "gate", weights, "5.5:9", "-o", ready, "-q")
        #expect(gated.status == 0 && gated.text == ready + "\n", "\(gated.errors)")
        for nonsense in ["9:5", "9", "low"] {
            let refused = try place.mwgan.run("models", "gate", weights, nonsense, "-o", further)
            #expect(refused.status == 64 && access(further, F_OK) != 0, "\(refused.errors)")
        }
        let trained = try place.mwgan.run(
            "train", place.folder.path, "--from", ready, "--steps", "1", "--batch", "2", "-o",
            further, "-q")
        #expect(trained.status == 0, "\(trained.errors)")
        let calibrated = place.folder("i.safetensors")
        let calibration = try place.mwgan.run(
            "models", "calibrate", ready, place.folder.path, "-o", calibrated, "-q")
        // What int8 costs can be measured only where the processor has it.
        let isMeasured = calibration.status == 0
        #expect(isMeasured || calibration.errors.contains("VNNI"), "\(calibration.errors)")
        for file in [ready, further] + (isMeasured ? [calibrated] : []) {
            #expect(try Safetensors(contentsOf: file).metadata["percept.gate"] == "5.5:9")
        }
    }

    @Test("evaluate writes a page with a picture of each clip")
    func page() throws {
        let place = try Workplace()
        place.clip("a.mkv", size: "160x128", codec: "ffv1 -pix_fmt yuv420p")
        place.clip("b.mkv", size: "160x128")
        let line =
            #"{"id": "b <1> & 50%", "set": "select", "reference": "a.mkv", "degraded": "b.mkv", "#
            + #""codec": "x264", "kind": "qp", "rate": 34}"# + "\n"
        place.folder.write(Array(line.utf8), to: "pairs.jsonl")
        let words = [
            "evaluate", place.folder.path, "--model", place.model, "-q", "--frames", "4", "--page",
        ]
        let page = place.folder("page")
        let result = try place.mwgan.run(words + [page])
        #expect(result.status == 0, "\(result.errors)")
        let text = String(decoding: readBytes(page + "/index.html"), as: UTF8.self)
        #expect(text.contains("b &lt;1&gt; &amp; 50%: ") && !text.contains("<1>"))
        #expect(text.contains("src=\"b%20%3C1%3E%20%26%2050%25.png\""))
        // Compressed, restored and original side by side, with gaps.
        #expect(Workplace.probe(page + "/b <1> & 50%.png", "width") == "488")
        #expect(try place.mwgan.run(words + ["/proc/page"]).status == 73)
        _ = shell("rm -r '\(page)'")
    }

    @Test("evaluate writes what weights of recalled pictures are fitted to")
    func recallSamples() throws {
        let place = try Workplace()
        // A scene, another one, and the first again, each with a key frame of its own.
        let scenes = ["0x3366AA", "0xAA6633", "0x3366AA"].enumerated().map { index, colour in
            let seed = colour == "0x3366AA" ? 3 : 8
            return "color=\(colour):s=160x128:r=25:d=0.4,noise=alls=60:all_seed=\(seed),"
                + "gblur=sigma=1.5[s\(index)]"
        }
        let graph = scenes.joined(separator: ";") + ";[s0][s1][s2]concat=n=3"
        ffmpeg(
            "-f lavfi -i '\(graph)' -c:v ffv1 -pix_fmt yuv420p '\(place.folder("a.mkv"))'")
        ffmpeg(
            "-i '\(place.folder("a.mkv"))' -c:v libx264 -qp 34 -bf 0 -x264-params keyint=10:scenecut=0"
                + " '\(place.folder("b.mkv"))'")
        func evaluate(_ degraded: String, _ output: String) throws -> ProgramResult {
            let line =
                #"{"id": "one", "set": "select", "reference": "a.mkv", "degraded": "\#(degraded)", "#
                + #""codec": "x264", "kind": "qp", "rate": 34}"# + "\n"
            place.folder.write(Array(line.utf8), to: "pairs.jsonl")
            return try place.mwgan.run(
                "evaluate", place.folder.path, "--model", place.model, "-q", "--recall-samples",
                output)
        }
        let samples = place.folder("samples")
        defer { _ = shell("rm -r '\(samples)'") }
        let result = try evaluate("b.mkv", samples)
        #expect(result.status == 0, "\(result.errors)")
        let file = try Safetensors(contentsOf: samples + "/one.safetensors")
        let frames = try file.tensor("frames")
        #expect(result.text == "\(frames.shape[0]) frames of 1 pairs in \(samples)\n")
        // The first and the third scene are one, of 10 frames each; a frame has 20 x 16 blocks.
        #expect((1...20).contains(frames.shape[0]) && frames.shape[1] == 2)
        #expect(try file.tensor("samples").shape == [320 * frames.shape[0], 12])
        let missing = try evaluate("none.mkv", samples)
        #expect(missing.status == 1 && missing.errors.contains("none.mkv"), "\(missing)")
        #expect(try evaluate("b.mkv", "/proc/samples").status == 73)
    }
}
