import Learning
import Networks
import Tensors
import TestSupport
import Testing

@Suite("Checkpoints")
struct CheckpointTests {
    let network = SmallNetwork()
    let folder = TemporaryFolder()

    private func start(_ optimiser: any Optimiser) -> TrainingState {
        TrainingState(
            parameters: network.parameters(), optimiser: optimiser, averageDecay: 0.9, seed: 5)
    }

    private func train(_ state: inout TrainingState, steps: Int) throws {
        let step = try network.step()
        let schedule = Schedule.cosine(peak: 0.05, warmUp: 3, steps: 20)
        for _ in 0..<steps {
            let outcome = try step(state.parameters, SmallNetwork.batch(&state.random))
            _ = state.advance(by: outcome, rate: schedule.rate(at: state.step), clipNorm: 0.3)
        }
    }

    @Test(
        "Twenty steps are the same bits as ten, a checkpoint, and ten more",
        arguments: [Adam(decay: 0.01), SGD(momentum: 0.9, nesterov: true)] as [any Optimiser])
    func resume(optimiser: any Optimiser) throws {
        var straight = start(optimiser)
        try train(&straight, steps: 20)

        var first = start(optimiser)
        try train(&first, steps: 10)
        first.seconds = 12.345
        first.notes = ["sampler": "clip 7, frame 3\n"]
        let path = "\(folder.path)/run.safetensors"
        try first.write(to: path)
        var second = try TrainingState(contentsOf: path, for: network, optimiser: optimiser)
        #expect(second.step == 10)
        #expect(second.seconds == 12.345)
        #expect(second.notes == first.notes)
        try train(&second, steps: 10)

        #expect(second.parameters.isIdentical(to: straight.parameters))
        #expect(second.average!.parameters.isIdentical(to: straight.average!.parameters))
        #expect(second.optimiser.memory == straight.optimiser.memory)
        #expect(second.random == straight.random)
        #expect(second.step == 20)
        // The run did move, so that equal bits mean something.
        #expect(straight.parameters != network.parameters())
    }

    @Test("Training makes the loss small")
    func learns() throws {
        var state = start(Adam())
        var random = RandomSource(seed: 99)
        let batch = SmallNetwork.batch(&random)
        let before = try network.step()(state.parameters, batch).loss
        try train(&state, steps: 20)
        #expect(try network.step()(state.parameters, batch).loss < 0.5 * before)
    }

    @Test("The averaged weights can be read from a checkpoint without the rest")
    func averageAlone() throws {
        var state = start(Adam())
        try train(&state, steps: 2)
        let path = "\(folder.path)/run.safetensors"
        try state.write(to: path)
        let weights = try Parameters(
            reading: Safetensors(contentsOf: path), for: network, prefix: "average.",
            allowingOthers: true)
        #expect(weights.isIdentical(to: state.result))
    }

    @Test("A file of another network, optimiser or kind is refused by name")
    func mismatches() throws {
        let path = "\(folder.path)/run.safetensors"
        var state = start(Adam())
        try train(&state, steps: 1)
        try state.write(to: path)
        func problem(
            _ module: some Module, _ optimiser: any Optimiser
        ) -> SafetensorsError.Problem? {
            do {
                _ = try TrainingState(contentsOf: path, for: module, optimiser: optimiser)
                return nil
            } catch {
                return error.problem
            }
        }
        #expect(problem(network, Adam()) == nil)
        #expect(
            problem(network, SGD())
                == .metadata(key: "optimiser", expected: "SGD", found: "Adam"))
        #expect(
            problem(ConvolutionLayer("tail", 1, 1), Adam())
                == .missingTensor("weights.tail.weight"))
        try state.parameters.write(to: path)
        guard case .metadata("checkpoint.version", _, nil) = problem(network, Adam()) else {
            Issue.record("weights were taken for a checkpoint")
            return
        }
    }

    @Test("A checkpoint that is damaged anywhere in its header is refused or read, never a crash")
    func damage() throws {
        let path = "\(folder.path)/run.safetensors"
        var state = start(Adam())
        try train(&state, steps: 1)
        try state.write(to: path)
        let bytes = TemporaryFolder.bytes(of: path)
        let length = Int(bytes[0]) | Int(bytes[1]) << 8
        var refused = 0
        for position in stride(from: 8, to: 8 + length, by: 3) {
            var damaged = bytes
            damaged[position] ^= 0x15
            let file = folder.write(damaged, to: "damaged")
            do {
                _ = try TrainingState(contentsOf: file, for: network, optimiser: Adam())
            } catch { refused += 1 }
        }
        #expect(refused > length / 6)
    }
}
