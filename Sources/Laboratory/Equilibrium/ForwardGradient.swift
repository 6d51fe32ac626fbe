// Backpropagation in networks that run forward: the truth of experiments on equilibria.
import Learning
import Graphs
import Networks
import Tensors

/// Gradients of layers that run forward.
enum ForwardGradient {
    /// The gradient of half the squared error, by path.
    static func estimate(
        _ layers: [LinearLayer], _ parameters: [String: Tensor<Double>],
        _ example: EnergyExample<Double>
    ) throws -> [String: Tensor<Double>] {
        try gradient(of: layers.declarations.map(\.path), parameters, example) { builder in
            let output = layers.reduce(builder.input("input")) { $1($0) }
            return (output, output - builder.input("target"))
        }
    }

    /// The gradient of a Hopfield network whose layers do not hear the next ones, by path: of the
    /// loss whose slope by the last layer's drive is the output's error.
    static func estimate<Function: Squashing>(
        _ model: HopfieldEnergy<Function>, _ parameters: [String: Tensor<Double>],
        _ example: EnergyExample<Double>
    ) throws -> [String: Tensor<Double>] {
        try gradient(of: model.declarations.map(\.path), parameters, example) { builder in
            var value = builder.input("input")
            var drive = value
            for connection in model.connections {
                drive = connection(value)
                value = model.squashing(drive)
            }
            return (drive, value - builder.input("target"))
        }
    }

    /// What flows to the parameters from a value and its cotangent.
    private static func gradient(
        of paths: [String], _ parameters: [String: Tensor<Double>],
        _ example: EnergyExample<Double>,
        _ seed: (GraphBuilder) -> (value: Value, cotangent: Value)
    ) throws -> [String: Tensor<Double>] {
        let graph = Graph.build { builder in
            let gradients = builder.gradients(
                from: [seed(builder)], withRespectTo: paths.map { builder.parameter($0) })
            for (path, gradient) in zip(paths, gradients) {
                if let gradient { builder.output(gradient, path) }
            }
        }
        return try graph.evaluate(
            parameters.merging(["input": example.input, "target": example.target]) { $1 })
    }
}
