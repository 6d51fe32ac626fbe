// A predictive-coding graph with its weights: one network that answers whatever it is asked.
import Networks
import Tensors

/// Vertices, weights between them, and the queries they answer.
///
///     var graph = PredictiveCodingGraph(
///         PCEnergy(.complete(["pixels": 64, "label": 10, "hidden": 100])), using: &random)
///     try graph.train(clamped: ["pixels": pictures, "label": labels], using: &random)
///     let labels = try graph.condition(on: ["pixels": pictures])["label"]
///     let pictures = try graph.condition(on: ["label": labels])["pixels"]
///
/// - SeeAlso: Salvatori et al., "Learning on Arbitrary Graph Topologies via Predictive Coding"
///   (arXiv:2201.13180).
public struct PredictiveCodingGraph: Sendable {
    /// Who predicts whom, and what an error costs.
    public let energy: PCEnergy
    /// Θ, under ``PCEnergy/weightsPath``: 0 where there is no edge.
    public private(set) var parameters: Parameters
    /// Threads to compute with.
    public var threads = 1

    /// A graph that has learned nothing.
    public init(_ energy: PCEnergy, using random: inout RandomSource) {
        self.init(energy, Parameters(initialising: energy, using: &random))
    }

    /// A graph with the given weights; those without an edge become 0.
    public init(_ energy: PCEnergy, _ parameters: Parameters) {
        self.energy = energy
        self.parameters = parameters
        precondition(parameters.paths == [PCEnergy.weightsPath], "parameters of another network")
        let mask = energy.topology.mask.elements
        self.parameters.withElements(at: 0) { weights in
            for index in weights.indices where mask[index] == 0 { weights[index] = 0 }
        }
    }

    /// Θ: `[vertices, vertices]`, a row per predicting vertex.
    public var weights: Tensor<Float> { parameters[0] }

    /// The vertices.
    public var topology: PCTopology { energy.topology }

    // MARK: - Queries

    /// What all vertices settle to while some groups are held at known values.
    ///
    /// - Parameter known: Values by group, each `[batch, vertices of the group]`.
    /// - Throws: ``PCError``, and what compiling throws.
    /// - SeeAlso: Salvatori et al. (arXiv:2201.13180), query by conditioning.
    public func condition(
        on known: [String: Tensor<Float>], _ options: PCInferenceOptions = PCInferenceOptions()
    ) throws -> PCActivities<Float> {
        var query = PCQuery<Float>(topology, rows: rowCount(of: known))
        for (group, values) in known { query.condition(group, on: values) }
        return try answer(query, options)
    }

    /// What all vertices come to when some groups only start at known values.
    ///
    /// Nothing holds them: after long enough a graph without biases forgets what it was shown and
    /// rests at 0. The number of steps is part of the question.
    ///
    /// - Parameter known: Values by group, each `[batch, vertices of the group]`.
    /// - Throws: ``PCError``, and what compiling throws.
    /// - SeeAlso: Salvatori et al. (arXiv:2201.13180), query by initialization.
    public func initialise(
        with known: [String: Tensor<Float>], _ options: PCInferenceOptions
    ) throws -> PCActivities<Float> {
        var query = PCQuery<Float>(topology, rows: rowCount(of: known))
        for (group, values) in known { query.initialise(group, with: values) }
        return try answer(query, options)
    }

    /// What all vertices settle to.
    ///
    /// - Throws: ``PCError``, and what compiling throws.
    public func answer(
        _ query: PCQuery<Float>, _ options: PCInferenceOptions = PCInferenceOptions()
    ) throws -> PCActivities<Float> {
        try PCInference(
            compiling: energy, weights: weights, rows: query.rows, options: options,
            threads: threads
        ).settle(query)
    }

    // MARK: - Learning

    /// Changes the weights by one step of an optimiser.
    mutating func step(_ optimiser: inout some Optimiser, _ gradient: Tensor<Float>, rate: Double) {
        optimiser.step(&parameters, [PCEnergy.weightsPath: gradient], rate: rate)
    }
}

/// Number of rows that all values have.
func rowCount(of values: [String: Tensor<Float>]) -> Int {
    guard let rows = values.first?.value.shape[0] else { preconditionFailure("nothing is known") }
    precondition(values.allSatisfy { $0.value.shape[0] == rows }, "batches of different sizes")
    return rows
}
