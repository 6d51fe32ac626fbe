import Testing

@testable import Interaction

@Suite("Placing labels")
struct PlatesTests {
    @Test("Labels lie inside the picture, wherever their boxes do")
    func inside() {
        for x in [0.0, 200, 580] {
            for y in [0.0, 200, 430] {
                var plates = Plates(width: 640, height: 480, dot: 2)
                let box = Box(x, y, x + 60, y + 50)
                plates.add(["ride bicycle 0.91"], near: box, and: box, .white)
                let plate = plates.boxes[0]
                #expect(plate.x1 >= 0 && plate.y1 >= 0 && plate.x2 <= 640 && plate.y2 <= 480)
            }
        }
    }

    @Test("Several labels of one place do not hide each other")
    func apart() {
        var plates = Plates(width: 640, height: 480, dot: 1.5)
        let human = Box(280, 150, 340, 300), object = Box(300, 200, 380, 320)
        for _ in 0..<4 { plates.add(["hold dog 0.50"], near: human, and: object, .white) }
        for (index, plate) in plates.boxes.enumerated() {
            for other in plates.boxes[..<index] { #expect(plate.intersection(other) == 0) }
        }
    }

    @Test("Where there is room beside them, people and things are not hidden")
    func beside() {
        var plates = Plates(width: 640, height: 480, dot: 1.5)
        let human = Box(280, 150, 340, 300), object = Box(300, 200, 380, 320)
        plates.add(["hold dog 0.50"], near: human, and: object, .white)
        #expect(plates.boxes[0].intersection(human) + plates.boxes[0].intersection(object) == 0)
    }
}
