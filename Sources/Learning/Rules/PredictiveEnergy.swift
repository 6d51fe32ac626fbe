// The graphs of predictive coding: forward pass, curvature, a step of inference, the weights' gradients.
import Graphs

/// Builds the graphs by which a network infers and learns.
struct PredictiveEnergy {
    private let nodes: ValueNodes, rule: PredictiveCoding
    private let learned: [String]

    init(_ nodes: ValueNodes, rule: PredictiveCoding, learned: [String]) {
        (self.nodes, self.rule, self.learned) = (nodes, rule, learned)
    }

    /// Names of inputs and outputs by the number of a value node: its activities, its errors, what moves.
    private func value(_ k: Int) -> String { "value.\(nodes.names[k])" }
    private func error(_ k: Int) -> String { "error.\(nodes.names[k])" }
    private func prediction(_ k: Int) -> String { "prediction.\(nodes.names[k])" }
    private func moved(_ k: Int) -> String {
        rule.coordinates == .values ? value(k) : error(k)
    }
    private func velocity(_ k: Int) -> String { "velocity.\(nodes.names[k])" }
    private func direction(_ k: Int) -> String { "direction.\(nodes.names[k])" }
    private var numbers: Range<Int> { nodes.nodes.indices }
    /// Value nodes of which the forward pass predicts what all of inference does: weights do not change meanwhile.
    private var predictedOnce: [Int] {
        rule.isIncremental ? [] : numbers.filter { nodes.isFirst[$0] }
    }
    private func precision(_ k: Int) -> Double { rule.precisions[nodes.names[k]] ?? 1 }

    // MARK: - Phases

    /// Computes what the network yields, and activities that are as predicted.
    func forward() -> Phase {
        let graph = Graph.build { builder in
            let values = builder.append(nodes.graph)
            for (name, node) in nodes.graph.outputs { builder.output(values[node], name) }
            for k in numbers { builder.output(values[nodes.nodes[k]], value(k)) }
            for k in predictedOnce { builder.output(values[nodes.nodes[k]], prediction(k)) }
        }
        let names = numbers.map(value) + predictedOnce.map(prediction)
        return Phase(
            graph, carried: Dictionary(uniqueKeysWithValues: names.map { ($0, $0) }))
    }

    /// Measures the largest curvature of the energy over all activities together, by power iteration.
    func curvature() -> Phase {
        let graph = Graph.build { builder in
            let state = state(builder)
            let directions = numbers.map { builder.input(direction($0)) }
            // The product of the Hessian with a direction is the gradient of the slope along it.
            let slope = sum(zip(state.gradients, directions).map { ($0 * $1).sum() }, builder)
            let products = builder.gradients(of: slope, withRespectTo: state.variables)
            let rows = zip(products, directions).map { $0 ?? $1.applying(ZerosLike()) }
            let norm = (sum(rows.map { ($0 * $0).sum() }, builder) + 1e-30).squareRoot
            let length = (sum(directions.map { ($0 * $0).sum() }, builder) + 1e-30).squareRoot
            for k in numbers { builder.output(rows[k] / norm, direction(k)) }
            // The largest eigenvalue is never below that of a node that nothing reads.
            builder.output(length / norm, "rate")
        }
        var carried = ["rate": "rate"]
        var beginnings: [String: Phase.Beginning] = [:]
        for k in numbers {
            carried[direction(k)] = direction(k)
            beginnings[direction(k)] = .noise(like: value(k))
            if rule.coordinates != .values { beginnings[error(k)] = .zeros(like: value(k)) }
        }
        return Phase(
            graph, repetitions: 20, carried: carried, interval: rule.curvatureInterval,
            beginnings: beginnings)
    }

