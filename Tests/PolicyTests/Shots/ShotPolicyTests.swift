// Outcomes: what they are worth, how they are kept, what is learned of them.
import Enhancement
import Glibc
import Media
import Networks
import Tensors
import Terminal
import TestSupport
import Testing

@testable import Policy

/// Shots of two kinds: those of the first gain much by the dear model, those of the second nothing.
func madeShots(_ count: Int, seed: UInt64 = 1, set: String = "train") -> [ShotOutcomes] {
    var random = RandomSource(seed: seed)
    let choices = [
        ShotChoice.skip, ShotChoice(model: "fast"), ShotChoice(model: "live"),
        ShotChoice(model: "live", strength: 0.5), ShotChoice(model: "live", balance: .automatic),
    ]
    return (0..<count).map { index in
        let isDamaged = index % 2 == 0
        var state = (0..<ShotState.names.count).map { _ in Float(0.1 * random.normal()) }
        state[0] = (isDamaged ? 5.5 : 3) + Float(0.2 * random.normal())
        state[4] = (isDamaged ? -4 : -1) + Float(0.2 * random.normal())
        let input = isDamaged ? 30.0 : 42
        let outcomes = choices.flatMap { choice in
            [14.0, 20, 26].map { quality -> Outcome in
                let effort = choice.model == "live" ? 1.0 : choice.model == nil ? 0 : 0.3
                let gain = isDamaged ? effort * Double(choice.strength) : 0
                let loss = (quality - 14) * (isDamaged ? 0.02 : 0.3)
                return Outcome(
                    choice: choice, quality: quality,
                    nearness: Nearness(
                        psnr: input + gain - loss + 0.01 * random.normal(), distance: nil),
                    bits: (isDamaged ? 0.2 : 0.8) * exp2((14 - quality) / 6), seconds: 2e-7 * effort
                )
            }
        }
        return ShotOutcomes(
            name: "shot \(index)", clip: "clip \(index / 4)", set: set, state: ShotState(state),
            input: Nearness(psnr: input, distance: nil), outcomes: outcomes)
    }
}

