// Residual blocks of a graph that can be computed in 8 bits.
import Graphs
import Tensors

/// The nodes of x + conv2(relu(conv1(x))), two 3x3 convolutions that keep channels and size.
struct ResidualBlock8 {
    /// What the block reads, and the nodes that compute it, in order.
    let input: Int, first: Int, middle: Int, second: Int, result: Int
    /// Paths of the two convolutions' weights.
    let firstPath: String, secondPath: String

    /// The block that ends in convolution `second`, given what rides on it and on its input; nil where
    /// there is none.
    init?(endingIn second: Int, graph: Graph, shapes: [Shape], fusion: Fusion) {
        guard let tail = fusion.absorbed[second], tail.count == 1,
            graph.nodes[tail[0]].operation is Add
        else { return nil }
        let middle = fusion.source[graph.nodes[second].inputs[0]]
        guard let first = fusion.absorber[middle], fusion.absorbed[first] == [middle],
            let relu = graph.nodes[middle].operation as? LeakyReLU, relu.slope == 0,
            fusion.uses[middle] == 1
        else { return nil }
        let input = fusion.source[graph.nodes[first].inputs[0]]
        guard fusion.valueInputs(tail[0]).contains(input),
            let firstPath = Self.weights(of: first, graph, shapes),
            let secondPath = Self.weights(of: second, graph, shapes),
            shapes[input] == shapes[tail[0]]
        else { return nil }
        self.input = input
        self.first = first
        self.middle = middle
        self.second = second
        result = tail[0]
        self.firstPath = firstPath
        self.secondPath = secondPath
    }

    /// The path of the weights of a convolution that the kernel can compute, or nil.
    private static func weights(of index: Int, _ graph: Graph, _ shapes: [Shape]) -> String? {
        let node = graph.nodes[index]
        guard let convolution = node.operation as? Convolution,
            convolution.geometry == ConvolutionGeometry(padding: 1), node.inputs.count == 3,
            let weights = graph.nodes[node.inputs[1]].operation as? Parameter,
            graph.nodes[node.inputs[2]].operation is Parameter
        else { return nil }
        let shape = shapes[node.inputs[1]]
        let isSquare = shape[0] == shape[1] && shape[2] == 3 && shape[3] == 3
        return isSquare && shape[0] % 16 == 0 ? weights.name : nil
    }

    /// Whether the ranges of what both convolutions read are known.
    func isCalibrated(by calibration: Calibration, channels: Int) -> Bool {
        [firstPath, secondPath].allSatisfy { calibration[$0]?.low.count == channels }
    }
}
