// One step of a small detector learning from another: the teacher looks, the student is corrected.
import Compute
import Graphs
import Learning
import Networks
import Tensors

/// Computes the losses and gradients of a detector that is to say what another says of the same pictures.
///
/// Where the teacher sees a thing, the student learns its box and kind; everywhere, how sure the teacher is. All are
/// divided by the number of things that the teacher sees, each counted as surely as it is seen.
///
/// - SeeAlso: Hinton et al. (arXiv:1503.02531) for learning from soft answers; Beyer et al., "Knowledge distillation:
///   a good teacher is patient and consistent" (arXiv:2106.05237), why the teacher looks at the very pictures, cut and
///   mixed, that the student sees; YOLOX (arXiv:2107.08430) for the parts of the loss and what boxes count.
public final class DistillationStep {
    /// What the loss was made of at the last step: "objectness", "boxes" and "classes".
    public private(set) var lastLosses: [String: Double] = [:]
    /// What is trained, with its norms separate.
    public let student: YOLOX

    private let plan: Plan
    private static let lossNames: Set = ["objectness", "boxes", "classes"]

    /// Compiles the step.
    ///
    /// - Parameters:
    ///   - student: With norms for training.
    ///   - batch: Pictures of a step.
    ///   - side: Of the pictures, a multiple of 32.
    /// - Throws: `PlanError`.
    public init(
        _ student: YOLOX, parameters: Parameters, batch: Int, side: Int, threads: Int = 1
    ) throws {
        self.student = student
        let graph = Backpropagation(keeping: Self.lossNames).gradientGraph(
            of: Self.graph(student), loss: "loss",
            learning: student.declarations.filter(\.isLearned).map(\.path))
        var shapes = Dictionary(
            uniqueKeysWithValues: parameters.map { ($0.path, $0.tensor.shape) })
        let cells = YOLOX.strides.reduce(0) { $0 + (side / $1) * (side / $1) }
        shapes["pictures"] = [batch, 3, side, side]
        shapes["answers"] = [batch, cells, 5 + student.classCount]
        plan = try Plan(graph, shapes: shapes, options: PlanOptions(threads: threads))
    }

    /// Losses and gradients.
    ///
    /// - Parameters:
    ///   - pictures: `[batch, 3, side, side]`.
    ///   - answers: What the teacher says of them, as ``YOLOX`` gives it.
    /// - Throws: `PlanError`.
    public func callAsFunction(
        _ parameters: Parameters, pictures: Tensor<Float>, answers: Tensor<Float>
    ) throws -> StepOutcome {
        plan.setParameters(parameters.values)
        let results = try plan.run(["pictures": pictures, "answers": answers])
        for name in Self.lossNames { lastLosses[name] = Double(results[name]!.item) }
        return StepOutcome(outputs: results, loss: "loss")
    }

    /// The graph without its gradients: outputs "loss" and its parts.
    static func graph(_ student: YOLOX) -> Graph {
        Graph.build { builder in
            let said = student.logits(builder.input("pictures"))
            let answers = builder.input("answers")
            func part(_ columns: Range<Int>) -> Value {
                answers.sliced(axis: 2, from: columns.lowerBound, to: columns.upperBound)
            }
            let (boxes, seen) = (part(0..<4), part(4..<5))
            let classes = part(5..<(5 + student.classCount))
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
            builder.output(objectness + kinds + places, "loss")
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
