// How a network actor gets better: by better actions that it is shown, or up the critic's gradient.
import Compute
import Graphs
import Learning
import Networks
import Tensors

/// A network actor as it learns.
final class NetworkTraining: ActorTraining {
    private let stateCount: Int, box: ActionBox, options: PolicyOptions
    private var weights: Parameters, slow: Parameters
    private var adam = Adam()
    private let step: TrainingStep
    private let plans: PlanCache, slowPlans: PlanCache
    private let rows: Int

    /// What an update needs of the critic where the actor climbs its gradient.
    typealias Worth = (_ pairs: Value) -> Value

    /// An actor that has learned nothing.
    ///
    /// - Parameters:
    ///   - worth: The critic that is climbed; nil where better actions are shown.
    ///   - others: Shapes of the critic's parameters.
    init(
        stateCount: Int, box: ActionBox, options: PolicyOptions, climbing worth: Worth?,
        others: [String: Shape] = [:], using random: inout RandomSource
    ) throws {
        (self.stateCount, self.box, self.options) = (stateCount, box, options)
        rows = options.batch
        let layers = ActorLayers(
            NetworkActor.path, stateCount: stateCount, box: box, hidden: options.hidden)
        weights = Parameters(initialising: layers, using: &random)
        slow = weights
        let (graph, inputs) = Self.loss(layers, worth, rows: rows)
        step = try TrainingStep(
            options.rule, of: graph, [TrainingObjective("loss", learning: weights.paths)],
            shapes: weights.values.mapValues(\.shape).merging(others) { $1 }.merging(inputs) { $1 },
            options: PlanOptions(threads: options.threads))
        let planOptions = PlanOptions(threads: options.threads)
        plans = PlanCache(layers.graph, parameters: weights.values, options: planOptions)
        slowPlans = PlanCache(layers.graph, parameters: weights.values, options: planOptions)
    }

    /// The graph of the loss, and the shapes of its inputs.
    private static func loss(
        _ layers: ActorLayers, _ worth: Worth?, rows: Int
    ) -> (Graph, [String: Shape]) {
        let (states, actions) = (layers.stack.layers[0].inputs, layers.box.count)
        guard let worth else {
            let graph = Graph.build { builder in
                let difference = layers(builder.input("state")) - builder.input("better")
                let errors = (difference * difference).mean([1], keepsDimensions: true)
                builder.output((errors * builder.input("isBetter")).mean(), "loss")
            }
            return (
                graph,
                ["state": [rows, states], "better": [rows, actions], "isBetter": [rows, 1]]
            )
        }
        let graph = Graph.build { builder in
            let state = builder.input("state")
            let value = worth(builder.concatenate([state, layers(state)], axis: 1))
            builder.output(-1 * value.mean(), "loss")
        }
        return (graph, ["state": [rows, states]])
    }

    var actor: any PolicyActor {
        NetworkActor(
            stateCount: stateCount, box: box, hidden: options.hidden, weights,
            threads: options.threads)
    }

    func actions(for states: Tensor<Float>) throws -> Tensor<Float> {
        try plans.result(for: ["state": states], "action")
    }

    func slowActions(for states: Tensor<Float>) throws -> Tensor<Float> {
        try slowPlans.result(for: ["state": states], "action")
    }

    func learn(_ states: Tensor<Float>, _ actions: Tensor<Float>, isBetter: [Bool]) throws {
        let isBetter = Tensor(isBetter.map { $0 ? Float(1) : 0 }, shape: [isBetter.count, 1])
        try advance(weights, ["state": states, "better": actions, "isBetter": isBetter])
    }

    /// Goes up the gradient of what the actor's actions are worth.
    ///
    /// - Parameter critic: The critic's parameters.
    func climb(_ states: Tensor<Float>, _ critic: Parameters) throws {
        try advance(weights.joined(critic), ["state": states])
    }

    private func advance(_ parameters: Parameters, _ batch: [String: Tensor<Float>]) throws {
        let outcome = try step(parameters, batch)
        adam.step(&weights, outcome.gradients, rate: options.actorRate)
        plans.setParameters(weights.values)
    }

    func blend(_ part: Double) {
        slow.blend(weights, part)
        slowPlans.setParameters(slow.values)
    }
}

extension Parameters {
    /// These and others, in this order.
    func joined(_ others: Parameters) -> Parameters {
        var all = self
        for (path, tensor) in others { all.append(tensor, at: path) }
        return all
    }

    /// Moves each value a part of the way to that of another network of the same kind: Polyak averaging.
    mutating func blend(_ others: Parameters, _ part: Double) {
        precondition(count == others.count, "parameters of another network")
        let part = Float(part)
        for position in 0..<count {
            withElements(at: position) { slow in
                others[position].withUnsafeBufferPointer { fast in
                    for index in slow.indices { slow[index] += part * (fast[index] - slow[index]) }
                }
            }
        }
    }

    /// The same under paths below another.
    func below(_ prefix: String) -> Parameters {
        Parameters(map { ("\(prefix).\($0.path)", $0.tensor) })
    }
}
