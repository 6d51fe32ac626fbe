// A convolution that cannot stretch anything much: its weights by their largest singular value.
import Graphs
import Tensors

/// A convolution whose weights, as a matrix of outputs by everything else, have a spectral norm of 1.
///
/// The largest singular value is followed by power iteration outside the graph, as one vector that
/// is stored beside the weights (`path.u`): see ``Parameters/singularDirections(of:)``.
///
/// - SeeAlso: Miyato et al., spectral normalisation (arXiv:1802.05957), algorithm 1.
public struct SpectralConvolution: Module {
    /// The convolution with its weights as they are stored.
    public let convolution: ConvolutionLayer

    /// A convolution with a square kernel; see ``ConvolutionLayer``.
    public init(
        _ path: ParameterPath, _ inputs: Int, _ outputs: Int, kernel: Int = 3, stride: Int = 1,
        dilation: Int = 1
    ) {
        convolution = ConvolutionLayer(
            path, inputs, outputs, kernel: kernel, stride: stride, dilation: dilation)
    }

    /// Where the vector of power iteration is stored.
    public var vectorPath: String { "\(convolution.path / "u")" }
    /// Where the weights are stored.
    public var weightPath: String { "\(convolution.path / "weight")" }
    /// The graph's input that says the direction of the largest singular value.
    public var directionInput: String { "spectral.\(convolution.path)" }

    /// Weights and bias, and the vector, which is not learned.
    public var declarations: [Declaration] {
        convolution.declarations + [
            Declaration(
                vectorPath, [convolution.outputs], .uniform(fanIn: 1), isLearned: false)
        ]
    }

    /// x convolved by the weights over their largest singular value, which is the inner product of
    /// the weights with the input ``directionInput``.
    public func callAsFunction(_ x: Value) -> Value {
        let builder = x.builder
        let weights = builder.parameter(weightPath)
        let norm = (weights * builder.input(directionInput)).sum()
        let bias = builder.parameter("\(convolution.path / "bias")")
        return x.convolved(with: weights / norm, bias: bias, convolution.geometry)
    }
}

extension Parameters {
    /// One step of power iteration for each layer.
    ///
    /// - Returns: For each layer's ``SpectralConvolution/directionInput`` the matrix u vᵀ in the
    ///   shape of the weights, and for each ``SpectralConvolution/vectorPath`` the next u.
    public func singularDirections(
        of layers: [SpectralConvolution]
    ) -> (directions: [String: Tensor<Float>], vectors: [String: Tensor<Float>]) {
        var directions: [String: Tensor<Float>] = [:], vectors: [String: Tensor<Float>] = [:]
        for layer in layers {
            guard let weights = self[layer.weightPath], let stored = self[layer.vectorPath] else {
                preconditionFailure("no spectral layer at '\(layer.convolution.path)'")
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
