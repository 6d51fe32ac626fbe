// Fully connected layers with rectifiers between them: what actors and critics are made of.
import Graphs
import Networks

/// Fully connected layers: rectified but for the last, with PyTorch's first weights.
struct LayerStack: Module {
    let layers: [LinearLayer]

    /// Layers of the given widths, from input to output, at `path.0`, `path.1` and so on.
    init(_ path: ParameterPath, _ widths: [Int]) {
        layers = widths.indices.dropLast().map { index in
            LinearLayer(
                path / index, widths[index], widths[index + 1],
                activation: index == widths.count - 2 ? .identity : .relu)
        }
    }

    var declarations: [Declaration] { layers.declarations }

    /// What comes out for rows of x.
    func callAsFunction(_ x: Value) -> Value { layers.reduce(x) { $1($0) } }
}
