// A graph cut in two yields what it yields whole, and what is computed once reads nothing that moves.
import Graphs
import Tensors
import Testing

@testable import Learning

@Suite("What stays while a phase repeats itself")
struct PhaseCutTests {
    /// The phases of predictive coding on networks drawn at random, with values for all that they take.
    private func forEachPhase(
        _ body: (Phase, [String: Tensor<Double>]) throws -> Void
    ) throws {
        for seed in 1...20 {
            let network = RandomNetwork(seed: UInt64(seed))
            var rule = PredictiveCoding()
            rule.output = .nudged
            for coordinates in [
                PredictiveCoding.Coordinates.values, .errors, .valuesWithFixedPredictions,
            ] {
                rule.coordinates = coordinates
                var known = network.values
                for phase in try rule.phases(of: network.graph, loss: "loss", learning: nil) {
                    let shapes = try phase.shapes(knowing: known.mapValues(\.shape))
                    var random = RandomSource(seed: UInt64(seed))
                    for (name, shape) in shapes.sorted(by: { $0.key < $1.key })
                    where known[name] == nil {
                        known[name] = .normal(shape, using: &random)
                    }
                    try body(phase, known)
                }
            }
        }
    }

    @Test("Both parts together yield what the whole graph yields, to the bit")
    func equality() throws {
        var cuts = 0
        try forEachPhase { phase, known in
            guard let cut = PhaseCut(phase.graph, carried: Set(phase.carried.values)) else {
                return
            }
            cuts += 1
            let once = try cut.opening.evaluate(known.filter { cut.opening.takes($0.key) })
            let all = known.merging(once) { $1 }
            let found = try cut.repeated.evaluate(all.filter { cut.repeated.takes($0.key) })
            let whole = try phase.graph.evaluate(known.filter { phase.graph.takes($0.key) })
            #expect(found == whole)
        }
        #expect(cuts > 50)
    }

    @Test("What is computed once reads nothing that runs change, and the runs compute none of it")
    func separation() throws {
        try forEachPhase { phase, _ in
            let carried = Set(phase.carried.values)
            guard let cut = PhaseCut(phase.graph, carried: carried) else { return }
            #expect(carried.isDisjoint(with: cut.opening.inputs.keys))
            // Nothing is left to be cut off.
            #expect(PhaseCut(cut.repeated, carried: carried) == nil)
            func work(_ graph: Graph) -> Int { graph.nodes.count { !$0.inputs.isEmpty } }
            #expect(work(cut.repeated) < work(phase.graph))
        }
    }

    @Test("A graph of which everything moves, or only parameters stay, is left whole")
    func nothingToCut() {
        let graph = Graph.build { builder in
            let weights = 2 * builder.parameter("w")
            builder.output(builder.input("x") * weights + builder.input("y"), "z")
        }
        #expect(PhaseCut(graph, carried: ["x", "y"]) == nil)
        #expect(PhaseCut(graph, carried: ["x"]) == nil)
        let other = Graph.build { builder in
            builder.output(builder.input("x") + 2 * builder.input("y"), "z")
        }
        #expect(PhaseCut(other, carried: ["x"]) != nil)
    }
}
