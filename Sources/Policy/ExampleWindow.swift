// The latest examples of what is best in which state.
import Tensors

/// States and the actions that were best there, the latest ones.
struct ExampleWindow {
    /// Numbers of a state and of an action, and examples kept.
    let stateCount: Int, actionCount: Int, capacity: Int
    /// A row each, in no order that means anything.
    private(set) var states: [Float] = [], actions: [Float] = []
    private var oldest = 0

    init(stateCount: Int, actionCount: Int, capacity: Int) {
        precondition(capacity > 0, "a window of \(capacity) examples")
        (self.stateCount, self.actionCount, self.capacity) = (stateCount, actionCount, capacity)
    }

    /// Examples kept.
    var count: Int { states.count / stateCount }

    /// Keeps examples, in place of the oldest where there is no more room.
    mutating func append(_ states: Tensor<Float>, _ actions: Tensor<Float>) {
        precondition(
            states.shape == [states.shape[0], stateCount]
                && actions.shape == [states.shape[0], actionCount],
            "\(states.shape), \(actions.shape) for \(stateCount), \(actionCount)")
        for row in 0..<states.shape[0] {
            let (state, action) = (states.row(row), actions.row(row))
            guard count == capacity else {
                self.states += state
                self.actions += action
                continue
            }
            for (index, x) in state.enumerated() { self.states[oldest * stateCount + index] = x }
            for (index, a) in action.enumerated() { self.actions[oldest * actionCount + index] = a }
            oldest = (oldest + 1) % capacity
        }
    }
}
