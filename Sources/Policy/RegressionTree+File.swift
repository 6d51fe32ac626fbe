// Trees in safetensors files.
import Networks
import Tensors

extension RegressionTree {
    /// Trees whose answers have `width` numbers, as a file holds them.
    static func tensors(
        _ trees: [RegressionTree], width: Int
    ) -> [(name: String, tensor: Tensor<Float>)] {
        trees.enumerated().flatMap { index, tree in
            // Small whole numbers are exact in Float.
            let nodes = tree.nodes.flatMap { [Float($0.feature), $0.threshold, Float($0.right)] }
            return [
                ("tree.\(index).nodes", Tensor(nodes, shape: [tree.nodes.count, 3])),
                (
                    "tree.\(index).answers",
                    Tensor(tree.answers, shape: [tree.answers.count / width, width])
                ),
            ]
        }
    }

    /// The trees of a file.
    ///
    /// - Parameters:
    ///   - features: Numbers of a state.
    ///   - count: How many there are; nil: as many as follow one another.
    static func read(
        _ file: Safetensors, features: Int, width: Int, count: Int? = nil
    ) throws(SafetensorsError) -> [RegressionTree] {
        var trees: [RegressionTree] = []
        while trees.count < count ?? .max {
            let name = "tree.\(trees.count).nodes"
            if count == nil, file.entry(name) == nil { break }
            let nodes = try file.matrix(name, columns: 3).elements
            let answers = try file.matrix("tree.\(trees.count).answers", columns: width).elements
            let rows = stride(from: 0, to: nodes.count, by: 3).compactMap { start in
                Int(exactly: nodes[start]).flatMap { feature in
                    Int(exactly: nodes[start + 2]).map {
                        Node(feature: feature, threshold: nodes[start + 1], right: $0)
                    }
                }
            }
            guard 3 * rows.count == nodes.count,
                let tree = RegressionTree(
                    nodes: rows, answers: answers, features: features, width: width)
            else {
                throw file.error(
                    .metadata(key: "trees", expected: "trees", found: "a broken '\(name)'"))
            }
            trees.append(tree)
        }
        return trees
    }
}
