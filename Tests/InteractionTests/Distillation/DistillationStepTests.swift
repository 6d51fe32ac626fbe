import Graphs
import Learning
import Networks
import Tensors
import TestSupport
import Testing

@testable import Interaction

private let tiny = DarknetShape(channels: 4, depth: 3, isDepthwise: true)

/// The overlap of two boxes of one cell.
private func overlap(_ a: [Double], _ b: [Double]) throws -> Double {
    let graph = Graph.build {
        $0.output($0.input("a").overlap(withBoxes: $0.input("b")), "y")
    }
    return try graph.evaluate([
        "a": Tensor(a, shape: [1, 1, 4]), "b": Tensor(b, shape: [1, 1, 4]),
    ])["y"]!.item
}

@Suite("One step of learning from a detector")
struct DistillationStepTests {
    @Test("Overlaps of boxes are area of both over area of either")
    func overlaps() throws {
        let two = 0.6931471805599453
        #expect(abs(try overlap([0, 0, 0, 0], [0, 0, 0, 0]) - 1) < 1e-6)
        // A box of 2 x 2 around one of 1 x 1.
        #expect(abs(try overlap([0.5, 0.5, two, two], [0.5, 0.5, 0, 0]) - 0.25) < 1e-6)
        // Half beside: 0.5 of 1.5.
        #expect(abs(try overlap([0, 0, 0, 0], [0.5, 0, 0, 0]) - 1.0 / 3) < 1e-6)
        #expect(try overlap([0, 0, 0, 0], [3, 0, 0, 0]) == 0)
        // Nothing overflows where a network that has learned nothing says anything.
        #expect(try overlap([0, 0, 500, 500], [0, 0, 0, 0]).isFinite)
    }

    /// The parts of the loss for a student that says `logits`, where the teacher says `answers`.
    private func losses(
        _ network: YOLOX, _ parameters: Parameters, answers: Tensor<Double>
    ) throws -> [String: Double] {
        var random = RandomSource(seed: 2)
        var values: [String: Tensor<Double>] = [
            "pictures": Tensor.uniform([2, 3, 32, 32], using: &random), "answers": answers,
        ]
        for (path, tensor) in parameters { values[path] = tensor.converted(to: Double.self) }
        return try DistillationStep.graph(DetectorStudent(network)).evaluate(values).mapValues(
            \.item)
    }

    @Test("Nothing is better than to say what the teacher says")
    func least() throws {
        let network = YOLOX(tiny, classCount: 3)
        var random = RandomSource(seed: 8)
        let parameters = Parameters(initialising: network, using: &random)
        var values: [String: Tensor<Double>] = [:]
        var pictures = RandomSource(seed: 2)
        values["x"] = Tensor.uniform([2, 3, 32, 32], using: &pictures)
        for (path, tensor) in parameters { values[path] = tensor.converted(to: Double.self) }
        let own = try Graph.build { $0.output(network($0.input("x")), "y") }.evaluate(values)["y"]!
        let best = try losses(network, parameters, answers: own)
        #expect(abs(best["boxes"]!) < 1e-6)
        for (part, columns) in [("boxes", 0..<4), ("objectness", 4..<5), ("classes", 5..<8)] {
            for sign in [-1.0, 1] {
                var other = own.elements
                for index in other.indices where columns.contains(index % 8) {
                    other[index] += sign * (part == "boxes" ? 0.3 : 0.004)
                }
                // The entropy of the teacher's answers is no fault of the student's.
                func excess(_ answers: [Double], _ loss: Double) -> Double {
                    guard part != "boxes" else { return loss }
                    var entropy = 0.0
                    let count = stride(from: 4, to: answers.count, by: 8).reduce(1.0) {
                        $0 + answers[$1]
                    }
                    for index in answers.indices where columns.contains(index % 8) {
                        let p = answers[index]
                        let weight = part == "classes" ? answers[index / 8 * 8 + 4] : 1
                        entropy -= weight * (p * .log(p) + (1 - p) * .log(1 - p))
                    }
                    return loss - entropy / count
                }
                let worse = try losses(
                    network, parameters, answers: Tensor(other, shape: own.shape))
                #expect(excess(other, worse[part]!) > excess(own.elements, best[part]!) + 1e-9)
                #expect(excess(own.elements, best[part]!) < 1e-6)
            }
        }
    }

