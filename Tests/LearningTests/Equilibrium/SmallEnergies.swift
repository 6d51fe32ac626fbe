// Small networks, their truth by finite differences, and how far an estimate is from it.
import Learning
import Graphs
import Networks
import Tensors

typealias Gradients = [String: Tensor<Double>]

/// Parameters drawn from a normal distribution.
func normalParameters(
    _ model: some EnergyModel, deviation: Double, using random: inout RandomSource
) -> [String: Tensor<Double>] {
    var values: [String: Tensor<Double>] = [:]
    for declaration in model.declarations {
        values[declaration.path] = .normal(
            declaration.shape, deviation: deviation, using: &random)
    }
    return values
}

/// A small network on one example, settled to the last digit.
struct SmallEnergy<Model: EnergyModel> {
    let network: EquilibriumNetwork<Model, Double>
    let example: EnergyExample<Double>
    let parameters: [String: Tensor<Double>]

    init(
        _ model: Model, input: Shape, target: Shape, seed: UInt64, deviation: Double = 0.5,
        rate: Double = 1, steps: Int = 2000
    ) {
        var random = RandomSource(seed: seed)
        network = EquilibriumNetwork(
            model,
            Relaxation(rate: rate, freeSteps: steps, nudgedSteps: steps, tolerance: 1e-15))
        parameters = normalParameters(model, deviation: deviation, using: &random)
        network.setParameters(parameters)
        example = EnergyExample(
            input: .uniform(input, in: 0..<1, using: &random),
            target: .uniform(target, in: 0..<1, using: &random))
    }

    /// The loss where the network settles freely with one parameter moved.
    func loss(moving path: String, by change: (Int) -> Double) throws -> Double {
        var moved = parameters[path]!
        moved.withUnsafeMutableBufferPointer { for i in $0.indices { $0[i] += change(i) } }
        network.setParameters([path: moved])
        defer { network.setParameters([path: parameters[path]!]) }
        return try network.outcome(example, at: network.freeEquilibrium(example)).loss
    }

    /// The largest difference of an estimate from central finite differences of the loss at the
    /// free equilibrium, relative to the largest of these: some elements of each parameter, and
    /// one direction in which all of its elements move.
    func distanceFromDifferences(_ gradients: Gradients, step: Double = 1e-5) throws -> Double {
        var (distance, largest) = (0.0, 0.0)
        var random = RandomSource(seed: 99)
        for (path, value) in parameters.sorted(by: { $0.key < $1.key }) {
            let gradient = gradients[path]?.elements ?? value.elements.map { _ in 0 }
            let direction = value.elements.map { _ in random.uniform(in: -1..<1) }
            let elements = Set([0, value.count / 2, value.count - 1])
            let moves: [(Int) -> Double] =
                elements.map { element in { $0 == element ? 1 : 0 } } + [{ direction[$0] }]
            for move in moves {
                let slope =
                    try
                    (loss(moving: path) { step * move($0) }
                    - loss(moving: path) { -step * move($0) }) / (2 * step)
                let estimate = gradient.indices.reduce(0) { $0 + gradient[$1] * move($1) }
                distance = max(distance, abs(slope - estimate))
                largest = max(largest, abs(slope))
            }
        }
        return distance / largest
    }
}

/// |a - b| / |b| over all parameters.
func relativeError(_ a: Gradients, _ b: Gradients) -> Double {
    var (distance, length) = (0.0, 0.0)
    for (path, value) in b {
        for (x, y) in zip(a[path]!.elements, value.elements) {
            distance += (x - y) * (x - y)
            length += y * y
        }
    }
    return (distance / length).squareRoot()
}

/// The slope of log y over log x between two points.
func order(_ a: (x: Double, y: Double), _ b: (x: Double, y: Double)) -> Double {
    (Double.log(a.y) - Double.log(b.y)) / (Double.log(a.x) - Double.log(b.x))
}

/// The gradient of half the squared error of layers run forward.
func backpropagated(
    _ layers: [LinearLayer], _ parameters: [String: Tensor<Double>],
    _ example: EnergyExample<Double>
) throws -> Gradients {
    let graph = Graph.build { builder in
        let output = layers.reduce(builder.input("input")) { $1($0) }
        let loss = output.halfSquaredDistance(to: builder.input("target"))
        let paths = layers.declarations.map(\.path)
        let gradients = builder.gradients(
            of: loss, withRespectTo: paths.map { builder.parameter($0) })
        for (path, gradient) in zip(paths, gradients) { builder.output(gradient!, path) }
    }
    return try graph.evaluate(
        parameters.merging(["input": example.input, "target": example.target]) { $1 })
}

/// The dense network of three layers that the orders of bias are measured on.
func denseHopfield(seed: UInt64) -> SmallEnergy<HopfieldEnergy<LogisticSquashing>> {
    SmallEnergy(
        HopfieldEnergy(widths: [6, 4, 4, 4], squashing: LogisticSquashing()), input: [1, 6],
        target: [1, 4], seed: seed)
}

/// A convolution of stride 2, another, and a dense output.
func convolutionalHopfield(seed: UInt64) -> SmallEnergy<HopfieldEnergy<LogisticSquashing>> {
    let connections: [HopfieldConnection] = [
        .convolution(ConvolutionLayer("0", 2, 3, stride: 2)),
        .convolution(ConvolutionLayer("1", 3, 4)),
        .dense(LinearLayer("2", 4 * 3 * 3, 3)),
    ]
    return SmallEnergy(
        HopfieldEnergy(connections, squashing: LogisticSquashing()), input: [2, 2, 6, 5],
        target: [2, 3], seed: seed, deviation: 0.2)
}
