// A square with a goal at the middle of each side.
import Glibc
import Policy
import Tensors

/// A square of side N: a step moves by up to 1 along each axis and never out of it; within one of four unit squares at the middles of
/// the sides it is worth 10, elsewhere -0.1. An episode begins anywhere and lasts 2 N steps.
///
/// - SeeAlso: ZOSPI (arXiv:2006.06600), Four-Solution-Maze; N is not stated there.
struct FourSolutionMaze: Environment, Sendable {
    let side: Int
    private var place: (x: Float, y: Float) = (0, 0)
    private var count = 0

    init(side: Int) { self.side = side }

    let stateCount = 2
    let box = ActionBox(2)

    /// Where one is, from -1 to 1 along each axis.
    private var state: [Float] { [place.x, place.y].map { 2 * $0 / Float(side) - 1 } }

    mutating func reset(using random: inout RandomSource) -> [Float] {
        place = (Float(side) * Float(random.uniform()), Float(side) * Float(random.uniform()))
        count = 0
        return state
    }

    mutating func step(_ action: [Float]) -> EnvironmentStep {
        let side = Float(side)
        place.x = min(max(place.x + box.clamped(action[0]), 0), side)
        place.y = min(max(place.y + box.clamped(action[1]), 0), side)
        count += 1
        return EnvironmentStep(
            state: state, reward: steps(from: place) == 0 ? 10 : -0.1, isCut: count == 2 * self.side
        )
    }

    /// The least number of steps to a goal.
    private func steps(from place: (x: Float, y: Float)) -> Int {
        let (middle, side) = (Float(side) / 2, Float(side))
        func distance(_ x: Float, _ low: Float, _ high: Float) -> Float {
            max(low - x, x - high, 0)
        }
        let goals = [
            (0, middle - 0.5), (side - 1, middle - 0.5), (middle - 0.5, 0),
            (middle - 0.5, side - 1),
        ]
        return goals.map { goal in
            let across = distance(place.x, goal.0, goal.0 + 1)
            return Int(ceil(max(across, distance(place.y, goal.1, goal.1 + 1))))
        }.min() ?? 0
    }

    /// The mean over all beginnings of the most that an episode can be worth.
    var optimum: Double {
        let fine = 20 * side
        var sum = 0.0
        for row in 0..<fine {
            for column in 0..<fine {
                let (x, y) = (Float(column) + 0.5, Float(row) + 0.5)
                // The step that arrives counts already; from within a goal the first step can stay there.
                let needed = max(steps(from: (x / 20, y / 20)), 1)
                sum += 10 * Double(2 * side - needed + 1) - 0.1 * Double(needed - 1)
            }
        }
        return sum / Double(fine * fine)
    }
}
