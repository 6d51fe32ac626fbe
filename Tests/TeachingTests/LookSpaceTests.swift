import Interaction
import Networks
import Tensors
import TestSupport
import Testing

@testable import Teaching

@Suite("Look space")
struct LookSpaceTests {
    private let folder = TemporaryFolder()

    private func fitted(_ people: KnownLooks) throws -> LookSpace {
        var settings = LookSpaceSettings()
        settings.directions = 16
        var space = try LookSpace(
            fitting: people, of: Array(0..<people.count), settings: settings)
        space.calibration = TeachingCalibration([
            .init(examples: 1, slope: 0.8, offset: -1.25), .init(examples: 5, slope: 1, offset: 0),
        ])
        return space
    }

    @Test("Codes have the length 1, and people who do the same are more alike than others")
    func codes() throws {
        let people = knownLooks()
        let space = try fitted(people)
        let codes = try space.codes(of: people.plain)
        var same: [Float] = [], other: [Float] = []
        for a in stride(from: 0, to: people.count, by: 7) {
            for b in stride(from: 0, to: people.count, by: 7) {
                let alike = (0..<space.codeCount).reduce(Float(0)) {
                    $0 + codes[a, $1] * codes[b, $1]
                }
                if a == b {
                    #expect(abs(alike - 1) < 1e-4)
                } else if people.doings[a] == people.doings[b] {
                    same.append(alike)
                } else {
                    other.append(alike)
                }
            }
        }
        func mean(_ values: [Float]) -> Float { values.reduce(0, +) / Float(values.count) }
        #expect(mean(same) > mean(other) + 0.5)
        // What is known lies where those who do it are.
        #expect(space.known.shape == [8, space.codeCount])
        for doing in 0..<8 {
            let rows = (0..<people.count).filter {
                people.doings[$0] == Triplet(verb: "verb\(doing)", object: "thing")
            }
            let means = TaughtLooks.means(
                of: KnownLooks.rows(codes, rows), showing: rows.map { _ in 0 }, count: 1)
            for column in 0..<space.codeCount {
                #expect(abs(means[0, column] - space.known[doing, column]) < 1e-4)
            }
        }
    }

    @Test("What varies among people who do the same counts for less")
    func whitening() throws {
        // The first number says what is done, the second is loud and says nothing.
        var random = RandomSource(seed: 2)
        let rows = 400
        let doings = (0..<rows).map { row in row % 2 }
        let looks = Tensor(
            doings.flatMap { [Float($0) + Float(0.2 * random.normal()), Float(random.normal())] },
            shape: [rows, 2])
        let people = KnownLooks(
            plain: looks, mirrored: looks, near: Tensor(shape: [rows, NearThings.count]),
            doings: doings.map { .init(verb: "verb\($0)", object: "thing") },
            isForMeasuring: doings.map { _ in false }, detector: "0123456789abcdef")
        let codes = try fitted(people).codes(of: looks)
        var right = 0
        for row in 2..<rows {
            let alike = (0..<2).map { first in
                (0..<codes.shape[1]).reduce(Float(0)) { $0 + codes[row, $1] * codes[first, $1] }
            }
            if (alike[1] > alike[0]) == (doings[row] == 1) { right += 1 }
        }
        #expect(right > rows * 85 / 100)
    }

    @Test("Scatter is that within doings: what sets doings apart is not evened out")
    func within() throws {
        var random = RandomSource(seed: 3)
        let rows = 400
        let looks = Tensor(
            (0..<rows).flatMap { row in
                [Float(row % 2) + Float(0.1 * random.normal()), Float(random.normal())]
            }, shape: [rows, 2])
        let people = KnownLooks(
            plain: looks, mirrored: looks, near: Tensor(shape: [rows, NearThings.count]),
            doings: (0..<rows).map { .init(verb: "verb\($0 % 2)", object: "thing") },
            isForMeasuring: (0..<rows).map { _ in false }, detector: "0123456789abcdef")
        let space = try fitted(people)
        func gain(_ row: Int) -> Float {
            (0..<space.codeCount).reduce(Float(0)) {
                $0 + space.projection[row, $1] * space.projection[row, $1]
            }.squareRoot()
        }
        // By hand: variances within doings of about 0.04 and 1, each half replaced by their mean 0.52; and the part that
        // tells doings apart counts twice as much once more.
        let wanted = (5 * (0.5 + 0.26) / (0.02 + 0.26)).squareRoot()
        #expect(abs(Double(gain(0) / gain(1)) - wanted) < 0.15 * wanted)
    }

