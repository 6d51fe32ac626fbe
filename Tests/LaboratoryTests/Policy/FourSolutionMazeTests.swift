import Tensors
import Testing

@testable import Laboratory

@Suite struct FourSolutionMazeTests {
    @Test("Going straight to the nearest goal earns what the optimum says")
    func optimum() {
        var maze = FourSolutionMaze(side: 16)
        var random = RandomSource(seed: 1)
        var sum = 0.0
        for _ in 0..<4000 {
            var state = maze.reset(using: &random)
            var isCut = false
            var steps = 0
            while !isCut {
                // From -1...1 to places; the nearest point of each goal, the largest axis first.
                let (x, y) = (8 * (state[0] + 1), 8 * (state[1] + 1))
                let ways = [(0.0, 7.5), (15, 7.5), (7.5, 0), (7.5, 15)].map {
                    (low: (Double, Double)) -> (Float, Float) in
                    let (a, b) = (Float(low.0), Float(low.1))
                    // Well inside, as rounding may lead out of the edge.
                    return (
                        min(max(x, a + 0.01), a + 0.99) - x, min(max(y, b + 0.01), b + 0.99) - y
                    )
                }
                let way =
                    ways.min { max(abs($0.0), abs($0.1)) < max(abs($1.0), abs($1.1)) } ?? (0, 0)
                let outcome = maze.step([way.0, way.1])
                sum += Double(outcome.reward)
                (state, isCut) = (outcome.state, outcome.isCut)
                steps += 1
                #expect(!outcome.isEnd)
            }
            #expect(steps == 32)
        }
        #expect(abs(sum / 4000 - maze.optimum) < 2, "\(sum / 4000), \(maze.optimum)")
    }

    @Test("No step leads out of the square, and none goes farther than 1")
    func walls() {
        var maze = FourSolutionMaze(side: 4)
        var random = RandomSource(seed: 3)
        var state = maze.reset(using: &random)
        for _ in 0..<200 {
            let outcome = maze.step([Float(20 * random.uniform() - 10), 10])
            #expect(outcome.state.allSatisfy { abs($0) <= 1 })
            // Two of the square's four units are 1 of the state's two.
            #expect(zip(outcome.state, state).allSatisfy { abs($0 - $1) <= 0.5001 })
            state = outcome.isCut ? maze.reset(using: &random) : outcome.state
        }
    }
}
