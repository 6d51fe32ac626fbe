// Pictures and clips of random textures: each seed another scene, which can be panned over.
import Media
import Tensors
import TestSupport

@testable import Finding

/// A scene of random coloured rectangles, 320x200, soft enough to be reduced.
struct Scene {
    static let width = 320, height = 200
    let pixels: [UInt8]

    init(_ seed: UInt64) {
        var random = RandomSource(seed: seed)
        var pixels = [UInt8](repeating: 0, count: 3 * Self.width * Self.height)
        for index in pixels.indices { pixels[index] = [90, 110, 130][index % 3] }
        for _ in 0..<140 {
            let w = Int.random(in: 12...70, using: &random)
            let h = Int.random(in: 12...60, using: &random)
            let x = Int.random(in: 0..<Self.width - w, using: &random)
            let y = Int.random(in: 0..<Self.height - h, using: &random)
            let colour = (0..<3).map { _ in UInt8.random(in: 10...245, using: &random) }
            for row in y..<y + h {
                for column in x..<x + w {
                    let at = 3 * (row * Self.width + column)
                    for channel in 0..<3 { pixels[at + channel] = colour[channel] }
                }
            }
        }
        self.pixels = pixels
    }

    /// What a window of the scene shows.
    func window(_ x: Int, _ y: Int, _ width: Int, _ height: Int) -> UprightPicture {
        picture(width, height) { column, row, channel in
            Int(pixels[3 * ((y + row) * Self.width + x + column) + channel])
        }
    }

    /// The usual window.
    var picture160: UprightPicture { window(40, 30, 160, 96) }
    var small: SmallPicture { SmallPicture(picture160) }
}

/// A memory of scenes, one picture each, of which number `index` is in video `index`.
func memory(of seeds: Range<UInt64>) throws -> PictureMemory {
    try memory(of: seeds.map { [(0, Scene($0).small)] })
}

/// A memory of videos that are made of pictures, each video one shot unless `shots` says where others begin.
func memory(
    of videos: [[(time: Double, picture: SmallPicture)]], shots: [Int: [Double]] = [:]
) throws -> PictureMemory {
    var fine: [Float] = [], coarse: [Float] = [], names: [String] = []
    var list: [IndexedVideo] = []
    for (index, pictures) in videos.enumerated() {
        list.append(
            IndexedVideo(
                number: index + 1, path: "/v/\(index)",
                summary: .init(width: 160, height: 96, duration: pictures.last?.time ?? 0),
                pictures: pictures.count, shots: shots[index] ?? [0]))
        for (time, picture) in pictures {
            let pattern = PicturePattern(picture)
            fine += pattern.fine
            coarse += pattern.coarse
            names.append("\(index + 1) \(Int((time * 1000).rounded()))")
        }
    }
    return try PictureMemory(
        list, keys: Tensor(fine, shape: [names.count, PicturePattern.width]),
        coarse: Tensor(coarse, shape: [names.count, PicturePattern.coarseWidth]), names: names)
}

/// Writes a clip of shots, each a scene that is panned over for some seconds, 25 frames a second.
func writeClip(
    _ shots: [(seed: UInt64, seconds: Double, speed: Double)], to path: String, options: String = ""
) {
    var bytes: [UInt8] = []
    for shot in shots {
        let scene = Scene(shot.seed)
        for frame in 0..<Int(shot.seconds * 25) {
            let x = 20 + Int(Double(frame) * shot.speed / 25)
            bytes += scene.window(x, 30, 160, 96).pixels
        }
    }
    let raw = path + ".rgb"
    writeBytes(bytes, to: raw)
    ffmpeg(
        "-f rawvideo -pix_fmt rgb24 -s 160x96 -r 25 -i '\(raw)' -c:v libx264 -qp 24 -g 50 "
            + "-pix_fmt yuv420p \(options) '\(path)'")
    shell("rm '\(raw)'")
}
