// Networks small enough for references in Double, of every kind that rules are tried on.
import Graphs
import Networks
import Tensors

/// A network with its loss, values for what it learns, and the shape of what it sees.
struct TrialNetwork {
    let name: String
    /// Yields "y" and "loss", from inputs "x" and "target".
    let graph: Graph
    /// What it learns, by path, in order.
    let parameters: [(path: String, tensor: Tensor<Double>)]
    /// Shapes of "x" and "target" for one sample; the batch goes before.
    let input: [Int], target: [Int]

    /// A network that `body` draws from "x" to "y"; the loss is half the squared error, a mean over the batch.
    init(
        _ name: String, input: [Int], target: [Int], batch: Int, seed: UInt64,
        _ body: (TrialSketch, Value) -> Value
    ) {
        let sketch = TrialSketch(seed: seed)
        graph = Graph.build { builder in
            sketch.builder = builder
            let y = body(sketch, builder.input("x"))
            let error = y - builder.input("target")
            builder.output(y, "y")
            builder.output(0.5 / Double(batch) * (error * error).sum(), "loss")
        }
        (self.name, self.input, self.target) = (name, input, target)
        parameters = sketch.parameters
    }

    /// What it learns by path, in any scalar.
    func values<Scalar: TensorScalar>(_: Scalar.Type) -> [String: Tensor<Scalar>] {
        Dictionary(
            uniqueKeysWithValues: parameters.map { ($0.path, $0.tensor.converted(to: Scalar.self)) }
        )
    }

    /// A batch of random numbers.
    func batch(_ count: Int, seed: UInt64) -> [String: Tensor<Double>] {
        var random = RandomSource(seed: seed)
        return [
            "x": .uniform(Shape([count] + input), using: &random),
            "target": .uniform(Shape([count] + target), in: 0..<1, using: &random),
        ]
    }
}

/// What networks are drawn with: weights come as they are asked for.
final class TrialSketch {
    fileprivate(set) var builder = GraphBuilder()
    fileprivate var parameters: [(path: String, tensor: Tensor<Double>)] = []
    private var random: RandomSource

    fileprivate init(seed: UInt64) { random = RandomSource(seed: seed) }

    /// The parameter at a path; new ones are drawn evenly, by the root of how much they sum over.
    func parameter(
        _ path: String, _ shape: Shape, sums fanIn: Int, gain: Double = 1
    ) -> Value {
        if !parameters.contains(where: { $0.path == path }) {
            let bound = gain / Double(fanIn).squareRoot()
            parameters.append((path, .uniform(shape, in: -bound..<bound, using: &random)))
        }
        return builder.parameter(path)
    }

    /// A fully connected layer.
    func linear(_ x: Value, _ path: String, _ inputs: Int, _ outputs: Int) -> Value {
        x.linear(
            weights: parameter("\(path).weight", [outputs, inputs], sums: inputs),
            bias: parameter("\(path).bias", [outputs], sums: inputs))
    }

    /// A convolution whose output is as large as its input.
    func convolution(
        _ x: Value, _ path: String, _ inputs: Int, _ outputs: Int, side: Int = 3, stride: Int = 1
    ) -> Value {
        let fanIn = inputs * side * side
        return x.convolved(
            with: parameter("\(path).weight", [outputs, inputs, side, side], sums: fanIn),
            bias: parameter("\(path).bias", [outputs], sums: fanIn),
            ConvolutionGeometry(stride: stride, padding: side / 2))
    }
}
