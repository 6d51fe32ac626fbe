import Media
import TestSupport
import Testing

@testable import Interaction

@Suite("Detecting in many pictures", .serialized)
struct DetectionJobTests {
    private let folder = TemporaryFolder()

    private func known() throws -> BoxSource {
        let boxes = """
            {"category": "person", "box": [1, 1, 20, 30]}, {"category": "horse", "box": [5, 10, 39, 30]}
            """
        let lines = ["a.png", "clip.mp4"].map { "{\"image\": \"\($0)\", \"boxes\": [\(boxes)]}" }
        return .known(
            try KnownDetections(
                contentsOf: folder.write(
                    Array(lines.joined(separator: "\n").utf8), to: "boxes.jsonl")))
    }

    private func finder() throws -> InteractionFinder {
        try InteractionFinder(constantModel([("feed", 0.3), ("ride", 0.8)]))
    }

    @Test("Pictures, failures and videos are told in order, and a video's events at its end")
    func order() throws {
        let bytes = try picture(40, 30) { x, y, _ in x + y }.encoded(as: .png)
        folder.write(bytes, to: "a.png")
        folder.write(Array("text".utf8), to: "b.png")
        ffmpeg("-f lavfi -i testsrc2=s=40x30:r=4 -t 2 -c:v libx264 '\(folder("clip.mp4"))'")
        let paths = ["a.png", "b.png", "clip.mp4", "none.png"].map { folder($0) }
        var told: [String] = []
        var events: [InteractionEvent] = []
        var job = DetectionJob(paths)
        job.frames = .every(2)
        job.keepsPixels = true
        try job.run(known(), finder()) { report in
            switch report {
            case .picture(let findings, let pixels):
                let name = findings.image.split(separator: "/").last!
                told.append("\(name) \(findings.time ?? -1) \(findings.findings.count)")
                #expect(findings.width == 40 && findings.height == 30)
                #expect(findings.things.count == 2 && pixels?.width == 40)
            case .failure(let findings, let code):
                #expect(findings.error?.contains(findings.image) == true)
                told.append("failure \(code)")
            case .end(_, let found):
                told.append("end")
                events += found ?? []
            }
        }
        #expect(
            told == [
                "a.png -1.0 2", "end", "failure 65", "end", "clip.mp4 0.0 2", "clip.mp4 0.5 2",
                "clip.mp4 1.0 2", "clip.mp4 1.5 2", "end", "failure 66", "end",
            ])
        #expect(events.map(\.triplet.verb) == ["feed", "ride"])
        #expect(events.allSatisfy { $0.start == 0 && $0.end == 2 && $0.frames == 4 })
    }

    @Test("A stop ends it after the picture that is being looked at")
    func stop() throws {
        let bytes = try picture(8, 8) { _, _, _ in 0 }.encoded(as: .png)
        let paths = (0..<10).map { folder.write(bytes, to: "\($0).png") }
        var pictures = 0
        var job = DetectionJob(paths)
        job.shouldStop = { pictures >= 3 }
        try job.run(known(), finder()) { report in
            if case .picture = report { pictures += 1 }
        }
        #expect(pictures == 3)
    }

    @Test("A detector looks at what it is given", .enabled(if: dataFolder != nil))
    func detector() throws {
        let path = dataFolder! + "/hoi/images/stanford40/riding_a_bike_009.jpg"
        let weights = dataFolder! + "/weights/yolox_nano_coco_folded.safetensors"
        var found: [String] = []
        try DetectionJob([path]).run(.detector(Detector(contentsOf: weights)), finder()) {
            if case .picture(let findings, _) = $0 { found += findings.findings.map(\.phrase) }
        }
        #expect(found.contains("ride bicycle") && !found.contains("feed bicycle"))
    }
}
