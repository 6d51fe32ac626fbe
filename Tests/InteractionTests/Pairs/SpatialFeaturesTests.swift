import Glibc
import Interaction
import Tensors
import Testing

@Suite("Spatial features")
struct SpatialFeaturesTests {
    @Test("They are what one works out by hand")
    func byHand() {
        // Centres (30, 40) and (50, 30); 20 x 40 and 40 x 20; 10 x 20 in common.
        let values = SpatialFeatures.values(
            human: Box(20, 20, 40, 60), object: Box(30, 20, 70, 40), width: 100, height: 80)
        #expect(values.count == SpatialFeatures.count)
        let expected = [
            // Centres.
            0.3, 0.5, 0.5, 0.375,
            // Extents.
            0.2, 0.5, 0.4, 0.25,
            // Areas, and the thing's over the human's.
            0.1, 0.1, 1,
            // Width over height.
            0.5, 2,
            // 200 of 1400.
            1.0 / 7,
            // 20 of 20 to the right, 10 of 40 above.
            1, 0, 0, 0.25,
        ]
        for (index, wanted) in expected.enumerated() {
            #expect(abs(values[index] - wanted) < 1e-9, "\(index): \(values[index])")
            let logarithm = wanted == 0 ? -23.025850929940457 : log(wanted)
            #expect(abs(values[18 + index] - logarithm) < 1e-8, "\(18 + index)")
        }
    }

    @Test("Mirrored pictures exchange left and right, above and below")
    func mirrored() {
        var random = RandomSource(seed: 8)
        func box() -> Box {
            let x = random.uniform(in: 0..<50), y = random.uniform(in: 0..<50)
            return Box(x, y, x + random.uniform(in: 1..<50), y + random.uniform(in: 1..<30))
        }
        func mirror(_ box: Box) -> Box { Box(100 - box.x2, 80 - box.y2, 100 - box.x1, 80 - box.y1) }
        for _ in 0..<50 {
            let (human, object) = (box(), box())
            let here = SpatialFeatures.values(human: human, object: object, width: 100, height: 80)
            let there = SpatialFeatures.values(
                human: mirror(human), object: mirror(object), width: 100, height: 80)
            let moved = [14: 15, 15: 14, 16: 17, 17: 16]
            for index in 4..<18 {
                #expect(abs(here[index] - there[moved[index] ?? index]) < 1e-9)
            }
            for index in 0..<4 { #expect(abs(here[index] + there[index] - 1) < 1e-9) }
        }
    }

    @Test("Boxes without extent give finite numbers")
    func finite() {
        let values = SpatialFeatures.values(
            human: Box(1, 1, 1, 1), object: Box(0, 0, 0, 0), width: 1, height: 1)
        #expect(values.allSatisfy { $0.isFinite })
    }

    @Test("A tensor has a row for each pair")
    func rows() {
        let boxes = [Box(0, 0, 5, 9), Box(3, 2, 9, 9), Box(1, 1, 2, 2)]
        let pairs = HumanObjectPair.all([true, false, true])
        let tensor = SpatialFeatures.tensor(pairs, boxes: boxes, width: 10, height: 10)
        #expect(tensor.shape == [4, 36])
        let last = SpatialFeatures.values(
            human: boxes[2], object: boxes[1], width: 10, height: 10)
        #expect(Array(tensor.elements[108...]) == last.map { Float($0) })
        let none = SpatialFeatures.tensor([], boxes: boxes, width: 10, height: 10)
        #expect(none.shape == [0, 36])
    }
}
