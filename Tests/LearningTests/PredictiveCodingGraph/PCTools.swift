import Graphs
import Networks
import Tensors

@testable import Learning

/// A random cyclic graph in Double: groups a, b and c, weights, and activities of a small batch.
struct RandomCyclicGraph {
    let energy: PCEnergy
    let weights: Tensor<Double>
    let activities: Tensor<Double>
    var width: Int { energy.topology.vertexCount }

    init(
        seed: UInt64, rows: Int = 3, deviation: Double = 0.5, density: Double = 0.6,
        precision: [String: Double] = [:], activation: Activation = .tanh
    ) {
        var random = RandomSource(seed: seed)
        let topology = PCTopology.sparse(
            ["a": 4, "b": 3, "c": 5], density: density, using: &random)
        energy = PCEnergy(topology, activation: activation, precision: precision)
        weights = .normal([12, 12], deviation: deviation, using: &random)
        activities = .normal([rows, 12], using: &random)
    }

    /// Θ with zeros where there is no edge.
    var maskedWeights: [Double] {
        zip(weights.elements, energy.topology.mask.elements).map { $0 * $1 }
    }

    /// The outputs of one of the energy's graphs, by the references; the step's unless said.
    func evaluate(
        _ graph: Graph? = nil, at x: Tensor<Double>? = nil,
        with more: [String: Tensor<Double>] = [:]
    ) throws -> [String: Tensor<Double>] {
        let x = x ?? activities
        let fixed = [
            "activities": x, "weights": weights,
            "free": Tensor<Double>(repeating: 1, shape: x.shape),
            "rate": Tensor<Double>(repeating: 0, shape: [x.shape[0], 1]),
        ]
        return try (graph ?? energy.stepGraph()).evaluate(fixed.merging(more) { $1 })
    }

    /// The whole energy.
    func total(at x: Tensor<Double>) throws -> Double {
        try evaluate(at: x)["energies"]!.elements.reduce(0, +)
    }

    /// A query that holds group a, and starts all others at random activities.
    func query() -> PCQuery<Double> {
        var query = PCQuery<Double>(energy.topology, rows: activities.shape[0])
        for group in energy.topology.groups {
            let part = columns(of: activities, group.range)
            if group.name == "a" {
                query.condition("a", on: part)
            } else {
                query.initialise(group.name, with: part)
            }
        }
        return query
    }
}

/// Some columns of a matrix.
func columns(of x: Tensor<Double>, _ range: Range<Int>) -> Tensor<Double> {
    let width = x.shape[1]
    let elements = x.elements
    return Tensor(
        (0..<x.shape[0]).flatMap { row in range.map { elements[row * width + $0] } },
        shape: [x.shape[0], range.count])
}

/// The largest distance between two tensors' elements.
func distance(_ a: Tensor<Double>, _ b: [Double]) -> Double {
    zip(a.elements, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
}
