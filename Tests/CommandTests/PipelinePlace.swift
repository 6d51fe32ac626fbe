// Folders that the tests of the built pipeline work on.
import Enhancement
import Glibc
import Networks
import Terminal
import TestSupport

/// A folder of inputs, one of outputs, and a model whose residual is random but small.
struct PipelinePlace {
    let folder = TemporaryFolder()
    let pipeline = BuiltProgram(name: "pipeline")
    var output: String { folder("out") }
    var manifest: String { folder("out/manifest.jsonl") }
    var model: String { folder("model.safetensors") }

    init() throws {
        try Workplace.randomModel().write(to: model)
        shell("mkdir '\(folder("in"))'")
    }

    /// A clip of moving test pattern below the folder of inputs, a key frame every five.
    func clip(_ name: String, frames: Int = 8, hue: Int = 0, options: String = "") {
        // Made under a plain name: shells have ideas about others.
        let made = folder("made." + name.split(separator: ".").last!)
        ffmpeg(
            "-f lavfi -i testsrc2=size=80x64:rate=25 -frames:v \(frames) -vf hue=h=\(hue) "
                + "-c:v libx264 -qp 34 -g 5 -pix_fmt yuv420p \(options) '\(made)'")
        rename(made, folder("in/\(name)"))
    }

    /// Words that enhance without looking for interactions, quickly.
    var words: [String] {
        [
            folder("in"), "-o", output, "--stages", "enhance", "--model", model, "--encoder",
            "ffv1",
        ]
    }

    /// Runs `pipeline run` quietly.
    func run(_ more: String..., environment: [String: String] = [:]) throws -> ProgramResult {
        try pipeline.run(
            ["run"] + words + ["--progress", "none"] + more, environment: environment)
    }

    /// The MD5 of all decoded samples, by name of the file below the folder of outputs.
    func samples() -> [String: String] {
        let found = shell(
            "cd '\(output)' 2> /dev/null && find . -name '*.enhanced.*' ! -name '*.part' -type f -print0"
        ).output
        var result: [String: String] = [:]
        for name in found.split(separator: 0) {
            let name = String(decoding: name.dropFirst(2), as: UTF8.self)
            let link = folder("link")
            unlink(link)
            symlink("\(output)/\(name)", link)
            result[name] = Workplace.samples(link)
        }
        return result
    }
}
