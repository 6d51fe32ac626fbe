import Interaction
import Media
import Networks
import Tensors
import Terminal
import TestSupport
import Testing

/// A detector with random weights that looks at 64 x 64 pixels.
private func randomDetector(_ shape: DarknetShape = .nano) throws -> Detector {
    var random = RandomSource(seed: 4)
    let network = YOLOX(shape)
    var weights = Parameters(initialising: network, using: &random)
    // Untaught, a detector says that nothing is anywhere; this one says things.
    for (position, path) in weights.map(\.path).enumerated()
    where path.hasSuffix("bias") && path.contains("_preds") {
        weights[position] = Tensor(repeating: 0, shape: weights[path]!.shape)
    }
    return try Detector(network, weights: weights, side: 64)
}

private func published() throws -> Detector {
    try Detector(contentsOf: dataFolder! + "/weights/yolox_nano_coco_folded.safetensors")
}

/// The stored vectors, each with what it says.
private func vectors() throws -> [JSONValue] {
    let bytes = readBytes(dataFolder! + "/weights/yolox_nano_test_vectors.json")
    return try #require(try JSONValue(parsing: bytes)["vectors"]?.elements)
}

private func photograph(_ path: String) throws -> UprightPicture {
    try #require(try StillReader(path: path).next()).upright()
}

@Suite("The detector")
struct DetectorTests {
    @Test("Pictures of any size give boxes inside them, best first")
    func anySize() throws {
        let detector = try randomDetector()
        for (width, height) in [(1, 1), (1, 300), (700, 1), (64, 64), (90, 160), (5472, 3648)] {
            let source = picture(width, height) { x, y, c in x ^ y &+ 40 * c }
            let found = try detector(source, atLeast: 0.001)
            #expect(!found.isEmpty)
            #expect(zip(found, found.dropFirst()).allSatisfy { $0.score >= $1.score })
            let isInside = found.allSatisfy {
                $0.box.x1 >= 0 && $0.box.y1 >= 0 && $0.box.x2 <= Double(width)
                    && $0.box.y2 <= Double(height) && !$0.box.isEmpty
            }
            #expect(isInside, "\(width)x\(height)")
        }
    }

    @Test("A higher threshold gives the beginning of the same list")
    func thresholds() throws {
        let detector = try randomDetector()
        let source = picture(80, 50) { x, y, c in x * 3 ^ y * 5 ^ c * 90 }
        let many = try detector(source, atLeast: 0.01)
        let middle = many[many.count / 2].score
        let few = try detector(source, atLeast: middle)
        let isBeginning = few == Array(many.prefix { $0.score >= middle })
        #expect(isBeginning)
    }

    @Test("Size and input are read off the file", arguments: [DarknetShape.nano, .tiny, .small])
    func files(_ shape: DarknetShape) throws {
        let folder = TemporaryFolder()
        var random = RandomSource(seed: 1)
        let network = YOLOX(shape, classCount: 3)
        let weights = Parameters(initialising: network, using: &random)
        for (metadata, input) in [
            ([:], DetectorInput.normalised), ([DetectorInput.key: "bgr-255"], .plain),
            ([DetectorInput.key: "rgb-normalised"], .normalised),
        ] {
            try weights.write(to: folder("w.safetensors"), metadata: metadata)
            let detector = try Detector(contentsOf: folder("w.safetensors"), side: 32)
            #expect(detector.network.backbone.shape == shape)
            #expect(detector.network.classCount == 3 && detector.input == input)
        }
        try weights.write(to: folder("w.safetensors"), metadata: [DetectorInput.key: "bgr"])
        let error = try #require(throws: SafetensorsError.self) {
            try Detector(contentsOf: folder("w.safetensors"))
        }
        #expect("\(error)".contains("percept.input"))
        #expect(
            try Detector(contentsOf: folder("w.safetensors"), input: .plain, side: 32).input
                == .plain)
    }

    @Test("Weights of something else are refused by the name of what is missing")
    func others() throws {
        let folder = TemporaryFolder()
        var random = RandomSource(seed: 1)
        try Parameters(initialising: CSPDarknet(), using: &random)
            .write(to: folder("w.safetensors"))
        let error = try #require(throws: SafetensorsError.self) {
            try Detector(contentsOf: folder("w.safetensors"))
        }
        #expect(error.problem == .missingTensor("head.cls_preds.0.weight"))
    }

    @Test(
        "The published weights give the published numbers from picture to raw output",
        .enabled(if: dataFolder != nil, "PERCEPT_DATA is not set"))
    func raw() throws {
        let detector = try published()
        #expect(detector.input == .normalised)
        let synthetic = picture(416, 416) { x, y, c in 7 * x + 13 * y + 29 * c + x * y / 64 }
        let values = try detector.candidates(synthetic).elements
        let expected = try #require(try vectors().first?["raw_output"])
        let sum = values.reduce(0.0) { $0 + Double($1) }
        #expect(abs(sum - (try #require(expected["sum_of_all"]?.double))) < 0.5)
        guard case .object(let rows)? = expected["rows"] else {
            Issue.record("no rows")
            return
        }
        var largest = 0.0, count = 0
        for (name, row) in rows {
            let start = try #require(Int(name)) * 85
            for (column, number) in (row.elements ?? []).enumerated() {
                let wanted = try #require(number.double)
                largest = max(largest, abs(Double(values[start + column]) - wanted))
                count += 1
            }
        }
        #expect(count >= 80 && largest < 1e-3, "\(largest)")
    }

    @Test(
        "On photographs the published weights find what they are known to find",
        .enabled(if: dataFolder != nil, "PERCEPT_DATA is not set"))
    func photographs() throws {
        let detector = try published()
        let all = try vectors().dropFirst()
        #expect(all.count == 3)
        for vector in all {
            let name = try #require(vector["input"]?.text)
            let found = try detector(photograph(dataFolder! + "/weights/" + name))
            for wanted in vector["detections"]?["top"]?.elements ?? [] {
                let numbers = (wanted["box"]?.elements ?? []).compactMap(\.double)
                let score = try #require(wanted["score"]?.double)
                // Decoders differ by a level or so, which the weakest detections feel.
                guard score > 0.2 else { continue }
                let box = Box(numbers[0], numbers[1], numbers[2], numbers[3])
                let same = found.first {
                    COCO.categories[$0.category] == wanted["category"]?.text
                        && $0.box.overlap(box) > 0.95 && abs($0.score - score) < 0.02
                }
                #expect(same != nil, "\(name): \(wanted.compact)")
            }
        }
    }
}