    @Test("Of features that are the teacher's own turned around nothing is unknown, of others much")
    func hints() throws {
        let network = YOLOX(tiny, classCount: 3)
        let student = DetectorStudent(network, hintsOf: network)
        #expect(student.hintCount == 12 && DetectorStudent(network).hintCount == 0)
        var random = RandomSource(seed: 5)
        var parameters = Parameters(initialising: student, using: &random)
        let graph = Graph.build { builder in
            let reading = network.reading(builder.input("x"))
            // The teacher's channels are the student's in the opposite order, doubled.
            let features = zip(reading.features, network.featureChannels).map { value, count in
                2
                    * builder.concatenate(
                        (0..<count).reversed().map {
                            value.sliced(axis: 1, from: $0, to: $0 + 1)
                        })
            }
            builder.output(student.ignorance(reading, of: features), "ignorance")
        }
        func ignorance() throws -> Double {
            var pictures = RandomSource(seed: 2)
            var values: [String: Tensor<Double>] = [
                "x": .uniform([2, 3, 64, 64], using: &pictures)
            ]
            for (path, tensor) in parameters { values[path] = tensor.converted(to: Double.self) }
            return try graph.evaluate(values)["ignorance"]!.item
        }
        #expect(try ignorance() > 6)
        for (index, count) in network.featureChannels.enumerated() {
            let weight = Tensor<Float>(shape: [count, count, 1, 1]) { all in
                all.update(repeating: 0)
                for row in 0..<count { all[row * count + count - 1 - row] = 2 }
            }
            parameters[parameters.position(of: "hints.\(index).weight")!] = weight
            parameters[parameters.position(of: "hints.\(index).bias")!] = Tensor(
                repeating: 0, shape: [count])
        }
        #expect(try ignorance() < 1e-9)
        // What is always the same says nothing: all of the variance is unknown.
        for index in 0..<12 {
            let place = parameters.position(of: "hints.\(index).weight")!
            parameters[place] = Tensor(repeating: 0, shape: parameters[place].shape)
        }
        #expect(try ignorance() > 12)
    }

    private static let paths = [
        "backbone.backbone.stem.conv.conv.weight", "backbone.backbone.dark3.0.dconv.bn.weight",
        "backbone.backbone.dark5.1.conv1.conv.weight", "backbone.C3_p3.conv1.conv.weight",
        "head.cls_convs.0.0.dconv.conv.weight", "head.reg_preds.1.weight", "hints.0.weight",
        "hints.7.bias",
    ]

    @Test("A compiled step has the gradients and the statistics of the reference")
    func gradients() throws {
        let teacher = YOLOX(DarknetShape(channels: 6, depth: 3), classCount: 3)
        let student = DetectorStudent(
            YOLOX(tiny, classCount: 3, norm: .separate(.training)), hintsOf: teacher)
        var random = RandomSource(seed: 9)
        let parameters = Parameters(initialising: student, using: &random)
        let pictures = Tensor<Float>.uniform([2, 3, 64, 64], using: &random)
        let answers = Tensor<Float>.uniform([2, 84, 8], in: 0..<1, using: &random)
        let features = [8, 4, 2, 8, 4, 2, 8, 8, 4, 4, 2, 2].enumerated().map {
            Tensor<Float>.uniform(
                [2, teacher.featureChannels[$0], $1, $1], using: &random)
        }
        let step = try DistillationStep(
            student, of: teacher, parameters: parameters, batch: 2, side: 64, hintWeight: 0.3)
        let outcome = try step(
            parameters, pictures: pictures,
            answers: Teacher.Answers(candidates: answers, features: features))
        var values = ["pictures": pictures, "answers": answers].mapValues {
            $0.converted(to: Double.self)
        }
        for (index, tensor) in features.enumerated() {
            values["features.\(index)"] = tensor.converted(to: Double.self)
        }
        for (path, tensor) in parameters { values[path] = tensor.converted(to: Double.self) }
        let graph = DistillationStep.graph(student, hintWeight: 0.3)
        let loss = try graph.evaluate(values)["loss"]!.item
        #expect(abs(outcome.loss - loss) < 1e-4 * loss)
        #expect(outcome.gradients.count == student.declarations.filter(\.isLearned).count)
        #expect(outcome.statistics.count == student.declarations.filter { !$0.isLearned }.count)
        // Where sums and quotients of Float are worst the norms of eight elements are.
        let exact = try Backpropagation().gradientGraph(of: graph, loss: "loss").evaluate(values)
        for (path, gradient) in outcome.gradients {
            let expected = exact["gradient.\(path)"]!
            let size = expected.elements.reduce(0) { max($0, abs($1)) }
            let error = zip(gradient.elements, expected.elements).reduce(0) {
                max($0, abs(Double($1.0) - $1.1))
            }
            #expect(error <= 6e-3 * size + 1e-5, "\(path): \(error) of \(size)")
        }
        // And that is the slope of the loss: by finite differences along the gradient.
        for path in Self.paths {
            let direction = exact["gradient.\(path)"]!
            let square = direction.elements.reduce(0) { $0 + $1 * $1 }
            func moved(_ amount: Double) throws -> Double {
                var other = values
                let ends = zip(values[path]!.elements, direction.elements)
                other[path] = Tensor(ends.map { $0 + amount * $1 }, shape: direction.shape)
                return try graph.evaluate(other)["loss"]!.item
            }
            // So near that no maximum changes its place.
            let width = 1e-7 / square.squareRoot()
            let slope = (try moved(width) - moved(-width)) / (2 * width)
            #expect(abs(slope - square) < 1e-4 * square, "\(path): \(slope) \(square)")
        }
        for (path, statistic) in outcome.statistics {
            let expected = exact["statistic.\(path)"]!
            #expect(relativeError(statistic, expected) < 1e-3, "\(path)")
        }
    }
}
