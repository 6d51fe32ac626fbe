import Compute
import Media
import Quality
import Tensors
import TestSupport
import Testing

@testable import Enhancement

@Suite("Which neighbours a generator sees")
struct SurroundingsTests {
    private func best(_ frames: Int) -> Surroundings {
        var surroundings = Surroundings(frames: frames)
        surroundings.choice = .best
        return surroundings
    }

    private func distances(_ surroundings: Surroundings, _ steps: [Int: Float]) -> [[Int]] {
        surroundings.candidates { steps[$0] }.map(\.distances)
    }

    @Test("The nearest are the nearest, whatever their quantisers")
    func nearest() {
        let steps: [Int: Float] = [-2: 5, -1: 80, 1: 80, 2: 5, 3: 1]
        #expect(distances(Surroundings(frames: 3), steps) == [[-1], [1]])
        #expect(distances(Surroundings(frames: 5), steps) == [[-1], [1], [-2], [2]])
        #expect(Surroundings(frames: 3).radius == 1)
        #expect(Surroundings(frames: 5).radius == 2)
        #expect(best(3).radius == 4)
    }

    @Test("The best is preferred where it is enough finer, the nearest where it is not")
    func choice() {
        let steps: [Int: Float] = [-4: 20, -3: 60, -2: 60, -1: 60, 1: 60, 2: 58, 3: 57, 4: 60]
        #expect(distances(best(3), steps) == [[-4, -1], [1]])
        #expect(distances(best(5), steps) == [[-1], [1], [-4, -2], [2]])
    }

    @Test("Beyond the ends of a clip, and where quantisers are unknown, nothing is chosen")
    func unknown() {
        #expect(distances(best(3), [:]) == [[-1], [1]])
        // Frame 2 is the last, and nobody knows how frame -2 was quantised.
        #expect(distances(best(3), [-4: 5, -3: 5, -1: 60, 1: 60, 2: 20]) == [[-1], [2, 1]])
    }

    /// Pictures in motion, quantised as the steps say.
    private func frames(_ steps: [Float]) -> [Frame] {
        steps.enumerated().map { index, step in
            var frame = texturedFrame(index, width: 150, height: 122)
            frame.quantisers = QuantiserMap(
                blockSize: 16, columns: 10, rows: 8, values: [Float](repeating: 30, count: 80),
                lumaSteps: [Float](repeating: step, count: 80))
            return frame
        }
    }

    private func results(_ frames: [Frame], _ choice: NeighbourChoice) throws -> [[[Int]]] {
        var shape = GeneratorShape(width: 16, blocks: 1)
        shape.choice = choice
        return try enhanced(frames, randomModel(shape), EnhancementOptions(precision: .f32))
            .map(samples)
    }

    @Test("Equally quantised frames have the same neighbours either way; a better one is seen")
    func enhancer() throws {
        let plain = frames([Float](repeating: 50, count: 7))
        let isEqual = try results(plain, .best) == results(plain, .nearest)
        #expect(isEqual)
        // Frame 4 is the best: frames 0 to 2 change with it, though it is not next to them.
        let mixed = frames([50, 50, 50, 50, 20, 50, 50])
        var other = mixed
        other[4].planes[0] = Plane(width: 150, height: 122) { x, y in
            min(255, mixed[4].planes[0][x, y] + 9)
        }
        for choice in NeighbourChoice.allCases {
            let (a, b) = (try results(mixed, choice), try results(other, choice))
            #expect(a.count == mixed.count)
            for index in 0..<3 {
                let isSeen = a[index] != b[index]
                #expect(isSeen == (choice == .best), "\(choice), frame \(index)")
            }
        }
    }

    @Test("Where the best lies beyond a cut, the nearest stays")
    func cut() throws {
        var shots = frames([50, 50, 50, 50, 50, 50])
        var random = RandomSource(seed: 3)
        for index in 3..<6 {
            // Another shot: nothing of the first is found in it.
            shots[index].planes[0] = Plane(width: 150, height: 122) { _, _ in
                random.index(below: 256)
            }
            shots[index].quantisers = frames([5])[0].quantisers
        }
        let (chosen, near) = (try results(shots, .best), try results(shots, .nearest))
        for index in 0..<2 {
            let isEqual = chosen[index] == near[index]
            #expect(isEqual, "frame \(index)")
        }
    }

    @Test("A shape says its choice, and a file keeps it")
    func text() throws {
        let shape = try #require(GeneratorShape("48x8@5best"))
        #expect(shape.choice == .best && shape.frames == 5 && shape.text == "48x8@5best")
        #expect(GeneratorShape("16x6@3best")?.text == "16x6@3best")
        #expect(GeneratorShape("16x6")?.text == "16x6")
        for text in ["16x6best", "16x6@best", "16x6@4best", "best"] {
            #expect(GeneratorShape(text) == nil, "\(text)")
        }
        let folder = TemporaryFolder()
        let path = "\(folder.path)/model.safetensors"
        let model = randomModel(try #require(GeneratorShape("16x1@5best")))
        try model.write(to: path)
        #expect(try EnhancementModel(contentsOf: path).generator.shape == model.generator.shape)
        try model.parameters.write(
            to: path,
            metadata: [
                "percept.width": "16", "percept.blocks": "1", "percept.frames": "5",
                "percept.normalisation": "1", "percept.neighbours": "worst",
            ])
        #expect {
            try EnhancementModel(contentsOf: path)
        } throws: { "\($0)".contains("percept.neighbours 'worst'") }
    }
}
