// The graphs that a model's energy becomes: start, one step, slopes by parameters, and outcome.
import Graphs

/// What the inputs and outputs of a model's graphs are called.
enum EnergyName {
    static let input = "input", target = "target", nudging = "nudging"
    static let loss = "loss", prediction = "prediction"
    /// Prefixes of the two states that a contrast compares.
    static let first = "first.", second = "second."
    static func activity(_ name: String) -> String { "activity.\(name)" }
    /// The squared length of a step, and of what it led to.
    static func change(_ name: String) -> String { "change.\(name)" }
    static func size(_ name: String) -> String { "size.\(name)" }
    static func gradient(_ path: String) -> String { "gradient.\(path)" }
    static func adjoint(_ name: String) -> String { "adjoint.\(name)" }
}

/// Builds the graphs of a model.
struct EnergyGraphs<Model: EnergyModel> {
    let model: Model
    /// How far a step of relaxation goes.
    let rate: Double

    private var learned: [String] { model.declarations.filter(\.isLearned).map(\.path) }

    /// Where the free phase starts.
    var start: Graph {
        Graph.build { builder in
            let values = model.start(from: builder.input(EnergyName.input))
            for (name, value) in zip(model.activities, values) {
                builder.output(value, EnergyName.activity(name))
            }
        }
    }

    /// One step of relaxation, with how far it went.
    ///
    /// - Parameter clamped: An activity that is held at the target.
    func step(clamping clamped: String? = nil) -> Graph {
        Graph.build { builder in
            let state = EnergyState(builder, model.activities)
            let next = model.relaxed(state, rate: rate)
            precondition(next.count == model.activities.count, "one value per activity")
            for (name, value) in zip(model.activities, next) {
                let value = name == clamped ? state.target : value
                let change = value - state[name]
                builder.output(value, EnergyName.activity(name))
                builder.output((change * change).sum(), EnergyName.change(name))
                builder.output((value * value).sum(), EnergyName.size(name))
            }
        }
    }

    /// (∂E/∂W at the first state - ∂E/∂W at the second) / (λ of the first - λ of the second).
    var contrast: Graph {
        Graph.build { builder in
            let states = [EnergyName.first, EnergyName.second].map {
                EnergyState(builder, model.activities, prefix: $0)
            }
            let distance = states[0].nudging - states[1].nudging
            appendDifference(
                of: states.map { model.energy($0) }, to: builder, dividedBy: distance)
        }
    }

    /// ∂I/∂W at the first state - ∂I/∂W at the second, not divided by anything.
    var clampedContrast: Graph {
        Graph.build { builder in
            let energies = [EnergyName.first, EnergyName.second].map {
                model.internalEnergy(EnergyState(builder, model.activities, prefix: $0))
            }
            appendDifference(of: energies, to: builder, dividedBy: nil)
        }
    }

    private func appendDifference(
        of energies: [Value], to builder: GraphBuilder, dividedBy distance: Value?
    ) {
        let parameters = learned.map { builder.parameter($0) }
        let slopes = energies.map { builder.gradients(of: $0, withRespectTo: parameters) }
        for (index, path) in learned.enumerated() {
            guard let first = slopes[0][index], let second = slopes[1][index] else { continue }
            let difference = first - second
            builder.output(
                distance.map { difference / $0 } ?? difference, EnergyName.gradient(path))
        }
    }

    /// ∂E/∂W at one state.
    var slope: Graph {
        Graph.build { builder in
            let energy = model.energy(EnergyState(builder, model.activities))
            let parameters = learned.map { builder.parameter($0) }
            let slopes = builder.gradients(of: energy, withRespectTo: parameters)
            for (path, slope) in zip(learned, slopes) {
                if let slope { builder.output(slope, EnergyName.gradient(path)) }
            }
        }
    }

    /// Loss and prediction.
    var outcome: Graph {
        Graph.build { builder in
            let state = EnergyState(builder, model.activities)
            builder.output(model.loss(state), EnergyName.loss)
            builder.output(model.prediction(state), EnergyName.prediction)
        }
    }

    /// One step of the adjoint, v <- dL/dx + (dF/dx)' v with F the relaxation, and the gradient
    /// dL/dW + (dF/dW)' v that it leads to.
    var adjoint: (step: Graph, gradient: Graph) {
        func build(_ body: (GraphBuilder, EnergyState, [(value: Value, cotangent: Value)]) -> Void)
            -> Graph
        {
            Graph.build { builder in
                let state = EnergyState(builder, model.activities)
                let loss = model.loss(state)
                var seeds = [(value: loss, cotangent: loss.applying(OnesLike()))]
                let next = model.relaxed(state, rate: rate)
                for (name, value) in zip(model.activities, next) {
                    seeds.append((value, builder.input(EnergyName.adjoint(name))))
                }
                body(builder, state, seeds)
            }
        }
        let step = build { builder, state, seeds in
            let activities = model.activities.map { state[$0] }
            let products = builder.gradients(from: seeds, withRespectTo: activities)
            for (index, name) in model.activities.enumerated() {
                let old = builder.input(EnergyName.adjoint(name))
                let value = products[index] ?? old.applying(ZerosLike())
                let change = value - old
                builder.output(value, EnergyName.adjoint(name))
                builder.output((change * change).sum(), EnergyName.change(name))
                builder.output((value * value).sum(), EnergyName.size(name))
            }
        }
        let gradient = build { builder, _, seeds in
            let parameters = learned.map { builder.parameter($0) }
            let products = builder.gradients(from: seeds, withRespectTo: parameters)
            for (path, product) in zip(learned, products) {
                if let product { builder.output(product, EnergyName.gradient(path)) }
            }
        }
        return (step, gradient)
    }
}
