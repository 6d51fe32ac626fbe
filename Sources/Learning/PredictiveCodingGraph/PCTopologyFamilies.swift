// The arrangements of vertices that the paper compares: complete, layered, sparse, in assemblies.
import Tensors

extension PCTopology {
    /// Every vertex predicts every other.
    ///
    /// - SeeAlso: Salvatori et al. (arXiv:2201.13180), fully connected PC graphs.
    public static func complete(_ sizes: KeyValuePairs<String, Int>) -> PCTopology {
        PCTopology(sizes) { _, _ in true }
    }

    /// Each ordered pair of vertices has an edge with probability `density`.
    public static func sparse(
        _ sizes: KeyValuePairs<String, Int>, density: Double, using random: inout RandomSource
    ) -> PCTopology {
        assemblies(sizes, inside: density, between: density, using: &random)
    }

    /// Groups are assemblies of neurons: edges are frequent inside of one and rare between two
    /// (a stochastic block model).
    ///
    /// - Parameters:
    ///   - inside: Probability of an edge between two vertices of one group, 0 to 1.
    ///   - between: Probability of an edge between vertices of different groups, 0 to 1.
    /// - SeeAlso: Salvatori et al. (arXiv:2201.13180), assemblies of neurons.
    public static func assemblies(
        _ sizes: KeyValuePairs<String, Int>, inside: Double, between: Double,
        using random: inout RandomSource
    ) -> PCTopology {
        let assembly = sizes.enumerated().flatMap { index, size in
            repeatElement(index, count: size.value)
        }
        return PCTopology(sizes) { i, j in
            random.uniform() < (assembly[i] == assembly[j] ? inside : between)
        }
    }

    /// Which way predictions run through layers.
    public enum Direction: Sendable, Hashable, CaseIterable {
        /// Each layer predicts the next one: from pictures to labels.
        case discriminative
        /// Each layer predicts the one before it: from labels to pictures.
        case generative
        /// Both.
        case bidirectional
    }

    /// Groups are layers in order, from pictures to labels; neighbours are connected in full.
    public static func layered(
        _ sizes: KeyValuePairs<String, Int>, _ direction: Direction
    ) -> PCTopology {
        let layer = sizes.enumerated().flatMap { index, size in
            repeatElement(index, count: size.value)
        }
        return PCTopology(sizes) { i, j in
            switch direction {
            case .discriminative: layer[j] == layer[i] + 1
            case .generative: layer[j] == layer[i] - 1
            case .bidirectional: abs(layer[j] - layer[i]) == 1
            }
        }
    }
}
