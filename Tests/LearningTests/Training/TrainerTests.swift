import Glibc
import Learning
import Networks
import Tensors
import TestSupport
import Testing

@Suite("Trainer")
struct TrainerTests {
    let network = SmallNetwork()
    let folder = TemporaryFolder()

    private func trainer(steps: Int, _ change: (inout TrainingOptions) -> Void = { _ in })
        -> Trainer
    {
        var options = TrainingOptions(
            steps: steps, schedule: .cosine(peak: 0.05, steps: steps))
        change(&options)
        return Trainer(
            TrainingState(parameters: network.parameters(), optimiser: Adam(), seed: 3),
            options: options)
    }

    private func run(_ trainer: inout Trainer) throws -> Trainer.Ending {
        try trainer.run(batch: { SmallNetwork.batch(&$1) }, step: network.step().callAsFunction)
    }

    private func lines(_ path: String) -> [Substring] {
        String(decoding: TemporaryFolder.bytes(of: path), as: UTF8.self).split(separator: "\n")
    }

    @Test("A run that is stopped and resumed ends with the bits and the log of one that is not")
    func stopAndResume() throws {
        var whole = trainer(steps: 12)
        #expect(try run(&whole) == .finished)

        let (checkpoint, log) = ("\(folder.path)/c", "\(folder.path)/log.csv")
        func configure(_ options: inout TrainingOptions) {
            (options.checkpointPath, options.logPath) = (checkpoint, log)
        }
        var first = trainer(steps: 12, configure)
        var asked = 0
        first.shouldStop = {
            asked += 1
            return asked > 5
        }
        #expect(try run(&first) == .stopped)
        let state = try TrainingState(contentsOf: checkpoint, for: network, optimiser: Adam())
        #expect(state.step == 5)
        var second = Trainer(state, options: first.options)
        #expect(try run(&second) == .finished)
        #expect(second.state.parameters.isIdentical(to: whole.state.parameters))
        #expect(second.state.seconds >= first.state.seconds)
        #expect(lines(log).count == 13)
        #expect(lines(log)[0] == "step,seconds,rate,loss,gradient_norm,taken")
        #expect(lines(log).dropFirst().map { Int($0.split(separator: ",")[0]) } == Array(1...12))
    }

    @Test("After a kill the log goes on from the last checkpoint without doubled lines")
    func killedLog() throws {
        let log = "\(folder.path)/log.csv"
        var first = trainer(steps: 9) { $0.logPath = log }
        _ = try run(&first)
        var second = trainer(steps: 9) { $0.logPath = log }
        second.state.step = 4
        _ = try run(&second)
        #expect(lines(log).dropFirst().map { Int($0.split(separator: ",")[0]) } == Array(1...9))
    }

    @Test(
        "Progress tells the mean energies of the steps since the last report, those that were taken"
    )
    func energies() throws {
        var trainer = trainer(steps: 6) { $0.progressInterval = 3 }
        var told: [[String: Double]] = []
        trainer.progress = { told.append($0.energies) }
        var number = 0.0
        let parameters = network.parameters()
        _ = try trainer.run(batch: { _, _ in }) { _, _ in
            number += 1
            return StepOutcome(
                loss: number == 2 ? .nan : 1,
                gradients: parameters.values.mapValues { Tensor(repeating: 0, shape: $0.shape) },
                energies: number < 4 ? ["a": number, "b": 4] : [:])
        }
        #expect(told == [["a": 2, "b": 4], [:]])
        let parts = [["a": 1, "b": 3.0], ["a": 5]].map {
            StepOutcome(loss: 0, gradients: [:], energies: $0)
        }
        #expect(StepOutcome(averaging: parts).energies == ["a": 3, "b": 3])
    }

    @Test("Checkpoints are written when their interval of seconds has passed")
    func interval() throws {
        let checkpoint = "\(folder.path)/c"
        var trainer = trainer(steps: 100) {
            ($0.checkpointPath, $0.checkpointInterval) = (checkpoint, 300)
        }
        var time: Double = 1000
        trainer.clock = { time }
        var found: [Int] = []
        let step = try network.step()
        _ = try trainer.run(batch: { SmallNetwork.batch(&$1) }) { parameters, batch in
            time += 70
            if let state = try? TrainingState(
                contentsOf: checkpoint, for: network, optimiser: Adam()),
                found.last != state.step
            {
                found.append(state.step)
            }
            return try step(parameters, batch)
        }
        #expect(found == Array(stride(from: 5, through: 95, by: 5)))
        #expect(trainer.state.seconds == 7000)
        let last = try TrainingState(contentsOf: checkpoint, for: network, optimiser: Adam())
        #expect(last.step == 100)
    }

    @Test("A step that is not finite is refused and changes nothing; too many end the run")
    func refusal() throws {
        var trainer = trainer(steps: 100) { $0.refusalLimit = 3 }
        let step = try network.step()
        var seen: [Parameters] = []
        #expect {
            _ = try trainer.run(batch: { number, random in (number, SmallNetwork.batch(&random)) })
            { parameters, batch in
                seen.append(parameters)
                var outcome = try step(parameters, batch.1)
                switch batch.0 {
                case 2: outcome.loss = .nan
                case 4: outcome.gradients["head.bias"] = Tensor([.infinity], shape: [1])
                case 10...: outcome.gradients["head.bias"] = Tensor([.nan], shape: [1])
                default: break
                }
                return outcome
            }
        } throws: {
            guard let error = $0 as? TrainingError else { return false }
            return error.step == 13 && error.refusals == 3 && !"\(error)".contains("\n")
        }
        #expect(seen.count == 13)
        for step in 1..<13 {
            let isRefused = [2, 4, 10, 11].contains(step - 1)
            #expect(seen[step].isIdentical(to: seen[step - 1]) == isRefused, "step \(step)")
        }
        #expect(trainer.state.refusals == 5)
        #expect(trainer.state.parameters.allSatisfy { $0.tensor.elements.allSatisfy(\.isFinite) })
    }

    @Test("Progress and samples come at their intervals, and once more at the end")
    func callbacks() throws {
        var trainer = trainer(steps: 10) { ($0.progressInterval, $0.sampleInterval) = (4, 5) }
        var time: Double = 0
        trainer.clock = {
            time += 0.5
            return time
        }
        var (reports, samples): ([TrainingProgress], [Int]) = ([], [])
        trainer.progress = { reports.append($0) }
        trainer.sample = { samples.append($0.step) }
        _ = try run(&trainer)
        #expect(reports.map(\.step) == [4, 8, 10])
        #expect(samples == [5, 10])
        #expect(reports.allSatisfy { abs($0.stepsPerSecond - 2) < 1e-9 })
        #expect(reports.map { ($0.secondsLeft * 2).rounded() } == [6, 2, 0])
        #expect(reports[2].loss < reports[0].loss)
    }

    @Test("A folder that is not there is an error before the first step")
    func unwritable() throws {
        var trainer = trainer(steps: 1) { $0.logPath = "\(folder.path)/none/log.csv" }
        #expect(throws: FileWriteError.self) { try run(&trainer) }
        #expect(trainer.state.step == 0)
    }
}
