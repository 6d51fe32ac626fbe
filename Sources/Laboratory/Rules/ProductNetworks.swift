// Our own networks as rules are tried on them: the restoring ones, and what tells verbs.
import Enhancement
import Graphs
import Interaction
import Networks
import Tensors

/// A network of ours with its loss, and values for what it learns and sees.
struct ProductNetwork {
    let name: String
    /// Yields "loss".
    let graph: Graph
    let learned: [String]
    /// Parameters, random, and inputs, in Double.
    let values: [String: Tensor<Double>]
    /// How far a step of plain gradient descent goes: from random weights deep generators diverge soon.
    let rate: Double

    /// The generator of a shape by name, on packets of 16x16 pixels, with the squared error of its residual.
    static func generator(_ name: String, seed: UInt64) -> ProductNetwork {
        let generator = Generator(GeneratorShape.named[name]!)
        let graph = Graph.build { builder in
            builder.output(
                generator(builder.input("packets")).squaredError(to: builder.input("target")),
                "loss")
        }
        return ProductNetwork(
            "MW-GAN, \(name)", graph, generator, seed: seed, rate: name == "studio" ? 0.002 : 0.05,
            inputs: [
                "packets": [1, generator.shape.inputs, 8, 8],
                "target": [1, NetworkChannels.outputs, 8, 8],
            ])
    }

    /// The head that tells verbs from how boxes lie, with the cross-entropy of each verb.
    static func verbs(seed: UInt64) -> ProductNetwork {
        let head = PredicateHead(verbCount: 24, widths: [32, 48], readsObject: false, regions: nil)
        let graph = Graph.build { builder in
            let logits = head(builder.input("features"))
            let labels = builder.input("labels")
            builder.output((logits.softplus - labels * logits).mean(), "loss")
        }
        return ProductNetwork(
            "HOI, verbs", graph, head, seed: seed,
            inputs: ["features": [4, head.featureCount], "labels": [4, 24]])
    }

    /// The detector on 32x32 pixels, with what a student is corrected by: how sure it is, kinds and boxes.
    static func detector(seed: UInt64) -> ProductNetwork {
        let network = YOLOX(.nano, classCount: 5)
        let graph = Graph.build { builder in
            let said = network.reading(builder.input("pictures"))
            let objectness = (said.objectness.softplus - 0.3 * said.objectness).mean()
            let kinds = (said.classes.softplus - 0.1 * said.classes).mean()
            builder.output(objectness + kinds + (said.boxes * said.boxes).mean(), "loss")
        }
        return ProductNetwork(
            "HOI, detector", graph, network, seed: seed, inputs: ["pictures": [1, 3, 32, 32]])
    }

    private init(
        _ name: String, _ graph: Graph, _ module: some Module, seed: UInt64, rate: Double = 0.05,
        inputs: [String: Shape]
    ) {
        (self.name, self.graph, self.rate) = (name, graph, rate)
        var random = RandomSource(seed: seed)
        let first = Parameters(initialising: module, using: &random)
        learned = module.declarations.filter(\.isLearned).map(\.path)
        var values: [String: Tensor<Double>] = [:]
        for (path, tensor) in first {
            // Gains that begin at nothing would hide all that lies before them.
            let isNothing = tensor.elements.allSatisfy { $0 == 0 }
            values[path] =
                isNothing
                ? .normal(tensor.shape, deviation: 0.1, using: &random)
                : tensor.converted(to: Double.self)
        }
        for (name, shape) in inputs.sorted(by: { $0.key < $1.key }) {
            values[name] = .uniform(shape, in: 0..<1, using: &random)
        }
        self.values = values
    }
}
