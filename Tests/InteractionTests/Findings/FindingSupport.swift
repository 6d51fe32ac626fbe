// What the tests of findings share.
import Glibc
import Networks
import Tensors

@testable import Interaction

/// A head that says the same of every pair: each verb with its probability.
func constantModel(_ verbs: [(name: String, probability: Double)]) -> PredicateModel {
    var random = RandomSource(seed: 1)
    let head = PredicateHead(verbCount: verbs.count, widths: [16])
    var parameters = Parameters(initialising: head, using: &random)
    let weight = parameters.position(of: "geometry.verbs.weight")!
    let bias = parameters.position(of: "geometry.verbs.bias")!
    parameters[weight] = Tensor(
        [Float](repeating: 0, count: 16 * verbs.count), shape: [verbs.count, 16])
    parameters[bias] = Tensor(
        verbs.map { Float(log($0.probability / (1 - $0.probability))) }, shape: [verbs.count])
    return PredicateModel(head, parameters: parameters, verbNames: verbs.map(\.name))
}

/// What people do alone as such a head says it: the same of everybody.
func constantPeople(
    _ doings: [(name: String, probability: Double)], channels: Int = 2, cells: Int = 1
) -> BranchedModel.Appearance {
    let regions = RegionShape(channels: channels, cells: cells, parts: [.human, .union])
    var random = RandomSource(seed: 1)
    let head = PredicateHead(
        verbCount: doings.count, widths: [16], regions: regions, subject: .people)
    var parameters = Parameters(initialising: head, using: &random)
    for (name, values, shape) in [
        (
            "people.verbs.weight", [Float](repeating: 0, count: 16 * doings.count),
            [doings.count, 16] as Shape
        ),
        (
            "people.verbs.bias",
            doings.map { Float(log($0.probability / (1 - $0.probability))) },
            [doings.count] as Shape
        ),
    ] { parameters[parameters.position(of: name)!] = Tensor(values, shape: shape) }
    return BranchedModel.Appearance(
        PredicateModel(head, parameters: parameters, verbNames: doings.map(\.name)),
        fusion: BranchFusion(geometry: 0, appearance: 1, offset: 0), detector: "abc")
}

/// A thing by its name.
func thing(_ name: String, _ box: Box = Box(0, 0, 10, 20), _ score: Double = 1) -> Detection {
    Detection(box, category: COCO.index(of: name)!, score: score)
}

/// Somebody does something with a thing that is not seen.
func doing(_ verb: String, _ object: String, _ score: Double = 0.5) -> Finding {
    Finding(
        human: thing("person", Box(10, 10, 40, 60), 0.9),
        doing: Triplet(verb: verb, object: object), verbScore: 0.75, score: score)
}

/// Somebody does something.
func finding(_ verb: String, _ object: String, _ score: Double = 0.5) -> Finding {
    Finding(
        human: thing("person", Box(10, 10, 40, 60), 0.9),
        object: thing(object, Box(30, 30, 80, 70.25), 0.8), verb: verb, verbScore: 0.75,
        score: score)
}
