// A fully connected layer that cannot stretch anything much.
import Graphs
import Tensors

/// A fully connected layer whose weights have a spectral norm of 1; see ``SpectralLayer``.
public struct SpectralLinear: SpectralLayer {
    /// The layer with its weights as they are stored.
    public let layer: LinearLayer

    /// The given layer, normalised; it must have a bias.
    public init(_ layer: LinearLayer) {
        precondition(layer.hasBias, "\(layer.path): a spectral layer without a bias")
        self.layer = layer
    }

    public var path: ParameterPath { layer.path }
    public var outputs: Int { layer.outputs }

    /// Weights and bias, and the vector.
    public var declarations: [Declaration] { layer.declarations + [vectorDeclaration] }

    /// The activated product of x with the weights over their largest singular value.
    public func callAsFunction(_ x: Value) -> Value {
        let (weights, bias) = normalised(in: x.builder)
        return layer.activation(x.linear(weights: weights, bias: bias))
    }
}
