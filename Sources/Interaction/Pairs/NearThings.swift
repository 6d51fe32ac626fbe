// Which things are seen near a person: what one may do something to.
import Glibc
import Tensors

/// How near to a person a thing of each kind is seen.
public enum NearThings {
    /// Numbers of a person: one for each of ``COCO/categories``.
    public static let count = COCO.categories.count

    /// How sure a thing is, the less the farther it is from a person: 0 to 1.
    package static func nearness(_ thing: Detection, to human: Box) -> Double {
        thing.score * exp(-gap(human, thing.box) / max(human.height, 1))
    }

    /// For each kind the ``nearness(_:to:)`` of what is nearest; 0 where none is seen.
    ///
    /// - Parameter things: All that is seen; what lies where the person does and is one is that person.
    package static func values(around human: Box, in things: [Detection]) -> [Float] {
        var values = [Float](repeating: 0, count: count)
        for thing in things where !isSame(thing, human) {
            let near = Float(nearness(thing, to: human))
            values[thing.category] = max(values[thing.category], near)
        }
        return values
    }

    private static func isSame(_ thing: Detection, _ human: Box) -> Bool {
        thing.category == COCO.person && thing.box.overlap(human) >= LabelledPairs.samePair
    }

    /// Pixels between two boxes; 0 where they touch.
    private static func gap(_ a: Box, _ b: Box) -> Double {
        let across = max(a.x1 - b.x2, b.x1 - a.x2, 0), down = max(a.y1 - b.y2, b.y1 - a.y2, 0)
        return (across * across + down * down).squareRoot()
    }
}
