// What parts of a picture look like, weighed by how a pair's boxes lie.
import Graphs
import Networks

/// Brings the features of a pair's parts together with its geometry.
///
/// The channels of each cell are first made few, the same for all cells of a part; parts become one vector, which is
/// multiplied with one from the geometry.
struct AppearanceEncoder: Module {
    let standardisation: Standardisation
    private let shape: RegionShape
    private let narrow: [LinearLayer]
    private let join: LinearLayer, look: LinearLayer, place: LinearLayer, fuse: LinearLayer

    /// Channels of a cell that are kept, and of the parts together.
    private static let few = 32, joined = 256

    /// An encoder whose parameters live below `path`.
    init(_ path: ParameterPath, _ shape: RegionShape, width: Int) {
        self.shape = shape
        standardisation = Standardisation(
            path / "regions", count: shape.channels, limit: PredicateHead.limit)
        func layer(
            _ name: ParameterPath, _ inputs: Int, _ outputs: Int, _ activation: Activation
        ) -> LinearLayer {
            LinearLayer(name, inputs, outputs, activation: activation, initialiser: .kaiming())
        }
        narrow = shape.parts.map {
            layer(path / $0.rawValue, shape.channels, Self.few, .relu)
        }
        let all = shape.parts.count * shape.cells * shape.cells * Self.few
        join = layer(path / "join", all, Self.joined, .relu)
        look = layer(path / "look", Self.joined, Self.joined, .identity)
        place = layer(path / "place", width, Self.joined, .identity)
        fuse = layer(path / "fuse", Self.joined, width, .relu)
    }

    var declarations: [Declaration] {
        standardisation.declarations + (narrow + [join, look, place, fuse]).declarations
    }

    /// `[pairs, width]`.
    ///
    /// - Parameters:
    ///   - regions: `[pairs, shape.count]`.
    ///   - geometry: `[pairs, width]`.
    func callAsFunction(_ regions: Value, _ geometry: Value) -> Value {
        let parts = narrow.enumerated().map { index, layer in
            let start = index * shape.partCount
            let part = regions.sliced(axis: 1, from: start, to: start + shape.partCount)
            let cells = part.reshaped([-1, shape.channels])
            return layer(standardisation(cells)).reshaped(
                [-1, shape.cells * shape.cells * Self.few])
        }
        let seen = join(regions.builder.concatenate(parts, axis: 1))
        return fuse((look(seen) * place(geometry)).relu)
    }
}
