import CKernels
import Compute
import Media
import Networks
import Quality
import Tensors
import TestSupport
import Testing

@testable import Enhancement

@Suite("Balance between fidelity and what people see")
struct BalanceTests {
    private let options = EnhancementOptions(precision: .f32)

    private func model(_ shape: GeneratorShape = .live) -> EnhancementModel {
        var model = randomModel(shape)
        model.perceptual = WeightSet(randomModel(shape, seed: 2).parameters)
        return model
    }

    /// Frames whose decoder says how coarsely they were quantised.
    private func frames(step: Float, count: Int = 3) -> [Frame] {
        (0..<count).map { index in
            var frame = texturedFrame(index, width: 150, height: 122)
            frame.quantisers = QuantiserMap(
                blockSize: 16, columns: 10, rows: 8, values: [Float](repeating: 30, count: 80),
                lumaSteps: [Float](repeating: step, count: 80))
            return frame
        }
    }

    private func results(_ frames: [Frame], _ model: EnhancementModel, _ balance: Balance) throws
        -> [[[Int]]]
    {
        var options = options
        options.balance = balance
        return try enhanced(frames, model, options).map(samples)
    }

    @Test("0 is fidelity, 1 the perceptual weights, bit for bit; between lies between")
    func ends() throws {
        let (frames, both) = (frames(step: 50), model())
        var fidelity = both, perceptual = both
        fidelity.perceptual = nil
        perceptual.perceptual = nil
        perceptual.parameters = both.perceptual!.parameters
        let zero = try results(frames, both, .fixed(0))
        #expect(try zero == results(frames, fidelity, .automatic))
        #expect(try results(frames, both, .fixed(1)) == results(frames, perceptual, .automatic))
        let half = try results(frames, both, .fixed(0.5))
        #expect(half != zero)
        let weights = both.parameters.interpolated(to: both.perceptual!.parameters, share: 0.25)
        for path in weights.paths {
            let (a, b) = (
                both.parameters[path]!.elements, both.perceptual!.parameters[path]!.elements
            )
            let c = weights[path]!.elements
            for i in a.indices { #expect(abs(c[i] - (0.75 * a[i] + 0.25 * b[i])) < 1e-6) }
        }
    }

    @Test("auto changes strongly damaged texture, and leaves what is hardly damaged to fidelity")
    func automatic() throws {
        let both = model()
        for (step, isChanged) in [(Float(80), true), (10.5, false)] {
            let frames = frames(step: step)
            #expect(
                try (results(frames, both, .automatic) != results(frames, both, .fixed(0)))
                    == isChanged, "step \(step)")
        }
    }

    @Test("Frames after a blended one are fidelity's again")
    func back() throws {
        let both = model()
        // Strongly damaged, hardly damaged, and so on.
        var frames = frames(step: 80, count: 4)
        let fine = self.frames(step: 10.5)[0].quantisers
        for index in [1, 3] { frames[index].quantisers = fine }
        let mixed = try results(frames, both, .automatic)
        let fidelity = try results(frames, both, .fixed(0))
        for index in frames.indices {
            let isFidelity = mixed[index] == fidelity[index]
            #expect(isFidelity == (index % 2 == 1), "frame \(index)")
        }
    }

    @Test("Equal weights on both sides make every balance the same")
    func equal() throws {
        var both = randomModel()
        both.perceptual = WeightSet(both.parameters)
        let frames = frames(step: 80)
        let expected = try results(frames, both, .fixed(0))
        for balance in [Balance.automatic, .fixed(1), .fixed(0.3)] {
            #expect(try results(frames, both, balance) == expected)
        }
    }

