// Predictive coding: layers that predict the next one, and an energy of their errors.
import Graphs
import Networks
import Tensors

/// A fully connected network whose energy is the cost of each hidden layer's prediction error.
///
/// μ_l = f(W_l x_{l-1} + b_l) with x_l after the activation; I sums a penalty of x_l - μ_l over the
/// hidden layers, and the loss is that of the last prediction μ_L. Its free equilibrium is the
/// forward pass, where all errors are 0: for small nudging it learns what backpropagation does.
///
/// - SeeAlso: arXiv:2206.02629, the algorithm PC-Nudge; Whittington and Bogacz, Neural
///   Computation 29 (2017).
public struct PredictiveCodingEnergy: EnergyModel {
    /// The layers, with parameters at "0.weight", "0.bias", "1.weight", ...
    public let layers: [LinearLayer]
    /// What a hidden layer's error costs.
    public let penalty: ErrorPenalty
    private let lossOfPrediction: @Sendable (_ prediction: Value, _ target: Value) -> Value

    /// A network of the given widths, input and output included.
    ///
    /// - Parameter activation: After each layer but the last, which has none.
    /// - Parameter loss: A single number, summed over the batch.
    public init(
        widths: [Int], activation: Activation = .relu, penalty: ErrorPenalty = .squared,
        loss: @escaping @Sendable (_ prediction: Value, _ target: Value) -> Value = {
            $0.halfSquaredDistance(to: $1)
        }
    ) {
        precondition(widths.count >= 3, "\(widths): nothing hidden, nothing to settle")
        layers = (1..<widths.count).map { index in
            LinearLayer(
                ParameterPath("") / (index - 1), widths[index - 1], widths[index],
                activation: index == widths.count - 1 ? .identity : activation)
        }
        self.penalty = penalty
        lossOfPrediction = loss
    }

    public var declarations: [Declaration] { layers.declarations }
    public var activities: [String] { (1..<layers.count).map { "x\($0)" } }

    /// The forward pass.
    public func start(from input: Value) -> [Value] {
        var values: [Value] = []
        for layer in layers.dropLast() { values.append(layer(values.last ?? input)) }
        return values
    }

    public func internalEnergy(_ state: EnergyState) -> Value {
        var before = state.input
        var costs: [Value] = []
        for (name, layer) in zip(activities, layers) {
            costs.append(penalty(state[name] - layer(before)))
            before = state[name]
        }
        return costs.dropFirst().reduce(costs[0], +)
    }

    public func loss(_ state: EnergyState) -> Value {
        lossOfPrediction(prediction(state), state.target)
    }

    /// μ_L, the last layer's prediction.
    public func prediction(_ state: EnergyState) -> Value {
        layers[layers.count - 1](state[activities[activities.count - 1]])
    }
}
