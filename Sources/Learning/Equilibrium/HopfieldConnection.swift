// The two ways in which a layer of a Hopfield network is connected with the one before.
import Graphs
import Networks

/// A connection that works both ways: what drives the later layer is linear in the earlier one, and
/// the later layer drives the earlier one through the same weights.
///
/// The way back is not written anywhere: it is the slope of the energy by the earlier layer.
public enum HopfieldConnection: Module {
    /// Every neuron with every other; pictures are flattened.
    case dense(LinearLayer)
    /// A convolution, and on the way back its transpose.
    case convolution(ConvolutionLayer)

    public var declarations: [Declaration] {
        switch self {
        case .dense(let layer): layer.declarations
        case .convolution(let layer): layer.declarations
        }
    }

    /// What drives the later layer.
    public func callAsFunction(_ before: Value) -> Value {
        switch self {
        case .dense(let layer): layer(before.reshaped([0, -1]))
        case .convolution(let layer): layer(before)
        }
    }

    /// Whether the connection is linear, as the energy demands.
    var isLinear: Bool {
        switch self {
        case .dense(let layer): layer.activation == .identity
        case .convolution(let layer): layer.activation == .identity
        }
    }
}
