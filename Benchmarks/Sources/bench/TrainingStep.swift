// A training step as a graph: forward, loss and the gradients of all parameters.
import Compute
import Graphs
import Tensors

extension MeasuredNetwork {
    /// This network with a squared error at its end and the gradients of all parameters.
    func training(batch: Int) -> MeasuredNetwork {
        let builder = GraphBuilder(extending: graph)
        let y = builder.value(at: graph.output("y")!)
        var target = shapes["x"]!
        target[0] = batch
        var input = target
        input[0] = batch
        let loss = y.squaredError(to: builder.input("target"))
        let paths = parameters.keys.sorted()
        let gradients = builder.gradients(
            of: loss, withRespectTo: paths.map { builder.parameter($0) })
        builder.output(loss, "loss")
        for (path, gradient) in zip(paths, gradients) {
            if let gradient { builder.output(gradient, "gradient of \(path)") }
        }
        var training = self
        training.name = name + ", training step, batch \(batch)"
        training.hasBlockedBorders = false
        training.graph = builder.graph
        training.shapes = shapes.merging(["x": input, "target": target]) { $1 }
        // Backward data and backward weights cost as much as forward each.
        training.operations = operations * Double(3 * batch)
        return training
    }
}
