// Compares vector-Jacobian products with central finite differences, in Double.
import Graphs
import Tensors

extension Graph {
    /// The graph that yields "gradient.NAME" for each name, given this graph's own inputs and
    /// "cotangent.OUTPUT" for each of its outputs.
    public func gradientGraph(withRespectTo names: [String]) -> Graph {
        Graph.build { builder in
            let values = builder.replay(self)
            let seeds = outputs.map { (values[$0.node], builder.input("cotangent.\($0.name)")) }
            // What no output depends on is not in the graph, and has no gradient.
            let names = names.filter { inputs[$0] ?? parameters[$0] != nil }
            let sources = names.map { values[(inputs[$0] ?? parameters[$0])!] }
            let gradients = builder.gradients(from: seeds, withRespectTo: sources)
            for (name, gradient) in zip(names, gradients) {
                if let gradient { builder.output(gradient, "gradient.\(name)") }
            }
        }
    }

    /// How far the gradients of the outputs, weighed by random cotangents, are from central finite
    /// differences: for each name, max|a - b| / max|b| over the elements that were looked at, and
    /// over one random direction in which all elements move at once.
    public func gradientErrors(
        at values: [String: Tensor<Double>], withRespectTo names: [String], seed: UInt64 = 1,
        step: Double = 1e-5, elements: Int = 32
    ) throws -> [String: Double] {
        var random = RandomSource(seed: seed)
        let results = try evaluate(values)
        var cotangents: [String: Tensor<Double>] = [:]
        for output in outputs {
            cotangents["cotangent.\(output.name)"] = .uniform(
                results[output.name]!.shape, using: &random)
        }
        let gradients = try gradientGraph(withRespectTo: names).evaluate(
            values.merging(cotangents) { $1 })

        /// The weighed sum of all outputs where one value is moved.
        func loss(moving name: String, by change: (Int) -> Double) throws -> Double {
            var moved = values
            moved[name] = Tensor(
                values[name]!.elements.enumerated().map { $1 + change($0) },
                shape: values[name]!.shape)
            return try evaluate(moved).reduce(0) { sum, result in
                let weights = cotangents["cotangent.\(result.key)"]!.elements
                return zip(result.value.elements, weights).reduce(sum) { $0 + $1.0 * $1.1 }
            }
        }
        func slope(of name: String, along change: (Int) -> Double) throws -> Double {
            let above = try loss(moving: name) { step * change($0) }
            let below = try loss(moving: name) { -step * change($0) }
            return (above - below) / (2 * step)
        }

        var errors: [String: Double] = [:]
        for name in names {
            let shape = values[name]!.shape
            let gradient = gradients["gradient.\(name)"] ?? Tensor(repeating: 0, shape: shape)
            guard gradient.shape == shape else {
                errors[name] = .infinity
                continue
            }
            let slopes = gradient.elements
            var (difference, largest) = (0.0, 0.0)
            for index in (0..<shape.count).shuffled(using: &random).prefix(elements) {
                let expected = try slope(of: name) { $0 == index ? 1 : 0 }
                let distance = abs(slopes[index] - expected)
                difference = distance.isNaN ? .infinity : max(difference, distance)
                largest = max(largest, abs(expected))
            }
            // Differences carry noise of about 1e-10: a derivative of 0 is 0 up to that.
            let element = difference / max(largest, 1e-3)
            let signs = slopes.map { _ in random.uniform() < 0.5 ? -1.0 : 1.0 }
            let expected = try slope(of: name) { signs[$0] }
            let found = zip(slopes, signs).reduce(0) { $0 + $1.0 * $1.1 }
            let size = max(slopes.reduce(0) { max($0, abs($1)) }, abs(expected), 1e-3)
            let direction = abs(found - expected) / size
            errors[name] = direction.isNaN ? .infinity : max(element, direction)
        }
        return errors
    }
}

extension GraphBuilder {
    /// Appends all nodes of a graph; `substitute` may replace the operation at a position.
    ///
    /// - Returns: The new value of each node.
    public func replay(
        _ graph: Graph, substitute: (Int, any Operation) -> any Operation = { $1 }
    ) -> [Value] {
        var values: [Value] = []
        for (index, node) in graph.nodes.enumerated() {
            switch node.operation {
            case let source as Input: values.append(input(source.name))
            case let source as Parameter: values.append(parameter(source.name))
            default:
                let operation = substitute(index, node.operation)
                values.append(apply(operation, to: node.inputs.map { values[$0] }))
            }
        }
        return values
    }
}
