// A choice whose reward has two peaks: a broad one near by, and a narrow one far away that is worth more.
import Glibc
import Graphs
import Policy
import Tensors

/// One step: a state s from -1 to 1, an action a from -1 to 1, and a reward with a broad peak of 0.55 at 0.2 + 0.2 s and a narrow one of 1
/// at -0.7 + 0.2 s.
struct TwoPeakBandit: Environment, Sendable {
    let stateCount = 1
    let box = ActionBox(1)
    private var state: Float = 0

    /// Height, place where s is 0, and breadth of each peak; places move with s by `slope`.
    static let peaks: [(height: Double, place: Double, breadth: Double)] = [
        (0.55, 0.2, 0.3), (1, -0.7, 0.12),
    ]
    static let slope = 0.2

    mutating func reset(using random: inout RandomSource) -> [Float] {
        state = Float(2 * random.uniform() - 1)
        return [state]
    }

    mutating func step(_ action: [Float]) -> EnvironmentStep {
        EnvironmentStep(
            state: [state], reward: Self.reward(state: state, action: action[0]), isEnd: true)
    }

    static func reward(state: Float, action: Float) -> Float {
        let sum = peaks.reduce(0.0) { sum, peak in
            let distance = (Double(action) - peak.place - slope * Double(state)) / peak.breadth
            return sum + peak.height * exp(-distance * distance)
        }
        return Float(sum)
    }

    /// The same as a graph, of states and actions side by side.
    static func worth(_ pairs: Value) -> Value {
        let state = pairs.sliced(axis: 1, from: 0, to: 1)
        let action = pairs.sliced(axis: 1, from: 1, to: 2)
        let terms = peaks.map { peak in
            let distance = (1 / peak.breadth) * (action - slope * state + -peak.place)
            return peak.height * (-1 * (distance * distance)).exp
        }
        return terms[0] + terms[1]
    }
}
