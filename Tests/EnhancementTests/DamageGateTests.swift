import Enhancement
import Media
import TestSupport
import Testing

@Suite("Damage gate")
struct DamageGateTests {
    private func map(_ step: Float) -> QuantiserMap {
        QuantiserMap(
            blockSize: 16, columns: 2, rows: 1, values: [0, 0], lumaSteps: [step, step])
    }

    private let gate = DamageGate.standard

    @Test("Fine quantisers mean no correction, coarse ones all of it, and between it grows")
    func quantisers() {
        let shares = [4, 9, 12, 16, 21, 50].map {
            gate.share(quantisers: map($0), bitsPerPixel: nil)
        }
        #expect(shares.first == 0 && shares[1] == 0)
        #expect(shares[4] == 1 && shares[5] == 1)
        #expect(shares == shares.sorted() && shares[2] > 0 && shares[3] < 1)
    }

    @Test("Without quantisers many bits mean no correction; without either it is all given")
    func bits() {
        #expect(gate.share(quantisers: nil, bitsPerPixel: 0.05) == 1)
        #expect(gate.share(quantisers: nil, bitsPerPixel: 0.5) == 0)
        #expect(gate.share(quantisers: nil, bitsPerPixel: nil) == 1)
        #expect(gate.share(quantisers: map(50), bitsPerPixel: 5) == 1)
    }

    @Test("A damaged look opens the gate for fine quantisers, but not for a master's")
    func secondGeneration() {
        func share(_ step: Float, blind: Float) -> Float {
            gate.share(quantisers: map(step), blindStep: blind, bitsPerPixel: nil)
        }
        #expect(share(9.5, blind: 15) == 0 && share(9.5, blind: 30) == 1)
        #expect((0.01..<0.99).contains(share(9.5, blind: 24)))
        #expect(share(2, blind: 60) == 0 && share(5.9, blind: 60) == 0)
        // Coarse quantisers need no look.
        #expect(share(30, blind: 12) == 1)
    }

    @Test("Grain that fine quantisers have kept is no damage")
    func grain() {
        let gate = DamageGate(zeroStep: 5, fullStep: 9)
        func share(_ step: Float, blind: Float) -> Float {
            gate.share(quantisers: map(step), blindStep: blind, bitsPerPixel: nil)
        }
        #expect(share(10, blind: 4) == 0 && share(10, blind: 12) == 1)
        #expect(share(20, blind: 4) == 1)
        let between = [11.5, 13, 15].map { share(Float($0), blind: 4) }
        #expect(between == between.sorted() && between[0] > 0 && between[2] < 1)
    }

    @Test("A model's file says from which steps on its weights help")
    func file() throws {
        let folder = TemporaryFolder(), path = folder("model.safetensors")
        var model = randomModel()
        try model.write(to: path)
        #expect(try EnhancementModel(contentsOf: path).gate == .standard)
        model.gate = try #require(DamageGate("5.5:9"))
        try model.write(to: path)
        var read = try EnhancementModel(contentsOf: path)
        #expect(read.gate == DamageGate(zeroStep: 5.5, fullStep: 9))
        #expect(read.metadata["percept.gate"] == "5.5:9")
        // Frames of step 9 are corrected by these weights and not by those of the standard.
        var frames = (0..<3).map { texturedFrame($0) }
        for index in frames.indices { frames[index].quantisers = map(9) }
        let options = EnhancementOptions(precision: .f32)
        let corrected = try enhanced(frames, read, options).map(samples) != frames.map(samples)
        #expect(corrected)
        read.gate = .standard
        let alone = try enhanced(frames, read, options).map(samples) == frames.map(samples)
        #expect(alone)
        var open = options
        open.gate = DamageGate(zeroStep: 0, fullStep: 0)
        let opened = try enhanced(frames, read, open).map(samples) != frames.map(samples)
        #expect(opened)
        try read.write(to: path)
        #expect(try EnhancementModel(contentsOf: path).metadata["percept.gate"] == nil)
    }

    @Test("A gate is written as two steps, the smaller in front")
    func text() {
        for text in ["6:9", "5.5:9", "0:0", "10:20"] {
            #expect(DamageGate(text)?.description == text)
        }
        for text in ["9:6", "6", "6:9:12", "-1:4", "a:b", "6:nan", "nan:9", "6:5000", ""] {
            #expect(DamageGate(text) == nil, "\(text)")
        }
        let open = DamageGate(zeroStep: 0, fullStep: 0)
        #expect(open.share(quantisers: map(0.5), bitsPerPixel: nil) == 1)
        #expect(open.share(quantisers: nil, bitsPerPixel: 4) == 1)
        let step = DamageGate(zeroStep: 6, fullStep: 6)
        #expect(step.share(quantisers: map(5.9), bitsPerPixel: nil) == 0)
        #expect(step.share(quantisers: map(6), bitsPerPixel: nil) == 1)
    }

    @Test("A frame that needs nothing comes back sample for sample")
    func untouched() throws {
        var frames = (0..<3).map { texturedFrame($0) }
        for index in frames.indices { frames[index].quantisers = map(2) }
        let results = try enhanced(frames, randomModel(), EnhancementOptions(precision: .f32))
        #expect(results.map(samples) == frames.map(samples))
    }
}