@Suite("Policies for shots")
struct ShotPolicyTests {
    @Test("A nearer picture is worth more, and what nobody sees counts little")
    func worth() {
        let poor = Nearness(psnr: 30, distance: 0.1), better = Nearness(psnr: 31, distance: 0.08)
        #expect(poor.gain(over: poor) == 0)
        let gain = better.gain(over: poor)
        #expect(gain > 0.85 && gain < 1, "\(gain)")
        #expect(abs(gain + poor.gain(over: better)) < 1e-12)
        let fine = Nearness(psnr: 55, distance: nil), finer = Nearness(psnr: 58, distance: nil)
        #expect(finer.gain(over: fine) < 0.5)
        // Where deep features were not measured, fidelity alone counts.
        #expect(
            abs(
                Nearness(psnr: 31, distance: nil).gain(over: poor)
                    - Nearness(psnr: 31, distance: nil).gain(
                        over: Nearness(psnr: 30, distance: nil)))
                < 1e-12)
    }

    @Test("Numbers between qualities lie on lines between those that were tried")
    func grid() throws {
        let shots = madeShots(2)
        let grid = try #require(ShotGrid(of: shots[0]))
        #expect(grid.choices.count == 5 && grid.qualities == [14, 20, 26])
        #expect(grid.actions.count == 5 * 13)
        let values = grid.between((0..<15).map { Double($0) })
        #expect(values[0] == 0 && values[6] == 1 && values[12] == 2)
        #expect(abs(values[1] - 1 / 6.0) < 1e-12 && abs(values[11] - 11 / 6.0) < 1e-12)
        #expect(abs(values[3] - 0.5) < 1e-12 && abs(values[13 + 9] - 4.5) < 1e-12)
        #expect(grid.actions(near: 17.4).allSatisfy { grid.actions[$0].quality == 17 })
        var broken = shots[0]
        broken.outcomes.removeLast()
        #expect(ShotGrid(of: broken) == nil)
    }

    @Test("A table of outcomes comes back as written; a half line is passed over and written over")
    func files() throws {
        let folder = try TemporaryFolder()
        let path = folder("outcomes.jsonl"), shots = madeShots(3)
        do {
            let file = try OutcomeFile(appending: path)
            for shot in shots[..<2] { try file.append(shot) }
        }
        #expect(try OutcomeFile.read(path) == Array(shots[..<2]))
        writeBytes(readBytes(path) + Array("{\"shot\": \"ha".utf8), to: path)
        #expect(try OutcomeFile.read(path).count == 2)
        do {
            let file = try OutcomeFile(appending: path)
            #expect(file.known == ["shot 0", "shot 1"])
            try file.append(shots[2])
        }
        #expect(try OutcomeFile.read(path) == shots)
        var other = shots[0]
        other.outcomes[0].quality = 15
        writeBytes(readBytes(path) + Array((other.json.compact + "\n").utf8), to: path)
        #expect(throws: OutcomeFileError.self) { try OutcomeFile.read(path) }
        #expect(throws: OutcomeFileError.self) { try OutcomeFile.read(folder("none")) }
    }

    @Test("It foresees which kind of shot gains, and what choices cost")
    func foresees() throws {
        let grid = try #require(ShotGrid(of: madeShots(1)[0]))
        let policy = ShotPolicy(learning: madeShots(60), on: grid, trees: 30)
        #expect(policy.unit.model == "live" && abs(policy.unit.seconds - 2e-7) < 1e-12)
        #expect(abs((policy.unit.models["fast"] ?? 0) - 0.3) < 1e-9)
        let fresh = madeShots(8, seed: 7)
        let table = policy.table(for: fresh.map(\.state), weights: fresh.map { _ in 1 })
        let truth = ShotTable(fresh, on: grid, unit: policy.unit)
        for shot in fresh.indices {
            for action in stride(from: 0, to: grid.actions.count, by: 5) {
                // Few trees, whose leaves hold a shot of the other kind now and then.
                #expect(abs(table.worth[shot][action] - truth.worth[shot][action]) < 0.5)
                #expect(abs(table.effort[shot][action] - truth.effort[shot][action]) < 0.05)
                #expect(abs(table.bits[shot][action] / truth.bits[shot][action] - 1) < 0.25)
            }
        }
    }

    @Test("A policy comes back from its file; files of other kinds and versions are refused")
    func policyFiles() throws {
        let folder = try TemporaryFolder()
        let grid = try #require(ShotGrid(of: madeShots(1)[0]))
        let policy = ShotPolicy(learning: madeShots(20), on: grid, trees: 5)
        let path = folder("shots.safetensors")
        try policy.write(to: path)
        let same = try ShotPolicy(contentsOf: path)
        #expect(same.grid == grid && same.unit == policy.unit)
        let states = madeShots(4, seed: 5).map(\.state)
        #expect(
            same.table(for: states, weights: [1, 1, 1, 1]).worth
                == policy.table(for: states, weights: [1, 1, 1, 1]).worth)
        let file = try Safetensors(contentsOf: path)
        for (key, value) in [
            ("percept.kind", "looks"), ("shots.version", "1"), ("shots.state", "luma step"),
            ("shots.qualities", "20;14"), ("shots.choices", "live"), ("shots.unit", "live;0"),
        ] {
            var metadata = file.metadata
            metadata[key] = value
            let names = file.entries.map(\.name)
            try Safetensors.write(
                try names.map { (name: $0, tensor: try file.tensor($0)) }, metadata: metadata,
                to: folder("other.safetensors"))
            #expect(throws: SafetensorsError.self, "\(key)") {
                try ShotPolicy(contentsOf: folder("other.safetensors"))
            }
        }
    }

    @Test("Numbers of the box and actions mean one another")
    func coding() throws {
        let shots = madeShots(10)
        let grid = try #require(ShotGrid(of: shots[0]))
        let all = Array(grid.actions.indices)
        let coding = ShotActionCoding(grid, allowed: all, states: shots.map(\.state))
        for action in all { #expect(coding.action(coding.numbers(action)) == action) }
        #expect(all.contains(coding.action([-1, -1, -1, -1])))
        #expect(all.contains(coding.action([1, 1, 1, 1])))
        let state = coding.state(shots[0].state, ShotPrices(effort: 0, bits: 1e9))
        #expect(state.count == coding.stateCount && state.suffix(2) == [-1, 1])
    }

    @Test(
        "A contest has all ways at all budgets; what foresees goes most of the way where that can be foreseen"
    )
    func contest() throws {
        var contest = try #require(
            ShotContest(
                training: madeShots(40), validation: madeShots(16, seed: 3, set: "validate")))
        (contest.steps, contest.seeds) = (600, 1)
        let rounds = try contest.run()
        #expect(rounds.count == 9)
        for round in rounds {
            #expect(
                round.results.map(\.name) == [
                    "foreseen outcomes", "greedy by damage", "fitted to the oracle", "ZOSPI", "TD3",
                ])
            if let constant = round.constant {
                #expect(round.oracle >= constant.worth - 1e-9)
            }
            // Actors that have hardly learned heed no price.
            for result in round.results[..<2] {
                for spent in (result.effort + result.bits).compactMap({ $0 }) {
                    #expect(spent < 1.06, "\(result.name) at \(round.limits) \(round.part)")
                }
                #expect(result.mean <= round.oracle + 0.05)
            }
        }
        let first = rounds[0]
        #expect(first.results[0].part(from: first.constant?.worth ?? 0, to: first.oracle) > 0.7)
        #expect(first.results[3].updates == 100 && first.results[4].updates == 100)
    }

    @Test("Bits are foreseen from those that were tried, at any quality")
    func triedBits() throws {
        // Shots that need a hundred times as many bits as any that was learned from.
        var shots = madeShots(40)
        for index in shots.indices {
            let outcomes = shots[index].outcomes
            func tried(_ quality: Double) -> Double {
                let fine = outcomes[0]
                return fine.bits * exp2((fine.quality - quality) / 6)
            }
            shots[index].state.values[17] = Float(log2(tried(18)))
            shots[index].state.values[18] = Float(log2(tried(29)))
        }
        let grid = try #require(ShotGrid(of: shots[0]))
        let policy = ShotPolicy(learning: shots, on: grid, trees: 20)
        var state = shots[1].state
        for place in 17...18 { state.values[place] += Float(log2(100.0)) }
        let table = policy.table(for: [shots[1].state, state], weights: [1, 1])
        for action in grid.actions.indices {
            let ratio = (table.bits[1][action] + 1e-4) / (table.bits[0][action] + 1e-4)
            #expect(abs(log2(ratio / 100)) < 0.2, "\(ratio)")
        }
    }
}
