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

    /// The function of x.
    public func callAsFunction(_ x: Value) -> Value {
        switch self {
        case .identity: x
        case .relu: x.relu
        case .leakyReLU(let slope): x.leakyReLU(slope)
        }
    }
}
