import Learning
import Networks
import TestSupport
import Tensors
import Testing

@testable import Memory

@Suite struct PredictiveCodingMemoryTests {
    private func pictures(_ count: Int, _ width: Int, seed: UInt64) -> Tensor<Float> {
        var random = RandomSource(seed: seed)
        return randomPatterns(count, width, using: &random)
    }

    private func stored(
        _ pictures: Tensor<Float>,
        _ training: MemoryTraining = MemoryTraining(epochs: 400, rate: 3e-3)
    ) throws -> PredictiveCodingMemory {
        var random = RandomSource(seed: 7)
        var memory = PredictiveCodingMemory(
            GenerativeNetwork([12, 40, pictures.shape[1]]), using: &random)
        try memory.store(pictures, training)
        return memory
    }

    private func errors(_ a: Tensor<Float>, _ b: Tensor<Float>) -> [Double] {
        (0..<a.shape[0]).map { row in
            zip(a.row(row), b.row(row)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
                / Double(a.shape[1])
        }
    }

    @Test("Storing lowers the energy, and what was stored is completed from half of it")
    func completes() throws {
        let pictures = pictures(8, 60, seed: 1)
        var random = RandomSource(seed: 2)
        var energies: [Double] = []
        var memory = PredictiveCodingMemory(GenerativeNetwork([12, 40, 60]), using: &random)
        try memory.store(pictures, MemoryTraining(epochs: 400, rate: 3e-3)) {
            energies.append($0.energy)
        }
        #expect(energies.count == 400 && energies[399] < 0.1 * energies[0])
        let known = randomMask(8, 60, known: 0.5, using: &random)
        let damaged = pictures.masked(by: known)
        let whole = try memory.complete(damaged, knowing: known)
        let (before, after) = (errors(damaged, pictures), errors(whole, pictures))
        for (a, b) in zip(before, after) { #expect(b < 0.02 * a, "\(a) became \(b)") }
        // What is known stays, what is unknown does not matter.
        #expect(whole.masked(by: known) == damaged)
        let other = Tensor<Float>(shape: pictures.shape) { to in
            for index in to.indices {
                to[index] = known.elements[index] == 1 ? damaged.elements[index] : .nan
            }
        }
        #expect(try memory.complete(other, knowing: known) == whole)
    }

    @Test("Noise goes, and more of it in more rounds")
    func denoises() throws {
        let pictures = pictures(5, 80, seed: 3)
        let memory = try stored(pictures, MemoryTraining(epochs: 1000, rate: 3e-3))
        var random = RandomSource(seed: 4)
        let noisy = Tensor<Float>(shape: pictures.shape) { to in
            for index in to.indices {
                to[index] = pictures.elements[index] + Float(0.2 * random.normal())
            }
        }
        let sums = try [0, 1, 20].map { rounds in
            let answer = rounds == 0 ? noisy : try memory.denoise(noisy, rounds: rounds)
            return errors(answer, pictures).reduce(0, +)
        }
        #expect(sums[1] < 0.6 * sums[0] && sums[2] < sums[1], "\(sums)")
    }

    @Test("One side of pairs is found from the other, either way")
    func associates() throws {
        let pairs = pictures(6, 50, seed: 5)
        let memory = try stored(pairs)
        let (left, right) = (
            pairs.gathered(columns: Array(0..<30)), pairs.gathered(columns: Array(30..<50))
        )
        let found = try memory.associate(left, at: 0..<30)
        #expect(found.shape == [6, 20])
        for error in errors(found, right) { #expect(error < 0.01) }
        for error in errors(try memory.associate(right, at: 30..<50), left) {
            #expect(error < 0.02)
        }
    }

    @Test("Batches keep the activities of their own pictures: many small ones store as well as one")
    func batches() throws {
        let pictures = pictures(7, 40, seed: 6)
        var random = RandomSource(seed: 8)
        let known = randomMask(7, 40, known: 0.5, using: &random)
        for batch in [7, 3] {
            let memory = try stored(pictures, MemoryTraining(epochs: 300, batch: batch, rate: 3e-3))
            let whole = try memory.complete(pictures, knowing: known)
            #expect(errors(whole, pictures).allSatisfy { $0 < 0.01 }, "batches of \(batch)")
        }
    }

    @Test("The same seed stores the same weights")
    func reproducible() throws {
        let pictures = pictures(3, 20, seed: 9)
        let training = MemoryTraining(epochs: 15)
        #expect(
            try stored(pictures, training).parameters
                .isIdentical(to: stored(pictures, training).parameters))
    }

    @Test("Weights come back from a file; another network's are refused by name")
    func file() throws {
        let scratch = TemporaryFolder()
        let pictures = pictures(3, 20, seed: 10)
        let memory = try stored(pictures, MemoryTraining(epochs: 15))
        let path = "\(scratch.path)/memory.safetensors"
        try memory.write(to: path)
        let read = try PredictiveCodingMemory(contentsOf: path)
        #expect(read.network == memory.network && read.priorPrecision == memory.priorPrecision)
        #expect(read.parameters.isIdentical(to: memory.parameters))
        var random = RandomSource(seed: 1)
        let other = Parameters(
            initialising: LinearLayer("layer", 2, 3), using: &random)
        try other.write(to: path)
        #expect(throws: SafetensorsError.self) { try PredictiveCodingMemory(contentsOf: path) }
    }

    @Test("What is no number is refused, where it is known")
    func refuses() throws {
        let memory = try stored(pictures(3, 20, seed: 11), MemoryTraining(epochs: 2))
        var wrong = pictures(2, 20, seed: 12)
        wrong[1, 4] = .nan
        let all = Tensor<Float>(repeating: 1, shape: [1, 20])
        #expect(throws: MemoryError.notFinite(row: 1, column: 4)) {
            try memory.complete(wrong, knowing: all)
        }
        var copy = memory
        #expect(throws: MemoryError.notFinite(row: 1, column: 4)) { try copy.store(wrong) }
        #expect(throws: MemoryError.empty) { try copy.store(Tensor(shape: [0, 20])) }
    }
}
