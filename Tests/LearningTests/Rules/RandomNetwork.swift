// Networks drawn at random: fan-out, skips, products of activities, parameters that are used more than once.
import Graphs
import Tensors

/// A network drawn at random with its loss, and values for its inputs and parameters.
struct RandomNetwork {
    let graph: Graph
    let values: [String: Tensor<Double>]

    init(seed: UInt64, nodes count: Int = 9, width: Int = 3) {
        var random = RandomSource(seed: seed)
        var values = ["x": Tensor<Double>.uniform([2, width], using: &random)]
        var paths: [String] = []
        graph = Graph.build { builder in
            var nodes = [builder.input("x")]
            func any() -> Value { nodes[random.index(below: nodes.count)] }
            func weights() -> Value {
                // A third of the time one that is there already.
                if !paths.isEmpty, random.uniform() < 0.33 {
                    return builder.parameter(paths[random.index(below: paths.count)])
                }
                let path = "layer\(paths.count).weight"
                paths.append(path)
                values[path] = .normal([width, width], deviation: 0.6, using: &random)
                return builder.parameter(path)
            }
            for _ in 0..<count {
                switch random.index(below: 5) {
                case 0, 1: nodes.append(any().linear(weights: weights()))
                case 2: nodes.append(any().tanh)
                case 3: nodes.append(any() + any())
                default: nodes.append(any() * any().sigmoid)
                }
            }
            nodes.append(nodes.last!.linear(weights: weights()) + any())
            let target = builder.constant(0.3)
            let difference = nodes.last! - target
            builder.output((difference * difference).sum() + 0.1 * any().tanh.sum(), "loss")
        }
        self.values = values
    }
}

/// The distance of gradients relative to the length of the second.
func relativeDistance(_ a: [String: Tensor<Double>], _ b: [String: Tensor<Double>]) -> Double {
    var (distance, length) = (0.0, 0.0)
    for (path, other) in b {
        let mine = a[path]?.elements ?? Array(repeating: 0, count: other.count)
        for (x, y) in zip(mine, other.elements) {
            distance += (x - y) * (x - y)
            length += y * y
        }
    }
    return (distance / max(length, 1e-300)).squareRoot()
}

extension Dictionary where Key == String {
    /// The entries under "gradient.", by path.
    func gradients<Scalar>() -> [String: Tensor<Scalar>] where Value == Tensor<Scalar> {
        reduce(into: [:]) { found, entry in
            if entry.key.hasPrefix("gradient.") {
                found[String(entry.key.dropFirst("gradient.".count))] = entry.value
            }
        }
    }
}
