// Which vertices a predictive-coding graph has, what their groups are called, and who predicts whom.
import Tensors

/// Vertices that stand side by side under one name: "pixels", "label", "hidden".
public struct VertexGroup: Sendable, Hashable {
    /// What they are called in queries, reports and errors.
    public let name: String
    /// Their positions among all vertices.
    public let range: Range<Int>

    /// Number of vertices.
    public var count: Int { range.count }
}

/// Vertices in named groups and directed edges between them, in any arrangement, cycles too.
///
/// An edge i → j lets vertex i take part in the prediction of vertex j. No vertex predicts itself:
/// it would explain its own activity away at no cost.
///
/// - SeeAlso: Salvatori et al., "Learning on Arbitrary Graph Topologies via Predictive Coding"
///   (arXiv:2201.13180), PC graphs.
public struct PCTopology: Sendable, Hashable {
    /// The groups, in the order of their vertices.
    public let groups: [VertexGroup]
    /// Number of vertices.
    public let vertexCount: Int
    /// Number of edges.
    public let edgeCount: Int
    /// For each vertex and each vertex after it, in rows, whether there is an edge.
    private let edges: [Bool]

    /// Groups of the given sizes, with an edge i → j wherever `hasEdge(i, j)`; self loops are left
    /// out, and not asked for.
    public init(_ sizes: KeyValuePairs<String, Int>, hasEdge: (Int, Int) -> Bool) {
        var groups: [VertexGroup] = []
        var start = 0
        for (name, count) in sizes {
            precondition(count > 0, "group '\(name)' of \(count) vertices")
            precondition(!groups.contains { $0.name == name }, "two groups are called '\(name)'")
            groups.append(VertexGroup(name: name, range: start..<(start + count)))
            start += count
        }
        precondition(start > 0, "a graph without vertices")
        var edges = [Bool](repeating: false, count: start * start)
        for i in 0..<start {
            for j in 0..<start where i != j { edges[i * start + j] = hasEdge(i, j) }
        }
        self.groups = groups
        self.edges = edges
        vertexCount = start
        edgeCount = edges.reduce(0) { $0 + ($1 ? 1 : 0) }
    }

    /// Whether vertex `i` takes part in the prediction of vertex `j`.
    public func hasEdge(_ i: Int, _ j: Int) -> Bool { edges[i * vertexCount + j] }

    /// The group called `name`, which must be there.
    public func group(_ name: String) -> VertexGroup {
        guard let group = groups.first(where: { $0.name == name }) else {
            let known = groups.map(\.name).joined(separator: ", ")
            preconditionFailure("no vertex group '\(name)' among \(known)")
        }
        return group
    }

    /// 1 for each edge and 0 elsewhere: `[vertices, vertices]`, a row per predicting vertex.
    public var mask: Tensor<Double> {
        Tensor(edges.map { $0 ? 1 : 0 }, shape: [vertexCount, vertexCount])
    }
}
