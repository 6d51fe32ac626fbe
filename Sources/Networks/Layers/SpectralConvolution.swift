// A convolution that cannot stretch anything much.
import Graphs
import Tensors

/// A convolution whose weights have a spectral norm of 1; see ``SpectralLayer``.
public struct SpectralConvolution: SpectralLayer {
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

    public var path: ParameterPath { convolution.path }
    public var outputs: Int { convolution.outputs }

    /// Weights and bias, and the vector.
    public var declarations: [Declaration] { convolution.declarations + [vectorDeclaration] }

    /// x convolved by the weights over their largest singular value.
    public func callAsFunction(_ x: Value) -> Value {
        let (weights, bias) = normalised(in: x.builder)
        return x.convolved(with: weights, bias: bias, convolution.geometry)
    }
}
