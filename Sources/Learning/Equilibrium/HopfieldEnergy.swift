// A layered Hopfield network: symmetric connections, dense or convolutional.
import Graphs
import Networks
import Tensors

/// Layers of neurons that drive each other both ways through the same weights.
///
/// Φ = Σ s_l · (W_l s_{l-1} + b_l), I = -Φ up to a term of the activities alone, and the loss is
/// half the squared distance of the last layer from the target. All layers settle at once, by
/// s <- σ(-dE/ds). With a feedback gain γ under 1 the layers' terms are weighed by γ^(l - L): then
/// a layer hears the next one γ times as loud, and the connections stay symmetric in the energy.
///
/// It is a network of its own, with weights for symmetric connections: no forward pass of another
/// graph can be run, or trained, by it.
///
/// - SeeAlso: Scellier and Bengio (arXiv:1602.05179); Laborieux et al. (arXiv:2006.03824)
///   for convolutions; Xie and Seung, Neural Computation 15 (2003), for the gain.
public struct HopfieldEnergy<Function: Squashing>: ClampableEnergyModel {
    /// The connections, each from the layer before to its own.
    public let connections: [HopfieldConnection]
    /// What keeps activities between 0 and 1.
    public let squashing: Function
    /// How loud a layer hears the next one, against the one before.
    public let feedbackGain: Double

    /// A network of the given connections.
    public init(
        _ connections: [HopfieldConnection], squashing: Function, feedbackGain: Double = 1
    ) {
        precondition(!connections.isEmpty, "no connections")
        precondition(connections.allSatisfy(\.isLinear), "connections are linear: \(connections)")
        precondition(feedbackGain > 0, "a feedback gain of \(feedbackGain)")
        self.connections = connections
        self.squashing = squashing
        self.feedbackGain = feedbackGain
    }

    /// A fully connected network of the given widths, input and output included; its parameters
    /// live at "0.weight", "0.bias", "1.weight", ...
    ///
    /// - Parameter initialiser: Of the weights, with biases of zero; nil is PyTorch's default.
    public init(
        widths: [Int], squashing: Function, feedbackGain: Double = 1,
        initialiser: Initialiser? = nil
    ) {
        let connections = (1..<widths.count).map { index in
            HopfieldConnection.dense(
                LinearLayer(
                    ParameterPath("") / (index - 1), widths[index - 1], widths[index],
                    initialiser: initialiser))
        }
        self.init(connections, squashing: squashing, feedbackGain: feedbackGain)
    }

    public var declarations: [Declaration] { connections.declarations }
    public var activities: [String] { (1...connections.count).map { "s\($0)" } }
    public var clampedActivity: String { "s\(connections.count)" }

    /// Zeros.
    public func start(from input: Value) -> [Value] {
        var values: [Value] = []
        for connection in connections {
            values.append(connection(values.last ?? input).applying(ZerosLike()))
        }
        return values
    }

    /// γ^(l - L).
    private func weight(of layer: Int) -> Double {
        (layer + 1..<connections.count).reduce(1) { weight, _ in weight / feedbackGain }
    }

    /// -Φ, with each layer's term weighed by the gain.
    public func internalEnergy(_ state: EnergyState) -> Value {
        var before = state.input
        var terms: [Value] = []
        for (layer, (name, connection)) in zip(activities, connections).enumerated() {
            let term = (state[name] * connection(before)).sum()
            terms.append(-weight(of: layer) * term)
            before = state[name]
        }
        return terms.dropFirst().reduce(terms[0], +)
    }

    public func loss(_ state: EnergyState) -> Value {
        prediction(state).halfSquaredDistance(to: state.target)
    }

    /// The last layer.
    public func prediction(_ state: EnergyState) -> Value { state[clampedActivity] }

    /// s <- s + rate (σ(-dE/ds) - s), the slope freed from the weight of its layer.
    public func relaxed(_ state: EnergyState, rate: Double) -> [Value] {
        let values = activities.map { state[$0] }
        let slopes = state.builder.gradients(of: energy(state), withRespectTo: values)
        return values.indices.map { layer in
            let target = squashing((-1 / weight(of: layer)) * slopes[layer]!)
            return rate == 1 ? target : values[layer] + rate * (target - values[layer])
        }
    }
}

extension HopfieldEnergy: HolomorphicEnergyModel where Function: AnalyticSquashing {}
