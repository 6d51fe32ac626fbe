import Graphs
import Learning
import Networks
import Tensors

/// Two convolutions that learn to sharpen noise: small enough for the reference evaluator.
struct SmallNetwork: Module {
    let block = ResidualBlock("block", 2, gain: 1)
    let head = ConvolutionLayer("head", 2, 1, kernel: 1)
    var declarations: [Declaration] { block.declarations + head.declarations }

    func callAsFunction(_ x: Value) -> Value { head(block(x)) }

    /// Yields "y" and the squared error "loss" against "target".
    var graph: Graph {
        Graph.build { builder in
            let y = self(builder.input("x"))
            let error = y - builder.input("target")
            builder.output(y, "y")
            builder.output((error * error).mean(), "loss")
        }
    }

    /// A batch whose target is a fixed function of it.
    static func batch(_ random: inout RandomSource) -> [String: Tensor<Float>] {
        let x = Tensor<Float>.normal([2, 2, 5, 6], using: &random)
        let target = Tensor<Float>(shape: [2, 1, 5, 6]) { result in
            x.withUnsafeBufferPointer { x in
                for i in 0..<result.count {
                    let (n, p) = (i / 30, i % 30)
                    result[i] = 0.5 * x[60 * n + p] - 0.25 * x[60 * n + 30 + p] + 0.1
                }
            }
        }
        return ["x": x, "target": target]
    }

    func parameters(seed: UInt64 = 1) -> Parameters {
        var random = RandomSource(seed: seed)
        return Parameters(initialising: self, using: &random)
    }

    func step(_ rule: any LearningRule = Backpropagation()) throws -> TrainingStep {
        try TrainingStep(rule, of: graph, [TrainingObjective("loss")]) { graph, _ in graph }
    }
}
