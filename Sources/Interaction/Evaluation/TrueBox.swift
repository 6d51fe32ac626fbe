// A thing that is known to be in a picture.

/// One annotated thing of a picture, as detectors are measured by it.
public struct TrueBox: Sendable, Hashable {
    /// Where.
    public var box: Box
    /// What, numbered as the detections are.
    public var category: Int
    /// Whether it stands for many things of a kind: finding it counts neither for nor against a detector.
    public var isCrowd: Bool
    /// Pixels that the thing covers; where only the box is known, its area.
    public var area: Double

    /// A thing; its area is that of the box unless said.
    public init(_ box: Box, category: Int, isCrowd: Bool = false, area: Double? = nil) {
        (self.box, self.category, self.isCrowd) = (box, category, isCrowd)
        self.area = area ?? box.area
    }
}

extension AnnotatedPicture {
    /// The things that people annotated, as far as COCO has their categories.
    public var trueBoxes: [TrueBox] {
        things.compactMap { thing in
            guard thing.score == nil, let category = COCO.index(of: thing.category) else {
                return nil
            }
            return TrueBox(
                thing.box, category: category, isCrowd: thing.isCrowd, area: thing.area)
        }
    }
}
