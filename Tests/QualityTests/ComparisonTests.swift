import Foundation
import Media
import Quality
import Tensors
import TestSupport
import Testing

@Suite("Comparison") struct ComparisonTests {
    @Test("PSNR of every plane and frame is what ffmpeg's psnr filter says")
    func ffmpeg() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "percept-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (source, coded) = ("source.yuv", "coded.yuv")
        let raw = ["-f", "rawvideo", "-pix_fmt", "yuv420p"]
        try run(["-f", "lavfi", "-i", "testsrc2=s=176x144:r=5:d=1"] + raw + [source], in: folder)
        let size = ["-s", "176x144"]
        try run(raw + size + ["-i", source, "-c:v", "mpeg4", "-q:v", "9", "c.avi"], in: folder)
        try run(["-i", "c.avi"] + raw + [coded], in: folder)
        try run(
            raw + size + ["-i", coded] + raw + size
                + ["-i", source, "-lavfi", "psnr=stats_file=psnr.log", "-f", "null", "-"],
            in: folder)
        let log = try String(
            contentsOf: folder.appendingPathComponent("psnr.log"), encoding: .utf8)
        let expected = log.split(separator: "\n").map { line in
            ["psnr_y:", "psnr_u:", "psnr_v:"].map { key in
                line.split(separator: " ").first { $0.hasPrefix(key) }
                    .flatMap { Double($0.dropFirst(key.count)) } ?? .nan
            }
        }
        let references = try frames(folder.appendingPathComponent(source), 176, 144)
        let tests = try frames(folder.appendingPathComponent(coded), 176, 144)
        #expect(expected.count == 5 && references.count == 5 && tests.count == 5)
        var comparison = Comparison()
        for ((reference, test), values) in zip(zip(references, tests), expected) {
            let quality = try comparison.add(reference: reference, test: test)
            for (plane, value) in zip(quality.planes, values) {
                #expect(abs(plane.psnr - value) < 0.0051)
            }
        }
        let mean = try #require(comparison.mean(plane: 0)?.psnr)
        #expect(abs(mean - expected.map { $0[0] }.reduce(0, +) / 5) < 0.0051)
    }

    @Test("Frames that cannot be compared are named in one line")
    func mismatch() {
        var comparison = Comparison()
        let a = Frame(width: 32, height: 32, format: FrameFormat(.yuv420))
        let b = Frame(width: 32, height: 32, format: FrameFormat(.yuv420, depth: 10))
        #expect(throws: ComparisonError.self) { try comparison.add(reference: a, test: b) }
        do {
            try comparison.add(reference: a, test: b)
        } catch {
            #expect(!"\(error)".contains("\n") && "\(error)".contains("10-bit"))
        }
    }

    @Test("Flicker counts differing change, not constant error")
    func flicker() throws {
        func frame(_ value: @escaping (Int, Int) -> Int) -> Frame {
            Frame(
                width: 32, height: 24, format: FrameFormat(.gray),
                planes: [Plane(width: 32, height: 24, value)])
        }
        var steady = Comparison(multiScale: false), restless = steady
        for t in 0..<4 {
            let reference = frame { x, y in x + y + t }
            try steady.add(reference: reference, test: frame { x, y in x + y + t + 9 })
            try restless.add(
                reference: reference, test: frame { x, y in x + y + t + (t % 2 == 0 ? 4 : 0) })
        }
        #expect(steady.meanFlicker == 0)
        #expect(restless.meanFlicker == 4)
        #expect(restless.frames[0].flicker == nil && restless.frames[0].planes.count == 1)
    }
}

private func run(_ arguments: [String], in folder: URL) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["ffmpeg", "-v", "error", "-nostdin", "-y"] + arguments
    process.currentDirectoryURL = folder
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "ffmpeg \(arguments)")
}

private func frames(_ url: URL, _ width: Int, _ height: Int) throws -> [Frame] {
    let data = try Data(contentsOf: url)
    let format = FrameFormat(.yuv420)
    let size = width * height * 3 / 2
    return (0..<data.count / size).map { index in
        var offset = index * size
        let planes = (0..<3).map { plane in
            let extent = format.planeSize(plane, width: width, height: height)
            let start = offset
            offset += extent.width * extent.height
            return Plane(width: extent.width, height: extent.height) {
                Int(data[start + $1 * extent.width + $0])
            }
        }
        return Frame(width: width, height: height, format: format, planes: planes)
    }
}
