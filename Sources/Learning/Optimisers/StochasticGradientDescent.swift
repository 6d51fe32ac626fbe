// Gradient descent with momentum.
import Networks
import Tensors

/// Stochastic gradient descent: p -= rate * (g + decay p), through a momentum where wanted.
///
/// - SeeAlso: Sutskever et al., "On the importance of initialization and momentum in deep
///   learning" (2013), in the form that takes the rate outside the velocity, as PyTorch does.
public struct SGD: Optimiser {
    public static let kind = "SGD"
    /// Part of the velocity kept from step to step; 0 is plain descent.
    public let momentum: Double
    /// Whether the gradient is taken as if the velocity had been followed already.
    public let nesterov: Bool
    /// Weight decay, added to the gradient of tensors of two axes or more.
    public let decay: Double
    /// Moment "velocity", where there is momentum.
    public var memory = OptimiserMemory()

    /// Gradient descent.
    public init(momentum: Double = 0, nesterov: Bool = false, decay: Double = 0) {
        precondition(!nesterov || momentum > 0, "Nesterov's step needs a momentum")
        self.momentum = momentum
        self.nesterov = nesterov
        self.decay = decay
    }

    public mutating func step(
        _ parameters: inout Parameters, _ gradients: [String: Tensor<Float>], rate: Double
    ) {
        memory.steps += 1
        var velocity = momentum > 0 ? memory.take("velocity", like: parameters) : nil
        let (rate, momentum) = (Float(rate), Float(momentum))
        for position in 0..<parameters.count {
            let path = parameters.paths[position]
            guard let g = gradient(of: path, parameters, at: position, in: gradients) else {
                continue
            }
            let decay = parameters[position].shape.rank >= 2 ? Float(self.decay) : 0
            let follows: Float = nesterov ? 1 : 0
            parameters.withElements(at: position) { p in
                g.withUnsafeBufferPointer { g in
                    guard velocity != nil else {
                        for i in 0..<p.count { p[i] -= rate * (g[i] + decay * p[i]) }
                        return
                    }
                    velocity!.withElements(at: position) { v in
                        for i in 0..<p.count {
                            let slope = g[i] + decay * p[i]
                            v[i] = momentum * v[i] + slope
                            // Nesterov: slope + momentum * v; else the velocity itself.
                            let ahead = slope + momentum * v[i]
                            p[i] -= rate * (v[i] + follows * (ahead - v[i]))
                        }
                    }
                }
            }
        }
        if let velocity { memory.moments["velocity"] = velocity }
    }
}
