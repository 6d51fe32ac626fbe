import Foundation
import Media
import Motion
import Tensors
import TestSupport
import Testing

@Suite("Scene cut") struct SceneCutTests {
    @Test("Another picture is a cut; motion and flashes are none")
    func synthetic() {
        let first = scene(seed: 1, shift: 0, brightness: 0)
        #expect(isCut(scene(seed: 2, shift: 0, brightness: 0), after: first))
        #expect(!isCut(scene(seed: 1, shift: 9, brightness: 0), after: first))
        #expect(!isCut(scene(seed: 1, shift: 2, brightness: 60), after: first))
        #expect(!isCut(first, after: first))
    }

    @Test("Flat pictures that change their brightness are no cut")
    func fade() {
        let dark = Plane(width: 160, height: 96) { _, _ in 16 }
        let bright = Plane(width: 160, height: 96) { _, _ in 60 }
        #expect(!isCut(bright, after: dark))
    }

    @Test(
        "Real clips are cut where they were joined, and nowhere else",
        .enabled(if: dataFolder != nil))
    func joined() throws {
        let folder = try #require(dataFolder) + "/video/"
        let names = ["davis_parkour", "davis_motocross-jump", "davis_lady-running", "davis_libby"]
        var isFirst = true
        var previous: Plane?
        for name in names {
            for (index, frame) in try lumas(folder + name + "_416x240.mkv", 416, 240, 10)
                .enumerated()
            {
                if let previous {
                    #expect(
                        isCut(frame, after: previous) == (index == 0 && !isFirst),
                        "\(name) \(index)")
                }
                previous = frame
            }
            isFirst = false
        }
    }

    private func isCut(_ current: Plane, after previous: Plane) -> Bool {
        let a = MotionPyramid(luma: current, depth: 8), b = MotionPyramid(luma: previous, depth: 8)
        let estimator = MotionEstimator(width: current.width, height: current.height)
        return SceneCut()(current: a, previous: b, flow: estimator.estimate(from: a, to: b))
    }

    /// Smooth random blobs; `shift` moves them, `seed` makes other ones.
    private func scene(seed: UInt64, shift: Int, brightness: Int) -> Plane {
        var random = RandomSource(seed: seed)
        let knots = (0..<64 * 64).map { _ in random.uniform() * 160 }
        return Plane(width: 320, height: 192) { x, y in
            let (u, v) = (Double(x + 64 - shift) / 10, Double(y + 64) / 10)
            let (i, j) = (Int(u), Int(v))
            let (fu, fv) = (u - Double(i), v - Double(j))
            let upper = knots[j * 64 + i] * (1 - fu) + knots[j * 64 + i + 1] * fu
            let lower = knots[(j + 1) * 64 + i] * (1 - fu) + knots[(j + 1) * 64 + i + 1] * fu
            let texture = knots[((y + 64) * 31 + (x + 64 - shift) * 17) % 4093] / 3
            let value = (upper * (1 - fv) + lower * fv) / 2 + texture
            return min(Int(value) + 20 + brightness, 255)
        }
    }
}

private func lumas(_ path: String, _ width: Int, _ height: Int, _ count: Int) throws -> [Plane] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
        "ffmpeg", "-v", "error", "-nostdin", "-i", path, "-frames:v", "\(count)", "-pix_fmt",
        "yuv420p", "-f", "rawvideo", "-",
    ]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let size = width * height * 3 / 2
    return (0..<data.count / size).map { index in
        Plane(width: width, height: height) { Int(data[index * size + $1 * width + $0]) }
    }
}
