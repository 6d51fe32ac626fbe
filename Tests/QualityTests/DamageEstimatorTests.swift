import Foundation
import Media
import Quality
import Tensors
import TestSupport
import Testing

@Suite("Damage estimator") struct DamageEstimatorTests {
    @Test(
        "Coarser quantisation of a real clip is seen as more damage",
        .enabled(if: dataFolder != nil))
    func order() throws {
        let clip = try #require(dataFolder) + "/video/sam3_dancers_640x360.mkv"
        let estimates = try ["2", "8", "24"].map { quantiser in
            let coded = FileManager.default.temporaryDirectory.appendingPathComponent(
                "percept-\(UUID().uuidString).avi")
            defer { try? FileManager.default.removeItem(at: coded) }
            _ = try ffmpeg(
                [
                    "-i", clip, "-frames:v", "3", "-an", "-c:v", "mpeg4", "-q:v", quantiser,
                    coded.path,
                ])
            let data = try ffmpeg(
                ["-i", coded.path, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-"])
            let luma = Plane(width: 640, height: 360) { Int(data[$1 * 640 + $0]) }
            let steps = DamageEstimator()(luma: luma, depth: 8)
            #expect(steps.shape == [12, 20])
            return steps.elements.reduce(0, +) / Float(steps.count)
        }
        // The true steps are 4, 16 and 48; the guess is rough, its order is not.
        #expect(estimates[0] < estimates[1] && estimates[1] < estimates[2], "\(estimates)")
        #expect(estimates[2] > 1.5 * estimates[0], "\(estimates)")
    }

    @Test("Deeper samples and more threads give the same estimate; every size works")
    func invariance() {
        for (width, height) in [(1, 1), (7, 40), (33, 31), (200, 97)] {
            var random = RandomSource(seed: 4)
            let samples = (0..<width * height).map { $0 % width + random.index(below: 30) }
            let shallow = Plane(width: width, height: height, samples: samples, depth: 8)
            let deep = Plane(
                width: width, height: height, samples: samples.map { $0 * 4 }, depth: 10)
            let estimator = DamageEstimator()
            let steps = estimator(luma: shallow, depth: 8, threads: 1)
            #expect(steps.shape == [(height + 31) / 32, (width + 31) / 32])
            let inRange = steps.elements.allSatisfy { DamageEstimator.stepRange.contains($0) }
            #expect(inRange)
            #expect(estimator(luma: shallow, depth: 8, threads: 3) == steps)
            let other = estimator(luma: deep, depth: 10)
            for (a, b) in zip(steps.elements, other.elements) { #expect(abs(a / b - 1) < 0.02) }
        }
    }

    private func ffmpeg(_ arguments: [String]) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["ffmpeg", "-v", "error", "-nostdin", "-y"] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return data
    }
}
