// The energy of a predictive-coding graph, and the graphs of computation that lower it.
import Graphs
import Networks
import Tensors

/// What the activities of a predictive-coding graph cost: half the squared prediction errors.
///
/// Activities x are rows `[batch, vertices]`, weights Θ `[vertices, vertices]` hold θ(i, j) of the
/// edge i → j. Errors are ε = x - f(x) Θ and the energy is E = ½ Σ Π ε², so that
///
///     ∂E/∂x = Πε - f'(x) ∘ (Πε Θᵀ)        ∂E/∂Θ = -f(x)ᵀ Πε
///
/// and the sum in ∂E/∂x runs over the edges that **leave** a vertex: the index of Θ in the paper's
/// printed equation 3 is transposed. Nothing of that is written here: gradients come from the
/// operations' own vector-Jacobian products, and the tests compare them with the formula.
///
/// - SeeAlso: Salvatori et al., "Learning on Arbitrary Graph Topologies via Predictive Coding"
///   (arXiv:2201.13180), PC graphs and equation 3.
public struct PCEnergy: Module {
    /// Who predicts whom.
    public let topology: PCTopology
    /// f, through which a vertex takes part in predictions.
    public let activation: Activation
    /// Π of each group: how much an error of its vertices counts; 1 where nothing is said.
    public let precision: [String: Double]
    /// Standard deviation of first weights.
    public let deviation: Double

    /// The path of Θ.
    public static let weightsPath = "weights"

    /// An energy.
    public init(
        _ topology: PCTopology, activation: Activation = .tanh, precision: [String: Double] = [:],
        deviation: Double = 0.05
    ) {
        for (name, value) in precision {
            precondition(value > 0, "precision \(value) of '\(topology.group(name).name)'")
        }
        self.topology = topology
        self.activation = activation
        self.precision = precision
        self.deviation = deviation
    }

    /// The weights; those without an edge are there, and count for nothing.
    public var declarations: [Declaration] {
        let count = topology.vertexCount
        let gain = deviation * Double(count).squareRoot()
        return [Declaration(Self.weightsPath, [count, count], .kaimingNormal(gain: gain))]
    }

    /// The energy of each vertex `[batch, vertices]`.
    private func energies(of x: Value) -> Value {
        let builder = x.builder
        let mask = builder.apply(Constant(topology.mask), to: [])
        let error = x - activation(x).times(builder.parameter(Self.weightsPath) * mask)
        let half = 0.5 * (error * error)
        guard !precision.isEmpty else { return half }
        let precisions = topology.groups.flatMap { group in
            repeatElement(precision[group.name] ?? 1, count: group.count)
        }
        return half
            * builder.apply(Constant(Tensor(precisions, shape: [1, precisions.count])), to: [])
    }

    /// One step of inference: x ← x + v with v ← momentum v - rate ∂E/∂x, where x is free.
    ///
    /// Inputs: `activities`, `free` (1 or 0) and, with momentum, `velocity`, each
    /// `[batch, vertices]`; `rate` `[batch, 1]`. Outputs: `activities` and `velocity` after the
    /// step; `energies` and `slope`, the gradient where x is free, before it: `[batch, vertices]`.
    ///
    /// - SeeAlso: Salvatori et al. (arXiv:2201.13180), equation 3, transposed back.
    public func stepGraph(momentum: Double = 0) -> Graph {
        Graph.build { builder in
            let x = builder.input("activities")
            let energies = energies(of: x)
            let gradient = builder.gradients(of: energies.sum(), withRespectTo: [x])[0]!
            let slope = builder.input("free") * gradient
            var velocity = -(builder.input("rate") * slope)
            if momentum != 0 {
                velocity = momentum * builder.input("velocity") + velocity
                builder.output(velocity, "velocity")
            }
            builder.output(x + velocity, "activities")
            builder.output(energies, "energies")
            builder.output(slope, "slope")
        }
    }

    /// The product of the energy's second derivative with a direction, among free vertices only.
    ///
    /// Inputs: `activities`, `free` and `direction`; output: `product`, all `[batch, vertices]`.
    public var curvatureGraph: Graph {
        Graph.build { builder in
            let x = builder.input("activities")
            let free = builder.input("free")
            let gradient = builder.gradients(of: energies(of: x).sum(), withRespectTo: [x])[0]!
            let along = (gradient * (free * builder.input("direction"))).sum()
            let product = builder.gradients(of: along, withRespectTo: [x])[0]!
            builder.output(free * product, "product")
        }
    }

    /// The gradient by which weights learn, once activities have settled.
    ///
    /// Input: `activities` `[batch, vertices]`. Outputs: `energies` `[batch, vertices]` and
    /// `gradient.weights`, 0 where there is no edge, summed over the batch.
    ///
    /// - SeeAlso: Salvatori et al. (arXiv:2201.13180), learning of PC graphs.
    public var learningGraph: Graph {
        Graph.build { builder in
            let energies = energies(of: builder.input("activities"))
            let weights = builder.parameter(Self.weightsPath)
            let gradient = builder.gradients(of: energies.sum(), withRespectTo: [weights])[0]!
            builder.output(energies, "energies")
            builder.output(gradient, "gradient.\(Self.weightsPath)")
        }
    }
}
