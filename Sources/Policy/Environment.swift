// What a policy acts in.
import Tensors

/// A world that is acted in, step by step.
public protocol Environment {
    /// Numbers of a state, and which actions there are.
    var stateCount: Int { get }
    var box: ActionBox { get }

    /// Begins an episode, and says in which state.
    mutating func reset(using random: inout RandomSource) throws -> [Float]

    /// Does something, and says what came of it. After an end or a cut comes a reset.
    mutating func step(_ action: [Float]) throws -> EnvironmentStep
}

/// What came of an action.
public struct EnvironmentStep: Sendable, Hashable {
    /// The state after it, and what it was worth.
    public var state: [Float], reward: Float
    /// Whether nothing can follow; whether the episode is over for lack of time alone, so that something would.
    public var isEnd: Bool, isCut: Bool

    /// What came of an action.
    public init(state: [Float], reward: Float, isEnd: Bool = false, isCut: Bool = false) {
        (self.state, self.reward, self.isEnd, self.isCut) = (state, reward, isEnd, isCut)
    }
}
