// Videos, models and folders that the tests of the built program work on.
import Enhancement
import Networks
import Tensors
import TestSupport

/// A folder with clips, and a model whose residual is random but small.
struct Workplace {
    let folder = TemporaryFolder()
    let mwgan = BuiltProgram.mwgan

    var model: String { folder("model.safetensors") }

    /// A folder with a model in it.
    init() throws { try Workplace.randomModel().write(to: model) }

    static func randomModel() -> EnhancementModel {
        var random = RandomSource(seed: 1)
        let generator = Generator(.live)
        var parameters = Parameters(initialising: generator, using: &random)
        let exit = parameters.position(of: "generator.exit.weight")!
        parameters[exit] = .normal(parameters[exit].shape, deviation: 0.05, using: &random)
        return EnhancementModel(name: "random", generator: generator, parameters: parameters)
    }

    /// A compressed clip of moving test pattern with a tone.
    @discardableResult
    func clip(
        _ name: String = "clip.mp4", frames: Int = 8, size: String = "80x64",
        codec: String = "libx264 -qp 34 -pix_fmt yuv420p"
    ) -> String {
        let path = folder(name)
        let seconds = Double(frames) / 25
        ffmpeg(
            "-f lavfi -i testsrc2=size=\(size):rate=25 -f lavfi -i sine=frequency=440 "
                + "-frames:v \(frames) -t \(seconds) -c:v \(codec) -c:a aac file:'\(path)'")
        return path
    }

    /// Runs `mwgan enhance` with the folder's model, quietly.
    func enhance(_ words: String...) throws -> ProgramResult {
        try mwgan.run(["enhance", "--model", model, "-q"] + words)
    }

    /// The MD5 of all decoded samples of a file's video.
    static func samples(_ path: String) -> String {
        String(
            decoding: ffmpeg("-i file:'\(path)' -map 0:v:0 -fps_mode passthrough -f md5 -"),
            as: UTF8.self)
    }

    /// What ffprobe says of the first video stream.
    static func probe(_ path: String, _ entry: String) -> String {
        let result = shell(
            "ffprobe -v error -count_frames -select_streams v:0 -show_entries stream=\(entry) "
                + "-of csv=p=0 'file:\(path)'")
        return String(decoding: result.output, as: UTF8.self).split(separator: "\n").first.map {
            String($0).trimmingCommas
        } ?? ""
    }
}

extension String {
    fileprivate var trimmingCommas: String { String(self.drop { $0 == "," }.prefix { $0 != "," }) }
}
