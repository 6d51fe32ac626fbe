// One step of a small detector learning from another: the teacher looks, the student is corrected.
import Compute
import Graphs
import Learning
import Networks
import Tensors

/// Computes the losses and gradients of a detector that is to say what another says of the same pictures.
///
/// Where the teacher sees a thing, the student learns its box and kind; everywhere, how sure the teacher is. All are
/// divided by the number of things that the teacher sees, each counted as surely as it is seen. Where hints are wanted,
/// the student also learns what the teacher computes on its way: there is far more in that than in its answers.
///
/// - SeeAlso: Hinton et al. (arXiv:1503.02531) for learning from soft answers; Beyer et al., "Knowledge distillation:
///   a good teacher is patient and consistent" (arXiv:2106.05237), why the teacher looks at the very pictures, cut and
///   mixed, that the student sees; YOLOX (arXiv:2107.08430) for the parts of the loss and what boxes count.
public final class DistillationStep {
    /// What the loss was made of at the last step: "objectness", "boxes" and "classes", and "hints" where there are any.
    public private(set) var lastLosses: [String: Double] = [:]
    /// What is trained.
    public let student: DetectorStudent

    private let plan: Plan
    private let lossNames: Set<String>

    /// Compiles the step.
    ///
    /// - Parameters:
    ///   - student: With norms for training.
    ///   - teacher: Whose features it learns from, if it does.
    ///   - batch: Pictures of a step.
    ///   - side: Of the pictures, a multiple of 32.
    ///   - hintWeight: How much what it does not know of the teacher's features counts.
    /// - Throws: `PlanError`.
    public init(
        _ student: DetectorStudent, of teacher: YOLOX, parameters: Parameters, batch: Int,
        side: Int, hintWeight: Double = 1, threads: Int = 1
    ) throws {
        self.student = student
        lossNames = Set(
            ["objectness", "boxes", "classes"] + (student.hintCount > 0 ? ["hints"] : []))
        let graph = Backpropagation().gradientGraph(
            of: Self.graph(student, hintWeight: hintWeight), loss: "loss",
            learning: student.declarations.filter(\.isLearned).map(\.path), keeping: lossNames)
        var shapes = Dictionary(
            uniqueKeysWithValues: parameters.map { ($0.path, $0.tensor.shape) })
        let cells = YOLOX.strides.reduce(0) { $0 + (side / $1) * (side / $1) }
        shapes["pictures"] = [batch, 3, side, side]
        shapes["answers"] = [batch, cells, 5 + student.network.classCount]
        for index in 0..<student.hintCount {
            let extent = side / YOLOX.strides[Self.level(ofFeature: index)]
            shapes["features.\(index)"] = [
                batch, teacher.featureChannels[index], extent, extent,
            ]
        }
        plan = try Plan(graph, shapes: shapes, options: PlanOptions(threads: threads))
    }

    /// Losses and gradients.
    ///
    /// - Parameters:
    ///   - pictures: `[batch, 3, side, side]`.
    ///   - answers: What the teacher says of them.
    /// - Throws: `PlanError`.
    public func callAsFunction(
        _ parameters: Parameters, pictures: Tensor<Float>, answers: Teacher.Answers
    ) throws -> StepOutcome {
        plan.setParameters(parameters.values)
        var inputs = ["pictures": pictures, "answers": answers.candidates]
        for index in 0..<student.hintCount {
            inputs["features.\(index)"] = answers.features[index]
        }
        let results = try plan.run(inputs)
        for name in lossNames { lastLosses[name] = Double(results[name]!.item) }
        return StepOutcome(outputs: results, loss: "loss")
    }

    /// Which of the three resolutions a feature of ``YOLOX/Reading/features`` has.
    private static func level(ofFeature index: Int) -> Int {
        index < 6 ? index % 3 : (index - 6) / 2
    }

    /// The graph without its gradients: outputs "loss" and its parts.
    static func graph(_ student: DetectorStudent, hintWeight: Double = 1) -> Graph {
        Graph.build { builder in
            let said = student.network.reading(builder.input("pictures"))
            let answers = builder.input("answers")
            func part(_ columns: Range<Int>) -> Value {
                answers.sliced(axis: 2, from: columns.lowerBound, to: columns.upperBound)
            }
            let (boxes, seen) = (part(0..<4), part(4..<5))
            let classes = part(5..<(5 + student.network.classCount))
            // Nothing at all in all pictures must not divide by nothing.
            let count = seen.sum() + 1

            let objectness = (said.objectness.softplus - seen * said.objectness).sum() / count
            let kinds =
                ((said.classes.softplus - classes * said.classes).sum([2], keepsDimensions: true)
                * seen).sum() / count
            let overlap = said.boxes.overlap(withBoxes: boxes)
            let distance = (said.boxes - boxes).absolute.sum([2], keepsDimensions: true)
            let places = ((5 * (1 - overlap * overlap) + 0.5 * distance) * seen).sum() / count

            builder.output(objectness, "objectness")
            builder.output(kinds, "classes")
            builder.output(places, "boxes")
            var loss = objectness + kinds + places
            if student.hintCount > 0 {
                let hints = student.ignorance(
                    said, of: (0..<student.hintCount).map { builder.input("features.\($0)") })
                builder.output(hints, "hints")
                loss = loss + hintWeight * hints
            }
            builder.output(loss, "loss")
        }
    }
}

extension Value {
    /// How much boxes of cells overlap others of the same cells: area of both over area of either.
    ///
    /// - Parameter other: Boxes like these: `[N, cells, 4]`, centre within the cell and logarithms of width and height.
    /// - Returns: `[N, cells, 1]`.
    func overlap(withBoxes other: Value) -> Value {
        func corners(_ boxes: Value) -> (low: Value, high: Value, area: Value) {
            let centre = boxes.sliced(axis: 2, from: 0, to: 2)
            // Sides of up to e^7 strides: larger than any picture, and nothing overflows.
            let sides = boxes.sliced(axis: 2, from: 2, to: 4).clamped(to: -7...7).exp
            let half = 0.5 * sides
            let area =
                sides.sliced(axis: 2, from: 0, to: 1) * sides.sliced(axis: 2, from: 1, to: 2)
            return (centre - half, centre + half, area)
        }
        let (a, b) = (corners(self), corners(other))
        let common = (a.high.smaller(b.high) - a.low.larger(b.low)).relu
        let shared =
            common.sliced(axis: 2, from: 0, to: 1) * common.sliced(axis: 2, from: 1, to: 2)
        return shared / (a.area + b.area - shared + 1e-9)
    }
}
