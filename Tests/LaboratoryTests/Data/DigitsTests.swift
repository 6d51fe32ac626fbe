// Rendered digits and strokes: the same from the same seed, learnable, and not trivial.
import Tensors
import Testing

@testable import Laboratory

@Suite("Rendered pictures")
struct DigitsTests {
    private static let digits = Digits().pictures(3000, seed: 1)
    private static let others = Digits().pictures(1000, seed: 2)

    @Test("The same seed gives the same pictures, another seed others")
    func repeatable() {
        let again = Digits().pictures(50, seed: 1)
        #expect(again.pictures == Self.digits.prefix(50).pictures)
        #expect(again.labels == Self.digits.prefix(50).labels)
        #expect(Digits().pictures(50, seed: 2).pictures != again.pictures)
        #expect(
            Strokes().pictures(50, seed: 1).pictures == Strokes().pictures(50, seed: 1).pictures)
    }

    @Test("Pixels are from 0 to 1, light on dark, each digit about as often as any")
    func pixels() {
        for pictures in [Self.digits, Strokes().pictures(3000, seed: 1)] {
            let values = pictures.pictures.elements
            #expect(values.allSatisfy { (0...1).contains($0) })
            let mean = values.reduce(0, +) / Float(values.count)
            #expect((0.05...0.3).contains(mean), "\(pictures.origin): \(mean)")
            for label in 0..<10 {
                #expect((220...380).contains(pictures.labels.count { $0 == label }))
            }
        }
    }

    @Test("No digit touches the edge often enough to be cut")
    func margins() {
        let border = (0..<28).flatMap { place -> [Int] in
            let bottom = 27 * 28 + place, left = 28 * place
            return [place, bottom, left, left + 27]
        }
        let touching = (0..<Self.digits.count).count { index in
            border.contains { Self.digits.pictures[index, $0] > 0.5 }
        }
        #expect(touching < Self.digits.count / 50, "\(touching)")
    }

    @Test("The nearest mean of a kind tells most digits and strokes, but by far not all")
    func learnable() {
        let accuracy = nearestMean(Self.digits, Self.others)
        #expect((0.5...0.92).contains(accuracy), "digits: \(accuracy)")
        let strokes = nearestMean(
            Strokes().pictures(2000, seed: 1), Strokes().pictures(1000, seed: 2))
        #expect((0.5...0.97).contains(strokes), "strokes: \(strokes)")
    }

    @Test("Hands that do not differ write each form alike")
    func sameness() {
        let plain = Digits(variety: 0).pictures(400, seed: 1)
        for digit in 0..<10 {
            let rows = plain.labels.indices.filter { plain.labels[$0] == digit }
            let different = Set(rows.map { plain.selecting([$0]).pictures.elements })
            #expect(different.count == DigitShapes.forms[digit].count)
        }
    }

    /// The part of `test` whose nearest mean of `training` is that of its own kind.
    private func nearestMean(_ training: LabelledPictures, _ test: LabelledPictures) -> Double {
        let size = training.pixelCount
        let known = training.pictures.elements, asked = test.pictures.elements
        var means = [[Float]](repeating: [Float](repeating: 0, count: size), count: 10)
        for (row, label) in training.labels.enumerated() {
            let share = 1 / Float(training.labels.count { $0 == label })
            for pixel in 0..<size { means[label][pixel] += share * known[row * size + pixel] }
        }
        let right = test.labels.indices.count { row in
            let distances = means.map { mean in
                (0..<size).reduce(Float(0)) { sum, pixel in
                    let difference = mean[pixel] - asked[row * size + pixel]
                    return sum + difference * difference
                }
            }
            return distances.firstIndex(of: distances.min()!) == test.labels[row]
        }
        return Double(right) / Double(test.count)
    }
}
