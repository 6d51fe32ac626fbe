// mwgan enhance on what it must refuse: a clear line, the right status, nothing left behind.
import Enhancement
import Networks
import Tensors
import TestSupport
import Testing

@Suite("Bad input", .serialized)
struct BadInputTests {
    /// Expects one line of complaint with `words`, a status, and no new file.
    private func refuses(
        _ place: Workplace, _ words: [String], status: Int32, saying text: String,
        location: SourceLocation = #_sourceLocation
    ) throws {
        let before = place.folder.names
        let result = try place.mwgan.run(["enhance", "--progress", "none"] + words)
        #expect(result.status == status, "\(result.errors)", sourceLocation: location)
        #expect(result.errors.contains(text), "\(result.errors)", sourceLocation: location)
        #expect(
            result.errors.split(separator: "\n").filter { $0.contains("error:") }.count == 1,
            "\(result.errors)", sourceLocation: location)
        #expect(result.text == "", sourceLocation: location)
        #expect(place.folder.names == before, sourceLocation: location)
    }

    @Test("Files that are no video")
    func notVideo() throws {
        let place = try Workplace()
        let model = ["--model", place.model]
        try refuses(
            place, model + [place.folder("none.mp4")], status: 66, saying: "no such file")
        let text = place.folder.write(Array("this is text\n".utf8), to: "text.mp4")
        try refuses(place, model + [text], status: 65, saying: "text.mp4")
        let empty = place.folder.write([], to: "empty.mp4")
        try refuses(place, model + [empty], status: 65, saying: "empty.mp4")
        let list = place.folder.write(
            Array("#EXTM3U\n#EXTINF:1,\nclip.ts\n#EXT-X-ENDLIST\n".utf8), to: "list.m3u8")
        try refuses(place, model + [list], status: 65, saying: "list.m3u8")
        let sound = place.folder("sound.mp4")
        ffmpeg("-f lavfi -i sine -t 1 '\(sound)'")
        try refuses(place, model + [sound], status: 65, saying: "only audio")
    }

    @Test("A codec that nobody knows is bad data, not a missing decoder")
    func unknownCodec() throws {
        let place = try Workplace()
        var bytes = readBytes(place.clip())
        let name = Array("avc1".utf8)
        for at in 0..<(bytes.count - 4) where Array(bytes[at..<at + 4]) == name {
            bytes.replaceSubrange(at..<at + 4, with: Array("zzzz".utf8))
        }
        let clip = place.folder.write(bytes, to: "unknown.mp4")
        try refuses(place, ["--model", place.model, clip], status: 65, saying: "codec is unknown")
    }

    @Test("Sound that is nothing but noise is left out, and the picture is kept")
    func deadSound() throws {
        let place = try Workplace()
        var bytes = readBytes(place.clip("sound.ts", frames: 20))
        for packet in stride(from: 0, to: bytes.count - 187, by: 188) {
            // The second stream of ffmpeg's transport streams; what follows is headers and payload.
            let stream = Int(bytes[packet + 1] & 0x1F) << 8 | Int(bytes[packet + 2])
            guard stream == 0x101 else { continue }
            for index in 30..<188 { bytes[packet + index] = 0xFF }
        }
        let clip = place.folder.write(bytes, to: "dead.ts"), output = place.folder("out.mkv")
        let result = try place.mwgan.run([
            "enhance", "--model", place.model, "--lenient", "-y", clip, "-o", output,
        ])
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.contains("is left out"), "\(result.errors)")
        #expect(Workplace.probe(output, "nb_read_frames") == "20")
    }

    @Test("Pictures beyond the limit")
    func large() throws {
        let place = try Workplace()
        try refuses(
            place, ["--model", place.model, "--max-pixels", "1000", place.clip()], status: 65,
            saying: "--max-pixels")
    }

    @Test("A truncated file names --lenient, which keeps what can be read")
    func truncated() throws {
        let place = try Workplace()
        let whole = readBytes(place.clip("whole.mkv", frames: 100))
        let clip = place.folder.write(Array(whole.prefix(whole.count / 2)), to: "cut.mkv")
        try refuses(place, ["--model", place.model, clip], status: 65, saying: "--lenient")
        let result = try place.enhance(clip, "--lenient", "-o", place.folder("kept.mkv"))
        #expect(result.status == 0, "\(result.errors)")
        let frames = Int(Workplace.probe(place.folder("kept.mkv"), "nb_read_frames")) ?? 0
        #expect(frames > 20 && frames < 100)
    }

    @Test("Outputs that cannot be")
    func outputs() throws {
        let place = try Workplace()
        let clip = place.clip()
        let model = ["--model", place.model]
        try refuses(place, model + [clip, "-y", "-o", clip], status: 64, saying: "input itself")
        let old = place.folder.write([1, 2, 3], to: "old.mp4")
        try refuses(place, model + [clip, "-o", old], status: 73, saying: "exists")
        #expect(readBytes(old) == [1, 2, 3])
        try refuses(
            place, model + [clip, "-o", place.folder("no/such/out.mp4")], status: 73,
            saying: "cannot be created")
        try refuses(
            place, model + [clip, "-o", "/proc/out.mp4"], status: 73, saying: "cannot be created")
        try refuses(
            place, model + [clip, "-o", place.folder("out.xyz")], status: 64, saying: "out.xyz")
        try refuses(
            place, model + [clip, "--size", "900000G", "-o", place.folder("o.mp4")], status: 74,
            saying: "free")
        try refuses(
            place, model + [clip, old, "-o", place.folder("o.mp4")], status: 64, saying: "-o DIR/")
    }

    @Test("A balance that is no share, or that the model has no weights for")
    func balance() throws {
        let place = try Workplace()
        let clip = place.clip(), model = ["--model", place.model]
        try refuses(place, model + ["--balance", "2", clip], status: 64, saying: "from 0 to 1")
        try refuses(
            place, model + ["--balance", "0.5", clip], status: 69, saying: "no perceptual weights")
        for balance in ["auto", "0"] {
            let output = place.folder("\(balance).mkv")
            #expect(try place.enhance(clip, "--balance", balance, "-o", output).status == 0)
        }
        let weights = place.folder("model.perceptual.safetensors")
        try Workplace.randomModel().write(to: weights)
        let report = place.folder("report.json")
        let result = try place.enhance(
            clip, "--balance", "0.5", "--report", report, "-o", place.folder("half.mkv"))
        #expect(result.status == 0, "\(result.errors)")
        let text = String(decoding: readBytes(report), as: UTF8.self)
        #expect(text.contains("\"balance\": \"0.5\"") && text.contains(weights))
    }

    @Test("Weights that are missing, cut short, or of another shape or name")
    func weights() throws {
        let place = try Workplace()
        let clip = place.clip()
        try refuses(
            place, ["--model", place.folder("none.safetensors"), clip], status: 69,
            saying: "no such weights")
        let bytes = readBytes(place.model)
        let cut = place.folder.write(
            Array(bytes.prefix(bytes.count - 100)), to: "cut.safetensors")
        try refuses(place, ["--model", cut, clip], status: 65, saying: "cut.safetensors")
        let model = Workplace.randomModel()
        let all = model.parameters.map { (name: $0.path, tensor: $0.tensor) }
        let metadata = try Safetensors(contentsOf: place.model).metadata
        func write(_ tensors: [(name: String, tensor: Tensor<Float>)], _ name: String) throws
            -> String
        {
            let path = place.folder(name)
            try Safetensors.write(tensors, metadata: metadata, to: path)
            return path
        }
        let lacking = try write(Array(all.dropLast()), "lacking.safetensors")
        try refuses(place, ["--model", lacking, clip], status: 65, saying: all.last!.name)
        let odd = all.map {
            $0.name == "generator.exit.bias"
                ? (name: $0.name, tensor: Tensor<Float>(repeating: 0, shape: [7])) : $0
        }
        let other = try write(odd, "other.safetensors")
        try refuses(place, ["--model", other, clip], status: 65, saying: "generator.exit.bias")
        let renamed = all.map {
            $0.name == "generator.exit.bias" ? (name: "exit.bias", tensor: $0.tensor) : $0
        }
        let wrong = try write(renamed, "wrong.safetensors")
        try refuses(place, ["--model", wrong, clip], status: 65, saying: "exit.bias")
    }
}
