// The element-wise functions that stand between layers.
import Graphs

/// An element-wise function after a layer.
public enum Activation: Sendable, Equatable {
    /// x.
    case identity
    /// max(x, 0).
    case relu
    /// x, or slope * x where x is negative.
    case leakyReLU(Double)
    /// x * sigmoid(x).
    case silu
    /// x * P(X <= x) for a standard normal X.
    case gelu
    /// 1 / (1 + e^-x).
    case sigmoid
    /// The hyperbolic tangent.
    case tanh
    /// log(1 + e^x).
    case softplus

    /// The function of x.
    public func callAsFunction(_ x: Value) -> Value {
        switch self {
        case .identity: x
        case .relu: x.relu
        case .leakyReLU(let slope): x.leakyReLU(slope)
        case .silu: x.silu
        case .gelu: x.gelu
        case .sigmoid: x.sigmoid
        case .tanh: x.tanh
        case .softplus: x.softplus
        }
    }
}
