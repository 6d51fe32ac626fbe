// A network that predicts pictures from a memory vector, layer by layer.
import Graphs
import Networks
import Tensors

/// A hierarchical generative network: a learned memory vector b at the top, pictures at the bottom.
///
/// The top layer's activities are predicted to be b, each layer below to be W f(x) of the one above it, without
/// biases, and so are pictures:
///
///     μ_L = b        μ_l = W_{l+1} f(x_{l+1})        picture ≈ μ_0
///
/// - SeeAlso: Salvatori et al., "Associative Memories via Predictive Coding" (arXiv:2109.08063), section 2.
public struct GenerativeNetwork: Module, Equatable {
    /// Units of each layer from the memory vector to the picture.
    public let widths: [Int]
    /// f.
    public let activation: Activation

    /// A network; there are two layers at least, the memory's and the picture's.
    public init(_ widths: [Int], activation: Activation = .tanh) {
        precondition(widths.count >= 2 && widths.allSatisfy { $0 > 0 }, "layers of \(widths)")
        (self.widths, self.activation) = (widths, activation)
    }

    /// The layer whose activities are the memory vector's: its weights are b.
    var memory: LinearLayer { LinearLayer("memory", 1, widths[0], hasBias: false) }
    /// Those below.
    var layers: [LinearLayer] {
        // One hidden layer starts as in the paper. Through more of them signals would fade, and errors with them.
        let initialiser: Initialiser? = widths.count > 3 ? .kaimingNormal(gain: 1) : nil
        return widths.indices.dropLast().map { index in
            LinearLayer(
                ParameterPath("layer") / index, widths[index], widths[index + 1], hasBias: false,
                initialiser: initialiser)
        }
    }

    /// The vector b, then the weights from the top down.
    public var declarations: [Declaration] { ([memory] + layers).declarations }

    /// Entries of a picture.
    public var pictureWidth: Int { widths[widths.count - 1] }

    /// Names of the layers that have activities, from the top down.
    public var latentLayers: [String] {
        ["memory"] + widths.indices.dropLast(2).map { "layer.\($0)" }
    }

    /// What is predicted of pictures, and how far known entries are off.
    ///
    /// Inputs: `one` `[rows, 1]`, `picture` and `known` `[rows, d]`, the last 1 where an entry is known, else 0: an
    /// entry that is free takes the value that is predicted of it, and adds nothing to the energy. Output: `loss`, half
    /// the sum of squared errors.
    var graph: Graph {
        Graph.build { builder in
            let predicted = layers.reduce(memory(builder.input("one"))) { $1(activation($0)) }
            let error = builder.input("known") * (predicted - builder.input("picture"))
            builder.output(0.5 * (error * error).sum(), "loss")
        }
    }

    /// What the last layer predicts of pictures: input `x`, its activities; output `picture`.
    var reading: Graph {
        Graph.build { builder in
            builder.output(layers[layers.count - 1](activation(builder.input("x"))), "picture")
        }
    }
}