    /// Moves all activities once.
    func inference() -> Phase {
        let graph = Graph.build { builder in
            let state = state(builder)
            let rate = builder.input("rate")
            for k in numbers {
                let pull = rate * state.gradients[k]
                guard rule.momentum > 0 else {
                    builder.output(state.variables[k] - pull, moved(k))
                    continue
                }
                let step = rule.momentum * builder.input(velocity(k)) - pull
                builder.output(step, velocity(k))
                builder.output(state.variables[k] + step, moved(k))
            }
            report(state, builder)
            if rule.isIncremental { gradients(state, builder) }
        }
        var carried = Dictionary(uniqueKeysWithValues: numbers.map { (moved($0), moved($0)) })
        var beginnings: [String: Phase.Beginning] = [:]
        if case .fixed(let rate) = rule.rate { beginnings["rate"] = .number(rate) }
        for k in numbers {
            if rule.momentum > 0 {
                carried[velocity(k)] = velocity(k)
                beginnings[velocity(k)] = .zeros(like: value(k))
            }
            if rule.coordinates != .values { beginnings[error(k)] = .zeros(like: value(k)) }
        }
        return Phase(
            graph, repetitions: rule.steps, carried: carried, beginnings: beginnings)
    }

    /// Computes what weights learn.
    func learning() -> Phase {
        Phase(
            Graph.build { builder in
                let state = state(builder)
                report(state, builder)
                gradients(state, builder)
            })
    }

    // MARK: - The energy

    /// The energy at some activities, and its gradient.
    private struct State {
        /// What moves, and the energy's gradient for it.
        var variables: [Value], gradients: [Value]
        /// ε of each value node, the sum of its squares; the loss times λ.
        var errors: [Value], squares: [Value], loss: Value
        /// What is predicted, and the activities that others read.
        var predictions: [Value], values: [Value]
    }

    private func state(_ builder: GraphBuilder) -> State {
        let coordinates = rule.coordinates
        let once = Set(predictedOnce)
        var known: [Value] = []
        let (predictions, all) = nodes.append(to: builder) { k, prediction in
            known.append(once.contains(k) ? builder.input(self.prediction(k)) : prediction)
            return coordinates == .errors
                ? known[k] + builder.input(error(k)) : builder.input(value(k))
        }
        let values = nodes.nodes.map { all[$0] }
        let errors = numbers.map { k in
            coordinates == .values ? values[k] - known[k] : builder.input(error(k))
        }
        let squares = errors.map { ($0 * $0).sum() }
        let loss = rule.nudge * all[nodes.loss]
        // Each error pulls at its own node; at what predicted it, with the derivatives of where activities are, or of the
        // forward pass where predictions are held. Errors that move pull through the loss alone.
        let variables = coordinates == .values ? values : errors
        let pulls =
            coordinates == .errors
            ? builder.gradients(of: -1 * loss, withRespectTo: errors)
            : builder.gradients(
                from: pulls(predictions, errors, loss, builder), withRespectTo: values)
        let gradients = numbers.map { k in
            let own = precision(k) * errors[k]
            return pulls[k].map { own - $0 } ?? own
        }
        return State(
            variables: variables, gradients: gradients, errors: errors, squares: squares,
            loss: loss, predictions: predictions, values: values)
    }

    /// What errors and the loss pull at predictions with.
    private func pulls(
        _ predictions: [Value], _ errors: [Value], _ loss: Value, _ builder: GraphBuilder
    ) -> [(value: Value, cotangent: Value)] {
        numbers.map { (predictions[$0], precision($0) * errors[$0]) }
            + [(loss, -1 * loss.applying(OnesLike()))]
    }

    private func report(_ state: State, _ builder: GraphBuilder) {
        let energies = numbers.map { 0.5 * precision($0) * state.squares[$0] }
        builder.output(sum(energies + [state.loss], builder), "energy")
        for k in numbers { builder.output(energies[k], "energy.\(nodes.names[k])") }
        if rule.tolerance > 0 {
            builder.output(sum(state.gradients.map { ($0 * $0).sum() }, builder), "slope")
        }
    }

    /// (1/λ) ∂E/∂W with all activities held: what a synapse sees.
    private func gradients(_ state: State, _ builder: GraphBuilder) {
        let parameters = learned.map { builder.parameter($0) }
        let found = builder.gradients(
            from: pulls(state.predictions, state.errors, state.loss, builder),
            withRespectTo: parameters + state.values, asIndependent: true)
        for (path, pull) in zip(learned, found) {
            if let pull { builder.output(-1 / rule.nudge * pull, "gradient.\(path)") }
        }
    }

    private func sum(_ values: [Value], _ builder: GraphBuilder) -> Value {
        values.dropFirst().reduce(values.first ?? builder.constant(0)) { $0 + $1 }
    }
}
