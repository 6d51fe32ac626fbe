// What a detector's features say of boxes.
import Compute
import Graphs
import Networks
import Tensors

/// Reads boxes from the features that a detector had of a picture. Belongs to one thread.
///
/// - SeeAlso: `RoIAlign`; all three levels of the pyramid are read, whatever the size of the box.
public final class RegionReader {
    /// Numbers of each cell: the channels of all levels.
    public let channels: Int
    /// Cells along each side of a box.
    public let cells: Int

    private let plan: Plan
    private let batch: Int
    /// Points along each side of a cell.
    private static let samples = 2

    /// A reader of what `detector` sees, which must keep its pyramid.
    ///
    /// - Parameter batch: Boxes that are read together.
    /// - Throws: `PlanError`.
    public init(of detector: Detector, cells: Int = 3, batch: Int = 32) throws {
        let counts = Array(detector.network.featureChannels[3..<6])
        (self.cells, self.batch) = (cells, batch)
        let channels = counts.reduce(0, +)
        self.channels = channels
        let graph = Graph.build { builder in
            let boxes = builder.input("boxes")
            let levels = YOLOX.strides.enumerated().map { level, stride in
                builder.input("pyramid.\(level)").applying(
                    RoIAlign(
                        outputHeight: cells, outputWidth: cells, spatialScale: 1 / Double(stride),
                        samplingRatio: Self.samples), boxes)
            }
            builder.output(
                builder.concatenate(levels).reshaped([batch, channels, cells * cells])
                    .transposed([0, 2, 1]), "cells")
        }
        var shapes: [String: Shape] = ["boxes": [batch, 5]]
        for (level, stride) in YOLOX.strides.enumerated() {
            let extent = detector.side / stride
            shapes["pyramid.\(level)"] = [1, counts[level], extent, extent]
        }
        plan = try Plan(graph, shapes: shapes)
    }

    /// The numbers of boxes of the picture that `detector` looked at last: of each box `cells` x `cells` cells, row by
    /// row, of ``channels`` numbers.
    ///
    /// - Parameters:
    ///   - boxes: In pixels of the picture.
    ///   - letterbox: Where the picture lay in the detector's square.
    /// - Throws: `PlanError`.
    public func numbers(
        of boxes: [Box], in letterbox: Letterbox, seenBy detector: Detector
    ) throws -> [[Float]] {
        for (level, features) in detector.pyramid.enumerated() {
            plan.setInput("pyramid.\(level)", features)
        }
        var numbers: [[Float]] = []
        let width = cells * cells * channels
        for start in stride(from: 0, to: boxes.count, by: batch) {
            let some = boxes[start..<min(start + batch, boxes.count)].map(letterbox.square)
            let input = plan.input("boxes").bindMemory(to: Float.self)
            input.update(repeating: 0)
            for (row, box) in some.enumerated() {
                for (column, value) in [box.x1, box.y1, box.x2, box.y2].enumerated() {
                    input[5 * row + column + 1] = Float(value)
                }
            }
            try plan.run()
            let found = plan.output("cells").bindMemory(to: Float.self)
            for row in some.indices {
                numbers.append(Array(found[row * width..<(row + 1) * width]))
            }
        }
        return numbers
    }
}
