import Interaction
import Media
import Tensors
import Terminal
import TestSupport
import Testing

/// Boxes and scores drawn at random, and what pycocotools 2.0 says of them.
private struct Fixture {
    var truth: [[TrueBox]] = [], found: [[Detection]] = []
    /// AP, AP50, AP75, and those of small, medium and large things; of all categories, and of the first.
    let all: [Double?], first: [Double?]

    /// Things are `[x, y, width, height, category, is crowd]`, findings end in category and score times `scale`.
    init(_ json: JSONValue) {
        func numbers(_ value: JSONValue?) -> [Double] {
            (value?.elements ?? []).compactMap(\.double)
        }
        func box(_ n: [Double]) -> Box { Box(n[0], n[1], n[0] + n[2], n[1] + n[3]) }
        for picture in json["truth"]?.elements ?? [] {
            truth.append(
                (picture.elements ?? []).map(numbers).map {
                    TrueBox(box($0), category: Int($0[4]), isCrowd: $0[5] == 1)
                })
        }
        let scale = json["q"]?.double ?? 1
        for picture in json["found"]?.elements ?? [] {
            found.append(
                (picture.elements ?? []).map(numbers).map {
                    Detection(box($0), category: Int($0[4]), score: $0[5] / scale)
                })
        }
        // pycocotools says -1 where nothing is to be found.
        all = numbers(json["all"]).map { $0 < 0 ? nil : $0 }
        first = numbers(json["first"]).map { $0 < 0 ? nil : $0 }
    }

    static func load(_ path: String) throws -> [Fixture] {
        try #require(try JSONValue(parsing: readBytes(path)).elements).map(Fixture.init)
    }

    static var stored: String {
        #filePath.split(separator: "/").dropLast(2).reduce("") { "\($0)/\($1)" }
            + "/Fixtures/average-precision.json"
    }
}

private func numbers(_ scores: DetectionAccuracy.Scores?) -> [Double?] {
    guard let scores else { return [nil, nil, nil, nil, nil, nil] }
    return [
        scores.average, scores.at50, scores.at75, scores.small, scores.medium, scores.large,
    ]
}

private func isClose(_ a: [Double?], _ b: [Double?]) -> Bool {
    a.count == b.count
        && zip(a, b).allSatisfy { a, b in
            guard let a, let b else { return a == nil && b == nil }
            return abs(a - b) < 1e-9
        }
}

@Suite("Accuracy of detections")
struct DetectionAccuracyTests {
    @Test("Random boxes get the numbers that pycocotools gives")
    func pycocotools() throws {
        let fixtures = try Fixture.load(Fixture.stored)
        #expect(fixtures.count >= 8)
        for (index, fixture) in fixtures.enumerated() {
            let accuracy = DetectionAccuracy(truth: fixture.truth, detections: fixture.found)
            let all = numbers(accuracy.scores), first = numbers(accuracy.byCategory[0])
            #expect(isClose(all, fixture.all), "\(index): \(all), not \(fixture.all)")
            #expect(isClose(first, fixture.first), "\(index): \(first), not \(fixture.first)")
        }
    }

    @Test("A detector that says the truth is perfect, one that says nothing finds nothing")
    func extremes() {
        let truth = [[TrueBox(Box(0, 0, 50, 50), category: 2)], []]
        let right = DetectionAccuracy(
            truth: truth, detections: [[Detection(Box(0, 0, 50, 50), category: 2, score: 0.1)], []])
        #expect(numbers(right.scores).prefix(3).allSatisfy { abs($0! - 1) < 1e-12 })
        #expect(right.scores.medium == right.scores.average && right.scores.large == nil)
        #expect(Set(right.byCategory.keys) == [2])
        let silent = DetectionAccuracy(truth: truth, detections: [[], []])
        #expect(silent.scores.average == 0)
        let nothing = DetectionAccuracy(truth: [[]], detections: [[]])
        #expect(nothing.scores.average == nil && nothing.byCategory.isEmpty)
    }

    @Test("Detections of a category that nowhere occurs do not count")
    func strangers() {
        let truth = [[TrueBox(Box(0, 0, 50, 50), category: 2)]]
        let found = [
            [
                Detection(Box(0, 0, 50, 50), category: 2, score: 0.1),
                Detection(Box(0, 0, 50, 50), category: 7, score: 0.9),
            ]
        ]
        #expect(DetectionAccuracy(truth: truth, detections: found).scores.at50! > 0.999)
    }

    // 25.54 / 40.29 / 26.23 and 34.61 for persons: pycocotools on the detections of an independent PyTorch
    // network with the same weights.
    @Test(
        "On COCO's photographs the published weights are as good as they are known to be",
        .enabled(if: dataFolder != nil, "PERCEPT_DATA is not set"))
    func published() throws {
        let folder = dataFolder!
        let detector = try Detector(
            contentsOf: folder + "/weights/yolox_nano_coco_folded.safetensors", threads: 1)
        let pictures = try AnnotatedPicture.list(contentsOf: folder + "/hoi/train.jsonl")
            .filter(\.hasAllThings)
        #expect(pictures.count == 179)
        var truth: [[TrueBox]] = [], found: [[Detection]] = []
        for picture in pictures {
            truth.append(picture.trueBoxes)
            let still = try StillReader(path: "\(folder)/hoi/\(picture.file)")
            found.append(try detector(try #require(try still.next()).upright(), atLeast: 0.001))
        }
        let accuracy = DetectionAccuracy(truth: truth, detections: found)
        let points = (numbers(accuracy.scores) + numbers(accuracy.byCategory[COCO.person]))
            .map { 100 * ($0 ?? -1) }
        for (index, expected) in [0: 25.54, 1: 40.29, 2: 26.23, 6: 34.61] {
            #expect(abs(points[index] - expected) < 0.3, "\(points)")
        }
    }
}
