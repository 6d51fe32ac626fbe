// Reverse differentiation: a topological order and a loop over vector-Jacobian products.

extension GraphBuilder {
    /// Appends the gradient of `loss`, a single number, with respect to each of `values`.
    ///
    /// The result is graph again, so it can be compiled, or differentiated once more.
    ///
    /// - Returns: One gradient per value, nil where the loss does not depend on it.
    public func gradients(of loss: Value, withRespectTo values: [Value]) -> [Value?] {
        gradients(from: [(loss, loss.applying(OnesLike()))], withRespectTo: values)
    }

    /// Appends the products of the given cotangents with the Jacobians of `values`.
    ///
    /// - Parameter isIndependent: Whether values of which one follows from another are taken as if it did not.
    public func gradients(
        from seeds: [(value: Value, cotangent: Value)], withRespectTo values: [Value],
        asIndependent isIndependent: Bool = false
    ) -> [Value?] {
        guard let last = seeds.map(\.value.index).max() else { return values.map { _ in nil } }
        let targets = Set(values.map(\.index))
        let reaches = dependsOn(targets, upTo: last)
        var cotangents: [Int: Value] = [:]
        for seed in seeds { accumulate(seed.cotangent, at: seed.value.index, into: &cotangents) }
        for index in stride(from: last, through: 0, by: -1) where reaches[index] {
            let node = graph.nodes[index]
            guard let cotangent = cotangents[index], !node.inputs.isEmpty,
                !(isIndependent && targets.contains(index))
            else { continue }
            let around = NodeValues(
                inputs: node.inputs.map(value(at:)), output: value(at: index))
            let products = node.operation.cotangents(of: around, given: cotangent)
            precondition(products.count == node.inputs.count, "\(node.operation.kind)")
            for (input, product) in zip(node.inputs, products) where reaches[input] {
                if let product { accumulate(product, at: input, into: &cotangents) }
            }
        }
        return values.map { cotangents[$0.index] }
    }

    private func accumulate(_ value: Value, at index: Int, into sums: inout [Int: Value]) {
        sums[index] = sums[index].map { $0 + value } ?? value
    }

    /// For each node up to `last`, whether it depends on one of `targets` by a path on which
    /// values flow.
    private func dependsOn(_ targets: Set<Int>, upTo last: Int) -> [Bool] {
        var reaches = [Bool](repeating: false, count: last + 1)
        for index in 0...last {
            reaches[index] =
                targets.contains(index) || graph.nodes[index].inputs.contains { reaches[$0] }
        }
        return reaches
    }
}
