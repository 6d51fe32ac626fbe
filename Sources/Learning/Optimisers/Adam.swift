// Adam, with decoupled weight decay where wanted.
import Glibc
import Networks
import Tensors

/// Adam: steps of about the learning rate, scaled by running averages of gradients and squares.
///
/// - SeeAlso: Kingma and Ba (arXiv:1412.6980), algorithm 1; Loshchilov and Hutter
///   (arXiv:1711.05101), algorithm 2, for the decoupled decay.
public struct Adam: Optimiser {
    public static let kind = "Adam"
    /// Decay of the running averages of gradients and of their squares.
    public let beta1: Double, beta2: Double
    /// Keeps the quotient finite where no gradient was seen.
    public let epsilon: Double
    /// Part of the weights removed per step and unit of learning rate. Only tensors of two axes
    /// or more decay: biases and norms do not.
    public let decay: Double
    /// Moments "first" and "second".
    public var memory = OptimiserMemory()

    /// Adam with the usual settings.
    public init(
        beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, decay: Double = 0
    ) {
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.decay = decay
    }

    public mutating func step(
        _ parameters: inout Parameters, _ gradients: [String: Tensor<Float>], rate: Double
    ) {
        memory.steps += 1
        var first = memory.take("first", like: parameters)
        var second = memory.take("second", like: parameters)
        // The averages start at zero: the corrections undo that bias.
        let correction1 = 1 - pow(beta1, Double(memory.steps))
        let correction2 = 1 - pow(beta2, Double(memory.steps))
        let size = Float(rate / correction1)
        let scale = Float(1 / correction2)
        for position in 0..<parameters.count {
            let path = parameters.paths[position]
            guard let g = gradient(of: path, parameters, at: position, in: gradients) else {
                continue
            }
            let kept = parameters[position].shape.rank >= 2 ? Float(1 - rate * decay) : 1
            parameters.withElements(at: position) { p in
                first.withElements(at: position) { m in
                    second.withElements(at: position) { v in
                        g.withUnsafeBufferPointer { g in
                            update(p, g, m, v, size: size, scale: scale, kept: kept)
                        }
                    }
                }
            }
        }
        memory.moments["first"] = first
        memory.moments["second"] = second
    }

    private func update(
        _ p: UnsafeMutableBufferPointer<Float>, _ g: UnsafeBufferPointer<Float>,
        _ m: UnsafeMutableBufferPointer<Float>, _ v: UnsafeMutableBufferPointer<Float>,
        size: Float, scale: Float, kept: Float
    ) {
        let (b1, b2) = (Float(beta1), Float(beta2))
        let (a1, a2) = (Float(1 - beta1), Float(1 - beta2))
        let epsilon = Float(epsilon)
        for i in 0..<p.count {
            let first = b1 * m[i] + a1 * g[i]
            let second = b2 * v[i] + a2 * (g[i] * g[i])
            m[i] = first
            v[i] = second
            p[i] = kept * p[i] - size * first / ((scale * second).squareRoot() + epsilon)
        }
    }
}
