// What a predictive-coding graph is asked: what is known of each vertex, for good or to begin with.
import Tensors

/// First activities of a batch, and which of them stay.
///
/// Query by **conditioning** holds the known vertices and lets the others settle; query by
/// **initialisation** only starts them at what is known, and lets all settle.
///
/// - SeeAlso: Salvatori et al. (arXiv:2201.13180), queries of PC graphs.
public struct PCQuery<Scalar: TensorScalar>: Sendable {
    /// The vertices that are asked.
    public let topology: PCTopology
    /// First activities `[batch, vertices]`; 0 where nothing is known.
    public private(set) var activities: Tensor<Scalar>
    /// 1 where activities settle, 0 where they stay: `[batch, vertices]`.
    public private(set) var free: Tensor<Scalar>

    /// A batch of `rows` of which nothing is known.
    public init(_ topology: PCTopology, rows: Int) {
        precondition(rows > 0, "a batch of \(rows)")
        self.topology = topology
        activities = Tensor(shape: [rows, topology.vertexCount])
        free = Tensor(repeating: 1, shape: [rows, topology.vertexCount])
    }

    /// Number of rows of the batch.
    public var rows: Int { activities.shape[0] }

    /// Holds the vertices of a group at known values.
    ///
    /// - Parameters:
    ///   - values: `[batch, vertices of the group]`.
    ///   - isKnown: Whether the vertex of a row is known, by row and position in the group.
    public mutating func condition(
        _ name: String, on values: Tensor<Scalar>,
        where isKnown: (_ row: Int, _ vertex: Int) -> Bool = { _, _ in true }
    ) {
        write(name, values, isClamped: true, where: isKnown)
    }

    /// Starts the vertices of a group at known values, from which they may depart.
    ///
    /// - Parameters:
    ///   - values: `[batch, vertices of the group]`.
    ///   - isKnown: Whether the vertex of a row is known, by row and position in the group.
    public mutating func initialise(
        _ name: String, with values: Tensor<Scalar>,
        where isKnown: (_ row: Int, _ vertex: Int) -> Bool = { _, _ in true }
    ) {
        write(name, values, isClamped: false, where: isKnown)
    }

    private mutating func write(
        _ name: String, _ values: Tensor<Scalar>, isClamped: Bool, where isKnown: (Int, Int) -> Bool
    ) {
        let group = topology.group(name)
        let (rows, width) = (rows, topology.vertexCount)
        precondition(
            values.shape == [rows, group.count],
            "'\(name)' is [\(rows), \(group.count)], not \(values.shape)")
        activities.withUnsafeMutableBufferPointer { x in
            free.withUnsafeMutableBufferPointer { free in
                values.withUnsafeBufferPointer { values in
                    for row in 0..<rows {
                        for vertex in 0..<group.count where isKnown(row, vertex) {
                            let index = row * width + group.range.lowerBound + vertex
                            x[index] = values[row * group.count + vertex]
                            free[index] = isClamped ? 0 : 1
                        }
                    }
                }
            }
        }
    }
}
