// What a model of activities and weights is that learns by settling: an energy and a loss, as graph.
import Graphs
import Networks
import Tensors

/// A network that answers by settling to a minimum of an energy, and learns from how a small pull
/// towards the target moves that minimum.
///
/// The energy E = I + λ L has an internal part I of activities and weights, and a loss L that is
/// weighed by the nudging λ. Both are built as graph, so that their derivatives by activities (how
/// the model settles) and by weights (what it learns) follow by themselves. Predictive coding,
/// Hopfield networks and contrastive Hebbian learning differ in nothing but I.
///
/// Energies sum over the batch: then every example settles as if it were alone.
///
/// A model is not a learning rule: it brings its own weights and connections, and cannot be laid
/// over another network's graph.
///
/// - SeeAlso: "Backpropagation at the infinitesimal inference limit of energy-based models:
///   unifying predictive coding, equilibrium propagation, and contrastive Hebbian learning"
///   (arXiv:2206.02629).
public protocol EnergyModel: Module {
    /// Names of the activities that settle, from input to output.
    var activities: [String] { get }

    /// Where the free phase starts, one value per activity.
    ///
    /// A start that is the free equilibrium already, such as the forward pass of predictive coding,
    /// saves the free phase.
    func start(from input: Value) -> [Value]

    /// The internal energy I, a single number: every term that a parameter enters.
    ///
    /// Terms of activities alone may be left out by a model with a `relaxed` of its own.
    func internalEnergy(_ state: EnergyState) -> Value

    /// The loss L, a single number. Parameters may enter it, as in a read-out outside the system.
    func loss(_ state: EnergyState) -> Value

    /// What the model answers in a state.
    func prediction(_ state: EnergyState) -> Value

    /// The activities one step later, one value per activity.
    ///
    /// Its fixed points must be the stationary points of E. The default is a step down the slope
    /// of the energy.
    ///
    /// - Parameter rate: How far a step goes.
    func relaxed(_ state: EnergyState, rate: Double) -> [Value]
}

extension EnergyModel {
    /// E = I + λ L.
    public func energy(_ state: EnergyState) -> Value {
        internalEnergy(state) + state.nudging * loss(state)
    }

    /// x - rate * dE/dx.
    public func relaxed(_ state: EnergyState, rate: Double) -> [Value] {
        let values = activities.map { state[$0] }
        let slopes = state.builder.gradients(of: energy(state), withRespectTo: values)
        return zip(values, slopes).map { value, slope in slope.map { value - rate * $0 } ?? value }
    }
}

/// A model of which an activity can be held at the target: the clamped phase of contrastive
/// Hebbian learning.
public protocol ClampableEnergyModel: EnergyModel {
    /// The activity that has the target's shape and meaning.
    var clampedActivity: String { get }
}

/// The values that an energy is made of, in a graph under construction.
public struct EnergyState {
    /// The graph.
    public let builder: GraphBuilder
    /// What the network is shown.
    public let input: Value
    /// What it should answer.
    public let target: Value
    /// The weight λ of the loss in the energy, a single number.
    public let nudging: Value
    private let activities: [String: Value]

    /// A state whose activities and nudging are graph inputs under `prefix`; two states in one
    /// graph share input and target.
    init(_ builder: GraphBuilder, _ activities: [String], prefix: String = "") {
        self.builder = builder
        input = builder.input(EnergyName.input)
        target = builder.input(EnergyName.target)
        nudging = builder.input(prefix + EnergyName.nudging)
        self.activities = Dictionary(
            uniqueKeysWithValues: activities.map { name in
                (name, builder.input(prefix + EnergyName.activity(name)))
            })
    }

    /// The activity called `name`.
    public subscript(name: String) -> Value {
        guard let value = activities[name] else { preconditionFailure("no activity '\(name)'") }
        return value
    }
}

extension Value {
    /// Half the sum of squared differences: its slope by this value is the difference.
    public func halfSquaredDistance(to target: Value) -> Value {
        let difference = self - target
        return 0.5 * (difference * difference).sum()
    }
}
