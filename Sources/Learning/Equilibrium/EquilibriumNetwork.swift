// A model with its parameters and what computes it: finds equilibria and compares them.
import Graphs
import Tensors

/// What a network is shown and what it should answer, batch first.
public struct EnergyExample<Scalar: TensorScalar>: Sendable {
    /// What it is shown, and what it should answer.
    public var input: Tensor<Scalar>, target: Tensor<Scalar>

    /// An example, or a batch of them.
    public init(input: Tensor<Scalar>, target: Tensor<Scalar>) {
        self.input = input
        self.target = target
    }

    var values: [String: Tensor<Scalar>] {
        [EnergyName.input: input, EnergyName.target: target]
    }
}

/// Where a model settled.
public struct Equilibrium<Scalar: TensorScalar>: Sendable {
    /// The activities by name.
    public let activities: [String: Tensor<Scalar>]
    /// The nudging they settled under.
    public let nudging: Double
    /// How many steps that took.
    public let steps: Int
    /// Whether the tolerance ended the phase; false where all steps were taken.
    public let isSettled: Bool

    func values(prefix: String = "") -> [String: Tensor<Scalar>] {
        var values = Dictionary(
            uniqueKeysWithValues: activities.map {
                (prefix + EnergyName.activity($0.key), $0.value)
            })
        values[prefix + EnergyName.nudging] = Tensor(Scalar(nudging))
        return values
    }
}

/// A model with its parameters, made ready to settle many times.
///
/// One step of inference is one graph, made once and run again and again with its state carried.
public final class EquilibriumNetwork<Model: EnergyModel, Scalar: TensorScalar> {
    /// The model.
    public let model: Model
    /// How it settles.
    public let relaxation: Relaxation
    let graphs: EnergyGraphs<Model>
    private let prepare: GraphPreparation<Scalar>
    private var prepared: [String: any PreparedGraph<Scalar>] = [:]
    private(set) var parameters: [String: Tensor<Scalar>] = [:]

    /// A network without parameters: set them before anything else.
    ///
    /// - Parameter prepare: What computes its graphs; the references unless said.
    public init(
        _ model: Model, _ relaxation: Relaxation = Relaxation(),
        prepare: @escaping GraphPreparation<Scalar> = { ReferenceGraph<Scalar>($0) }
    ) {
        self.model = model
        self.relaxation = relaxation
        self.prepare = prepare
        graphs = EnergyGraphs(model: model, rate: relaxation.rate)
    }

    /// Sets parameters by path; those not named keep their values.
    public func setParameters(_ values: [String: Tensor<Scalar>]) {
        parameters.merge(values) { $1 }
        for graph in prepared.values { graph.setParameters(values) }
    }

    /// The graph called `name`, made ready when it is first needed.
    func prepared(_ name: String, _ graph: () -> Graph) -> any PreparedGraph<Scalar> {
        if let known = prepared[name] { return known }
        let made = prepare(graph())
        made.setParameters(parameters)
        prepared[name] = made
        return made
    }

    // MARK: - Settling

    /// The free equilibrium: the model settles from its start without a target.
    ///
    /// - Throws: `EquilibriumError.diverged`, and what evaluation throws.
    public func freeEquilibrium(
        _ example: EnergyExample<Scalar>
    ) throws -> Equilibrium<Scalar> {
        let start = try prepared("start") { graphs.start }.outputs(example.values)
        let begin = Equilibrium(
            activities: Dictionary(
                uniqueKeysWithValues: model.activities.map {
                    ($0, start[EnergyName.activity($0)]!)
                }), nudging: 0, steps: 0, isSettled: false)
        return try settle(from: begin, example, nudging: 0, steps: relaxation.freeSteps)
    }

    /// The equilibrium under a nudging, settled from another one.
    ///
    /// - Throws: `EquilibriumError.diverged`, and what evaluation throws.
    public func equilibrium(
        _ example: EnergyExample<Scalar>, nudging: Double, from begin: Equilibrium<Scalar>
    ) throws -> Equilibrium<Scalar> {
        try settle(from: begin, example, nudging: nudging, steps: relaxation.nudgedSteps)
    }

    func settle(
        from begin: Equilibrium<Scalar>, _ example: EnergyExample<Scalar>, nudging: Double,
        steps: Int, clamping clamped: String? = nil
    ) throws -> Equilibrium<Scalar> {
        let step = prepared("step \(clamped ?? "")") { graphs.step(clamping: clamped) }
        var activities = begin.activities
        var judge = StepJudge(
            spacing: Double(Scalar.ulpOfOne), tolerance: relaxation.tolerance)
        var inputs = example.values
        inputs[EnergyName.nudging] = Tensor(Scalar(nudging))
        func equilibrium(_ steps: Int, isSettled: Bool) -> Equilibrium<Scalar> {
            Equilibrium(
                activities: activities, nudging: nudging, steps: steps, isSettled: isSettled)
        }
        for index in 0..<max(steps, 0) {
            for (name, value) in activities { inputs[EnergyName.activity(name)] = value }
            let outputs = try step.outputs(inputs)
            for name in model.activities {
                activities[name] = outputs[EnergyName.activity(name)]!
            }
            func lengths(_ name: (String) -> String) -> [Double] {
                model.activities.map { Double(outputs[name($0)]!.item) }
            }
            switch judge.judge(
                changes: lengths(EnergyName.change), sizes: lengths(EnergyName.size))
            {
            case .goOn: break
            case .settled: return equilibrium(index + 1, isSettled: true)
            case .diverged(let activity):
                throw EquilibriumError.diverged(
                    activity: model.activities[activity], step: index + 1, rate: relaxation.rate,
                    nudging: "\(nudging)")
            }
        }
        return equilibrium(max(steps, 0), isSettled: false)
    }

    // MARK: - Reading

    /// The loss, summed over the batch, and what the model answers.
    public func outcome(
        _ example: EnergyExample<Scalar>, at equilibrium: Equilibrium<Scalar>
    ) throws -> (loss: Double, prediction: Tensor<Scalar>) {
        let outputs = try prepared("outcome") { graphs.outcome }.outputs(
            example.values.merging(equilibrium.values()) { $1 })
        return (Double(outputs[EnergyName.loss]!.item), outputs[EnergyName.prediction]!)
    }

    /// (∂E/∂W at one equilibrium - ∂E/∂W at another) / the difference of their nudgings, by path.
    public func contrast(
        _ example: EnergyExample<Scalar>, _ first: Equilibrium<Scalar>,
        _ second: Equilibrium<Scalar>
    ) throws -> [String: Tensor<Scalar>] {
        precondition(first.nudging != second.nudging, "two equilibria of one nudging")
        return try gradients(prepared("contrast") { graphs.contrast }, example, first, second)
    }

    func gradients(
        _ graph: any PreparedGraph<Scalar>, _ example: EnergyExample<Scalar>,
        _ first: Equilibrium<Scalar>, _ second: Equilibrium<Scalar>
    ) throws -> [String: Tensor<Scalar>] {
        let inputs = example.values.merging(first.values(prefix: EnergyName.first)) { $1 }
            .merging(second.values(prefix: EnergyName.second)) { $1 }
        return Self.byPath(try graph.outputs(inputs))
    }

    /// Outputs "gradient.PATH" by path.
    static func byPath(_ outputs: [String: Tensor<Scalar>]) -> [String: Tensor<Scalar>] {
        let prefix = EnergyName.gradient("")
        return Dictionary(
            uniqueKeysWithValues: outputs.lazy.filter { $0.key.hasPrefix(prefix) }.map {
                (String($0.key.dropFirst(prefix.count)), $0.value)
            })
    }
}
