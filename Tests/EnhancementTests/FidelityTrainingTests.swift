import Compute
import Enhancement
import Learning
import Networks
import Tensors
import TestSupport
import Testing

/// A file of noise in place of packed pairs.
private func syntheticTiles(in folder: TemporaryFolder) throws -> String {
    let path = "\(folder.path)/tiles.safetensors"
    let (count, size) = (3, PairPacker().tileSize)
    var random = RandomSource(seed: 4)
    try Safetensors.write(
        [
            ("tiles", .normal([count, 22, size, size], using: &random)),
            ("weights", .uniform([count], in: 0.5..<1, using: &random)),
        ], brain: ["tiles"], to: path)
    return path
}

@Suite("Fidelity training", .serialized)
struct FidelityTrainingTests {
    private let folder = TemporaryFolder()
    private let shape = GeneratorShape(width: 16, blocks: 1)

    private func training(_ precision: Precision) -> FidelityTraining {
        var settings = TrainingSettings(steps: 9)
        (settings.batch, settings.patchSize, settings.warmUp) = (2, 12, 2)
        settings.precision = precision
        var training = FidelityTraining(shape, name: "small", settings)
        training.chromaWeight = 0.5
        return training
    }

    @Test(
        "Compiled training that stops and resumes ends with the bits of one that does not",
        arguments: Precision.floats)
    func resume(precision: Precision) throws {
        let tiles = [try syntheticTiles(in: folder)]
        let whole = try training(precision).run(on: tiles)
        #expect(whole.isComplete)

        var parted = training(precision)
        parted.settings.checkpointPath = "\(folder.path)/checkpoint"
        var asked = 0
        let first = try parted.run(
            on: tiles,
            shouldStop: {
                asked += 1
                return asked > 4
            })
        #expect(!first.isComplete)
        let state = try TrainingState(
            contentsOf: parted.settings.checkpointPath!, for: Generator(shape), optimiser: Adam())
        #expect(state.step == 4)
        let second = try parted.run(on: tiles)
        #expect(second.isComplete)
        #expect(second.model.parameters.isIdentical(to: whole.model.parameters))
        // Training moved on after the stop, so that equal bits mean something.
        #expect(first.model.parameters != whole.model.parameters)
    }

    @Test("A checkpoint of other tiles is refused")
    func otherTiles() throws {
        let tiles = try syntheticTiles(in: folder)
        var training = training(.f32)
        training.settings.steps = 1
        training.settings.checkpointPath = "\(folder.path)/checkpoint"
        _ = try training.run(on: [tiles])
        #expect(throws: TrainingDataError.self) { try training.run(on: [tiles, tiles]) }
    }

    @Test("A file that is named twice is drawn from twice as often")
    func repetition() throws {
        let path = try syntheticTiles(in: folder)
        let other = "\(folder.path)/other.safetensors"
        let size = PairPacker().tileSize
        try Safetensors.write(
            [
                ("tiles", Tensor<Float>(repeating: 7, shape: [3, 22, size, size])),
                ("weights", Tensor(repeating: 1, shape: [3])),
            ], brain: ["tiles"], to: other)
        let sampler = try TileSampler([path, other, other, other], patchSize: 2)
        #expect(sampler.tileCount == 12)
        var random = RandomSource(seed: 1)
        let count = 400
        var packets = [Float](repeating: 0, count: count * 16 * 4)
        var residual = [Float](repeating: 0, count: count * 6 * 4)
        var weights = [Float](repeating: 0, count: count)
        sampler.draw(
            count, using: &random, packets: &packets, residual: &residual, weights: &weights)
        let share = Double(weights.count { $0 == 1 }) / Double(count)
        #expect((0.68...0.82).contains(share))
    }
}