    @Test("Tiles change no bit of a blended frame", arguments: ["16x6", "16x2+32x1"])
    func tiles(_ shape: String) throws {
        let both = model(try #require(GeneratorShape(shape))), frames = frames(step: 80)
        let whole = try results(frames, both, .automatic)
        var options = options
        for side in [34, 64] {
            options.tile = side
            #expect(try enhanced(frames, both, options).map(samples) == whole, "tiles of \(side)")
        }
    }

    @Test("Packets are blended as bilinear shares say, in either order of memory")
    func blending() {
        var random = RandomSource(seed: 5)
        let (height, width, rows, columns, cell) = (19, 27, 3, 4, 8)
        let shares = (0..<rows * columns).map { _ in Float(random.uniform()) }
        func share(_ x: Int, _ y: Int) -> Float {
            func at(_ position: Int, _ count: Int) -> (Int, Int, Float) {
                let place = (Float(position) + 0.5) / Float(cell) - 0.5
                let inside = min(max(place, 0), Float(count - 1))
                let first = min(Int(inside), count - 2)
                return (first, first + 1, inside - Float(first))
            }
            let (left, right, across) = at(x, columns)
            let (top, bottom, down) = at(y, rows)
            func value(_ row: Int, _ column: Int) -> Float { shares[row * columns + column] }
            return (value(top, left) * (1 - across) + value(top, right) * across) * (1 - down)
                + (value(bottom, left) * (1 - across) + value(bottom, right) * across) * down
        }
        for (planes, group) in [(6, 1), (1, 16)] {
            let count = planes * height * width * group
            let before = (0..<count).map { _ in Float(random.normal()) }
            let other = (0..<count).map { _ in Float(random.normal()) }
            for threads in [1, 2] {
                var blended = before
                percept_blend_packets(
                    &blended, other, Int32(planes), Int32(height), Int32(width), Int32(group),
                    shares, Int32(rows), Int32(columns), Int32(cell), Int32(threads))
                for index in 0..<count {
                    let position = index / group % (height * width)
                    let part = share(position % width, position / width)
                    let expected = before[index] + part * (other[index] - before[index])
                    #expect(abs(blended[index] - expected) < 1e-5)
                }
            }
        }
    }

    @Test("Text, skin and empty areas stay with fidelity; damage decides elsewhere")
    func map() {
        let (width, height) = (64, 48)
        let blocks = Tensor<Float>(repeating: 60, shape: [2, 2])
        func mean(_ luma: Plane, chroma: (Int, Int) = (128, 128), step: Float = 60) -> Float {
            let damage = DamageMap(
                width: width, height: height, quantisers: nil,
                blindSteps: blocks.map { _ in step })
            let planes =
                [luma]
                + [chroma.0, chroma.1].map { value in
                    Plane(width: width / 2, height: height / 2) { _, _ in value }
                }
            return BalanceMap(damage: damage, content: ContentMap(planes, depth: 8)).mean
        }
        var random = RandomSource(seed: 3)
        let texture = Plane(width: width, height: height) { _, _ in 90 + random.index(below: 70) }
        let text = Plane(width: width, height: height) { x, y in
            x % 11 < 2 && y % 16 < 11 ? 30 : 225
        }
        #expect(mean(texture) > 0.9 * BalanceMap.mostShare)
        #expect(mean(texture, step: 10) == 0)
        let between = mean(texture, step: 24)
        #expect(between > 0.1 && between < 0.9)
        #expect(mean(texture, chroma: (110, 150)) < 0.1)
        #expect(mean(text) < 0.1)
        #expect(mean(Plane(width: width, height: height) { _, _ in 100 }) == 0)
    }

    @Test("Balances are written as auto or as numbers from 0 to 1")
    func texts() {
        #expect(Balance("auto") == .automatic && Balance("0.25") == .fixed(0.25))
        #expect(["", "1.1", "-0.1", "nan", "half"].allSatisfy { Balance($0) == nil })
        #expect("\(Balance.automatic)" == "auto" && "\(Balance.fixed(1))" == "1.0")
    }

    @Test("Weights beside a file are found by their name, and of another shape refused")
    func files() throws {
        let folder = TemporaryFolder()
        func file(_ name: String) -> String { "\(folder.path)/\(name)" }
        let path = file("own.safetensors")
        try randomModel(.fast).write(to: path)
        #expect(try !restorationModel(contentsOf: path).isBalanced)
        try randomModel(.fast, seed: 2).write(to: file("own.perceptual.safetensors"))
        let both = try #require(try restorationModel(contentsOf: path) as? EnhancementModel)
        #expect(
            both.perceptual?.parameters.isIdentical(to: randomModel(.fast, seed: 2).parameters)
                == true)
        let catalogue = ModelCatalogue(environment: folder.path, program: nil)
        #expect(catalogue.models.map(\.name) == ["own"])
        try randomModel(.live).write(to: file("own.perceptual.safetensors"))
        #expect {
            try restorationModel(contentsOf: path)
        } throws: { "\($0)".contains("own.perceptual.safetensors: is of shape 16x6") }
    }
}