    @Test("Codes are looks less their mean, projected")
    func offset() throws {
        let space = LookSpace(
            means: Tensor([1, 0], shape: [2]), deviations: Tensor([2, 1], shape: [2]),
            projection: Tensor([1, 0, 0, 1], shape: [2, 2]), offset: Tensor([1, -2], shape: [2]),
            known: Tensor(shape: [0, 2]), knownThings: [], detector: "d")
        let codes = try space.codes(of: Tensor([9, 1, 100, 1], shape: [2, 2]))
        // (9 - 1) / 2 - 1 = 3 and 1 + 2 = 3; beyond 5 deviations it is cut off: 5 - 1 = 4.
        let wanted: [Float] = [0.70711, 0.70711, 0.8, 0.6]
        #expect(zip(codes.elements, wanted).allSatisfy { abs($0 - $1) < 1e-4 })
    }

    @Test("A file gives the same codes and probabilities")
    func file() throws {
        let people = knownLooks(things: ["dog", "no such thing", "cup"])
        let space = try fitted(people)
        #expect(
            space.knownThings?.prefix(4) == [
                COCO.index(of: "dog"), nil, COCO.index(of: "cup"), nil,
            ])
        try space.write(to: folder("looks.safetensors"))
        let again = try LookSpace(contentsOf: folder("looks.safetensors"))
        #expect(try again.codes(of: people.plain) == space.codes(of: people.plain))
        #expect(again.calibration == space.calibration)
        #expect(again.knownThings == space.knownThings)
        #expect(again.detector == people.detector && again.detectorName == "0123456789ab")
    }

    @Test("To a space of the former version things say nothing, and it is written as that")
    func withoutThings() throws {
        let space = try fitted(knownLooks(things: ["dog", "cup"]))
        let old = LookSpace(
            means: space.means, deviations: space.deviations, projection: space.projection,
            offset: space.offset, known: space.known, knownThings: nil, detector: space.detector)
        var calibrated = old
        calibrated.calibration = TeachingCalibration([.init(examples: 1, slope: 1, offset: 0)])
        try calibrated.write(to: folder("old.safetensors"))
        let file = try Safetensors(contentsOf: folder("old.safetensors"))
        #expect(file.metadata["percept.version"] == "2" && file.entries.count == 5)
        let again = try LookSpace(contentsOf: folder("old.safetensors"))
        let walk = [Triplet(verb: "walk", object: "dog")]
        #expect(
            again.knownThings == nil && again.things(of: walk) == .init(repeating: nil, count: 9))
        #expect(space.things(of: walk).prefix(3) == [16, 16, 41])
    }

    @Test("A file of another kind, version or shape is refused by name")
    func refusals() throws {
        let space = plainSpace(width: 4, known: [[1, 0, 0, 0]])
        let path = folder("looks.safetensors")
        try space.write(to: path)
        let file = try Safetensors(contentsOf: path)
        let tensors = try file.entries.map { ($0.name, try file.tensor($0.name)) }
        func refused(
            _ change: ([String: String]) -> [String: String],
            _ replace: (String, Tensor<Float>) -> Tensor<Float> = { $1 }
        ) throws -> String {
            try Safetensors.write(
                tensors.map { ($0.0, replace($0.0, $0.1)) }, metadata: change(file.metadata),
                to: path)
            do {
                _ = try LookSpace(contentsOf: path)
                return ""
            } catch { return "\(error)" }
        }
        #expect(try refused { $0 } == "")
        for (key, value) in [
            ("percept.kind", "predicate head"), ("percept.version", "1"),
            ("percept.calibration", "1 x 0"), ("percept.detector", ""),
        ] {
            let text = try refused { $0.merging([key: value]) { $1 } }
            #expect(text.contains(key) && text.contains("looks.safetensors"), "\(text)")
        }
        for name in [
            "looks.deviation", "looks.projection", "looks.offset", "looks.known", "looks.things",
        ] {
            let text = try refused({ $0 }) { found, tensor in
                found == name ? Tensor(repeating: 0, shape: [3]) : tensor
            }
            #expect(text.contains(name), "\(text)")
        }
    }
}
