// Trains by the walk of Z-IL and by backpropagation, with references in any scalar, and compares.
import Graphs
import Learning
import Tensors

/// Training of a small network by plain gradient descent.
struct ZeroDivergenceTrial<Scalar: TensorScalar> {
    private let network: TrialNetwork
    private let walks: Bool
    private let gradient: Graph

    /// A trial by the walk, or by backpropagation.
    init(_ network: TrialNetwork, walks: Bool) {
        (self.network, self.walks) = (network, walks)
        gradient = Backpropagation().gradientGraph(of: network.graph, loss: "loss")
    }

    /// Weights after so many steps on batches of 4.
    func trained(
        on pictures: LabelledPictures, steps: Int, rate: Double, observe: (Int) -> Void
    ) throws -> [String: Tensor<Scalar>] {
        var weights = network.values(Scalar.self)
        var random = RandomSource(seed: 21)
        for step in 0..<steps {
            if step % 250 == 0 { observe(step) }
            let some = pictures.selecting((0..<4).map { _ in random.index(below: pictures.count) })
            let known = weights.merging(network.inputs(some, Scalar.self)) { $1 }
            let gradients =
                walks
                ? try ZeroDivergenceWalk().gradients(of: network.graph, from: "loss", known)
                : Self.gradients(try gradient.evaluate(known))
            Self.descend(&weights, gradients, rate)
        }
        return weights
    }

    /// Weights of one of our networks after so many steps on one batch, and the losses on the way.
    static func trained(
        _ network: ProductNetwork, walks: Bool, steps: Int, rate: Double
    ) throws -> (weights: [String: Tensor<Scalar>], losses: [Double]) {
        let gradient = Backpropagation().gradientGraph(
            of: network.graph, loss: "loss", learning: network.learned)
        var values = network.values.mapValues { $0.converted(to: Scalar.self) }
        var losses: [Double] = []
        for _ in 0..<steps {
            let gradients: [String: Tensor<Scalar>]
            if walks {
                gradients = try ZeroDivergenceWalk().gradients(
                    of: network.graph, from: "loss", learning: network.learned, values)
            } else {
                let outputs = try gradient.evaluate(values)
                losses.append(Double(outputs["loss"]!.item))
                gradients = Self.gradients(outputs)
            }
            descend(&values, gradients, rate)
        }
        return (values.filter { network.learned.contains($0.key) }, losses)
    }

    /// The relative difference of the walk's gradients from backpropagation's; infinite where activities leave all bounds.
    ///
    /// - Parameter scale: What the loss is multiplied with, a power of two: errors that are small beside activities
    ///   lose digits when one is taken from the other.
    static func distance(
        _ graph: Graph, _ learned: [String]?, _ values: [String: Tensor<Scalar>],
        scale: Double = 1, _ change: (inout ZeroDivergenceWalk) -> Void
    ) throws -> Double {
        var walk = ZeroDivergenceWalk()
        change(&walk)
        let found = try walk.gradients(
            of: graph, from: "loss", error: Tensor(Scalar(-scale)), learning: learned, values)
        let truth = gradients(
            try Backpropagation().gradientGraph(of: graph, loss: "loss", learning: learned)
                .evaluate(values))
        let distance = GradientDistance(
            of: found.mapValues { $0.map { $0 / Scalar(scale) } },
            from: truth.mapValues { $0.converted(to: Double.self) }
        ).relative
        return distance.isFinite ? distance : .infinity
    }

    /// The same for a network whose errors begin at what it says, so that steps are its layers.
    static func distance(
        _ network: TrialNetwork, batch: [String: Tensor<Scalar>],
        _ change: (inout ZeroDivergenceWalk) -> Void
    ) throws -> Double {
        var walk = ZeroDivergenceWalk()
        change(&walk)
        let values = network.values(Scalar.self).merging(batch) { $1 }
        let said = try network.graph.evaluate(values)["y"]!
        let count = Scalar(said.shape[0])
        let error = Tensor(
            zip(said.elements, batch["target"]!.elements).map { ($1 - $0) / count },
            shape: said.shape)
        let found = try walk.gradients(of: network.graph, from: "y", error: error, values)
        let truth = gradients(
            try Backpropagation().gradientGraph(of: network.graph, loss: "loss").evaluate(values))
        return GradientDistance(
            of: found, from: truth.mapValues { $0.converted(to: Double.self) }
        ).relative
    }

    private static func gradients(
        _ outputs: [String: Tensor<Scalar>]
    ) -> [String: Tensor<Scalar>] {
        outputs.reduce(into: [:]) { found, entry in
            if entry.key.hasPrefix("gradient.") {
                found[String(entry.key.dropFirst(9))] = entry.value
            }
        }
    }

    private static func descend(
        _ values: inout [String: Tensor<Scalar>], _ gradients: [String: Tensor<Scalar>],
        _ rate: Double
    ) {
        for (path, gradient) in gradients {
            values[path]!.withUnsafeMutableBufferPointer { value in
                gradient.withUnsafeBufferPointer { gradient in
                    for index in value.indices { value[index] -= Scalar(rate) * gradient[index] }
                }
            }
        }
    }
}

extension TrialNetwork {
    /// Pictures and their labels as inputs.
    func inputs<Scalar: TensorScalar>(
        _ pictures: LabelledPictures, _: Scalar.Type
    ) -> [String: Tensor<Scalar>] {
        [
            "x": pictures.pictures.converted(to: Scalar.self).reshaped(
                to: Shape([pictures.count] + input)),
            "target": pictures.targets(classes: target[0]).converted(to: Scalar.self),
        ]
    }

    /// How many of the pictures are told rightly.
    func accuracy<Scalar: TensorScalar>(
        _ weights: [String: Tensor<Scalar>], on pictures: LabelledPictures
    ) throws -> Double {
        let said = try graph.evaluate(weights.merging(inputs(pictures, Scalar.self)) { $1 })["y"]!
            .elements
        let classes = target[0]
        let right = pictures.labels.indices.count { row in
            let scores = said[row * classes..<(row + 1) * classes]
            return scores.firstIndex(of: scores.max()!)! - row * classes == pictures.labels[row]
        }
        return Double(right) / Double(pictures.count)
    }
}
