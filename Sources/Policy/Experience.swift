// What was done in a state, and what came of it.

/// One step: an action in a state, its reward, and the state after it.
public struct Experience: Sendable, Hashable {
    /// The state before, and what was done in it.
    public var state: [Float], action: [Float]
    /// What it was worth.
    public var reward: Float
    /// The state after.
    public var next: [Float]
    /// Whether nothing can follow, as after the one step of a bandit. A limit of time is no end: there the next state's
    /// value still counts.
    public var isEnd: Bool

    /// A step.
    public init(
        state: [Float], action: [Float], reward: Float, next: [Float], isEnd: Bool
    ) {
        (self.state, self.action, self.reward) = (state, action, reward)
        (self.next, self.isEnd) = (next, isEnd)
    }

    /// The only step of a problem of one step.
    public init(state: [Float], action: [Float], reward: Float) {
        self.init(state: state, action: action, reward: reward, next: state, isEnd: true)
    }
}
