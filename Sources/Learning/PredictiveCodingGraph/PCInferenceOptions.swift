// How activities settle, and what is known afterwards.
import Tensors

/// How activities settle.
public struct PCInferenceOptions: Sendable {
    /// Length of a step of inference.
    public enum Rate: Sendable, Hashable {
        /// One over the largest curvature that each row meets at its start, halved whenever its
        /// energy rises: without momentum no energy ever does.
        case automatic
        /// Always this one.
        case fixed(Double)
    }

    /// The most steps.
    public var steps: Int
    /// Length of a step.
    public var rate: Rate
    /// Part of the last step that is taken again, 0 to below 1 (heavy ball).
    public var momentum: Double
    /// A row has settled where the root mean square of its energy's gradient is no larger.
    public var tolerance: Double

    /// By the automatic rate until rows have settled, unless said otherwise.
    public init(
        steps: Int = 200, rate: Rate = .automatic, momentum: Double = 0, tolerance: Double = 1e-4
    ) {
        precondition(steps >= 0 && (0..<1).contains(momentum) && tolerance >= 0)
        (self.steps, self.rate) = (steps, rate)
        (self.momentum, self.tolerance) = (momentum, tolerance)
    }
}

/// Activities after inference.
public struct PCActivities<Scalar: TensorScalar>: Sendable {
    /// The vertices.
    public let topology: PCTopology
    /// All activities: `[batch, vertices]`.
    public internal(set) var all: Tensor<Scalar>
    /// The energy of each group before the first step and after each one, a mean over the batch: in
    /// the order of groups.
    public internal(set) var trace: [[Double]] = []
    /// The energy of each row at the end.
    public internal(set) var rowEnergies: [Double] = []
    /// The last rate of each row.
    public internal(set) var rates: [Double]
    /// How often a step was taken back because a row's energy had risen.
    public internal(set) var halvings = 0
    /// Rows that had settled before the steps were used up.
    public internal(set) var settledCount = 0

    /// Steps that were made.
    public var steps: Int { trace.count - 1 }
    /// The energy of the whole graph before the first step and after each one.
    public var energies: [Double] { trace.map { $0.reduce(0, +) } }
    /// The energy of a group at the end, a mean over the batch.
    public func energy(of group: String) -> Double {
        trace[trace.count - 1][topology.groups.firstIndex(of: topology.group(group))!]
    }

    /// The activities of a group: `[batch, vertices of the group]`.
    public subscript(group: String) -> Tensor<Scalar> {
        let range = topology.group(group).range
        let (rows, width) = (all.shape[0], all.shape[1])
        return Tensor(shape: [rows, range.count]) { result in
            all.withUnsafeBufferPointer { x in
                for row in 0..<rows {
                    for (column, vertex) in range.enumerated() {
                        result[row * range.count + column] = x[row * width + vertex]
                    }
                }
            }
        }
    }
}
