// A predicate head at work on many pairs.
import Compute
import Graphs
import Networks
import Tensors

/// Tells verbs of pairs of boxes. Belongs to one thread.
public final class PredicateScorer {
    /// The network.
    public let head: PredicateHead
    private let plan: Plan
    private let batch: Int

    /// A scorer with the weights of a model.
    ///
    /// - Throws: `PlanError`.
    public convenience init(
        _ model: PredicateModel, threads: Int = 1, batch: Int = 1024
    ) throws {
        try self.init(model.head, parameters: model.parameters, threads: threads, batch: batch)
    }

    /// A scorer of the given weights.
    ///
    /// - Parameter batch: Pairs that are looked at together.
    /// - Throws: `PlanError`.
    public init(
        _ head: PredicateHead, parameters: Parameters, threads: Int = 1, batch: Int = 1024
    ) throws {
        self.head = head
        self.batch = batch
        let graph = Graph.build { builder in
            let objects = head.readsObject ? builder.input("objects") : nil
            let encoding = head.encoding(builder.input("features"), objects: objects)
            builder.output(encoding, "encoding")
            let logits = head.logits(encoding)
            builder.output(logits, "logits")
            builder.output(logits.sigmoid, "probabilities")
        }
        var shapes = Dictionary(
            uniqueKeysWithValues: parameters.map { ($0.path, $0.tensor.shape) })
        shapes["features"] = [batch, head.featureCount]
        shapes["objects"] = [batch, COCO.categories.count]
        plan = try Plan(graph, shapes: shapes, options: PlanOptions(threads: threads))
        plan.setParameters(parameters.values)
    }

    /// The probability of each verb for each pair, `[pairs, verbs]`.
    ///
    /// - Throws: `PlanError`.
    public func probabilities(of pairs: LabelledPairs) throws -> Tensor<Float> {
        try results("probabilities", head.verbCount, pairs)
    }

    /// The logit of each verb for each pair, `[pairs, verbs]`.
    ///
    /// - Throws: `PlanError`.
    public func logits(of pairs: LabelledPairs) throws -> Tensor<Float> {
        try results("logits", head.verbCount, pairs)
    }

    /// What verbs are told by, `[pairs, encodingWidth]`.
    ///
    /// - Throws: `PlanError`.
    public func encodings(of pairs: LabelledPairs) throws -> Tensor<Float> {
        try results("encoding", head.encodingWidth, pairs)
    }

    private func results(
        _ name: String, _ width: Int, _ pairs: LabelledPairs
    ) throws -> Tensor<Float> {
        let inputs = head.featureCount, kinds = COCO.categories.count
        return try Tensor(shape: [pairs.count, width]) { target in
            for start in stride(from: 0, to: pairs.count, by: batch) {
                let end = min(start + batch, pairs.count)
                let features = plan.input("features").bindMemory(to: Float.self)
                features.update(repeating: 0)
                pairs.features.withUnsafeBufferPointer { all in
                    for pair in start..<end {
                        let (source, row) = (pair * pairs.featureCount, (pair - start) * inputs)
                        for column in 0..<inputs { features[row + column] = all[source + column] }
                    }
                }
                if head.readsObject {
                    let objects = plan.input("objects").bindMemory(to: Float.self)
                    objects.update(repeating: 0)
                    for pair in start..<end {
                        objects[(pair - start) * kinds + pairs.objects[pair]] = 1
                    }
                }
                try plan.run()
                let found = plan.output(name).bindMemory(to: Float.self)
                for index in start * width..<end * width {
                    target[index] = found[index - start * width]
                }
            }
        }
    }
}
