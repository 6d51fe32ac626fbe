// Layers that cannot stretch anything much: their weights by their largest singular value.
import Graphs
import Tensors

/// A layer whose weights, as a matrix of outputs by everything else, have a spectral norm of 1.
///
/// The largest singular value is followed by power iteration outside the graph, as one vector that
/// is stored beside the weights (`path.u`): see ``Parameters/singularDirections(of:)``.
///
/// - SeeAlso: Miyato et al., spectral normalisation (arXiv:1802.05957), algorithm 1.
public protocol SpectralLayer: Module {
    /// Where weights and bias live.
    var path: ParameterPath { get }
    /// Rows of the matrix.
    var outputs: Int { get }
}

extension SpectralLayer {
    /// Where the vector of power iteration is stored.
    public var vectorPath: String { "\(path / "u")" }
    /// Where the weights are stored.
    public var weightPath: String { "\(path / "weight")" }
    /// The graph's input that says the direction of the largest singular value.
    public var directionInput: String { "spectral.\(path)" }

    /// The vector, which is not learned.
    var vectorDeclaration: Declaration {
        Declaration(vectorPath, [outputs], .uniform(fanIn: 1), isLearned: false)
    }

    /// The weights over their largest singular value, which is the inner product of the weights with the input
    /// ``directionInput``; and the bias.
    func normalised(in builder: GraphBuilder) -> (weights: Value, bias: Value) {
        let weights = builder.parameter(weightPath)
        let norm = (weights * builder.input(directionInput)).sum()
        return (weights / norm, builder.parameter("\(path / "bias")"))
    }
}

extension Parameters {
    /// One step of power iteration for each layer.
    ///
    /// - Returns: For each layer's ``SpectralLayer/directionInput`` the matrix u vᵀ in the
    ///   shape of the weights, and for each ``SpectralLayer/vectorPath`` the next u.
    public func singularDirections(
        of layers: [any SpectralLayer]
    ) -> (directions: [String: Tensor<Float>], vectors: [String: Tensor<Float>]) {
        var directions: [String: Tensor<Float>] = [:], vectors: [String: Tensor<Float>] = [:]
        for layer in layers {
            guard let weights = self[layer.weightPath], let stored = self[layer.vectorPath] else {
                preconditionFailure("no spectral layer at '\(layer.path)'")
            }
            let rows = weights.shape[0], columns = weights.count / rows
            let w = weights.elements, u = unit(stored.elements)
            var v = [Float](repeating: 0, count: columns)
            for i in 0..<rows {
                for j in 0..<columns { v[j] += w[i * columns + j] * u[i] }
            }
            v = unit(v)
            var next = [Float](repeating: 0, count: rows)
            for i in 0..<rows {
                for j in 0..<columns { next[i] += w[i * columns + j] * v[j] }
            }
            next = unit(next)
            directions[layer.directionInput] = Tensor(shape: weights.shape) { values in
                for i in 0..<rows {
                    for j in 0..<columns { values[i * columns + j] = next[i] * v[j] }
                }
            }
            vectors[layer.vectorPath] = Tensor(next, shape: [rows])
        }
        return (directions, vectors)
    }

    private func unit(_ x: [Float]) -> [Float] {
        let length = x.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return length > 1e-12 ? x.map { $0 / length } : x
    }
}
