// What a learner asks of an actor that gets better, whatever it is made of.
import Tensors

/// An actor that learns, beside the slow copy of it that targets are made with.
protocol ActorTraining: AnyObject {
    /// What it would do in each state.
    func actions(for states: Tensor<Float>) throws -> Tensor<Float>
    /// What its slow copy would do.
    func slowActions(for states: Tensor<Float>) throws -> Tensor<Float>
    /// Learns to do what was found to be better; where nothing was, the action is that of the slow copy.
    func learn(_ states: Tensor<Float>, _ actions: Tensor<Float>, isBetter: [Bool]) throws
    /// Moves the slow copy.
    func blend(_ part: Double)
    /// The actor as it is.
    var actor: any PolicyActor { get }
}

/// An actor that learns from examples and needs no gradient.
protocol ExampleActor: PolicyActor {
    /// Learns to do these actions in these states.
    mutating func learn(_ states: Tensor<Float>, _ actions: Tensor<Float>) throws
}

/// An actor without gradients as it learns. It is its own slow copy: what it keeps changes little by little anyway.
final class ExampleTraining<Kind: ExampleActor>: ActorTraining {
    private var kept: Kind

    init(_ actor: Kind) { kept = actor }

    var actor: any PolicyActor { kept }
    func actions(for states: Tensor<Float>) throws -> Tensor<Float> {
        try kept.actions(for: states)
    }
    func slowActions(for states: Tensor<Float>) throws -> Tensor<Float> {
        try kept.actions(for: states)
    }
    // What is still best is an example, too: else it would be forgotten with the oldest.
    func learn(_ states: Tensor<Float>, _ actions: Tensor<Float>, isBetter: [Bool]) throws {
        try kept.learn(states, actions)
    }
    func blend(_ part: Double) {}
}
