import Tensors
import Testing

@testable import Laboratory

@Suite struct PictureDamageTests {
    private let pictures = Textures().pictures(6, seed: 1)

    private func damaged(_ damage: PictureDamage, seed: UInt64 = 1) -> DamagedPictures {
        var random = RandomSource(seed: seed)
        return damage.applied(to: pictures.pictures, height: 16, channels: 3, using: &random)
    }

    @Test("The lower part is 0 in every channel, the rest as it was")
    func lowerPart() {
        for part in [0.25, 0.5, 0.875] {
            let found = damaged(.lowerPart(part))
            for row in 0..<6 {
                for index in 0..<768 {
                    let isKept = Double(index % 256 / 16) < 16 * (1 - part)
                    #expect(found.known?[0, index] == (isKept ? 1 : 0))
                    #expect(
                        found.pictures[row, index] == (isKept ? pictures.pictures[row, index] : 0))
                }
            }
        }
    }

    @Test(
        "Pixels are missing in all channels alike, as many as were asked for, others in each picture"
    )
    func pixels() {
        let found = damaged(.pixels(0.75))
        guard let known = found.known else {
            Issue.record("nothing is known")
            return
        }
        var masks: Set<[Float]> = []
        for row in 0..<6 {
            let mask = (0..<256).map { known[row, $0] }
            masks.insert(mask)
            #expect(mask.count { $0 == 1 } == 64)
            for pixel in 0..<256 {
                #expect(known[row, 256 + pixel] == mask[pixel])
                #expect(known[row, 512 + pixel] == mask[pixel])
            }
        }
        #expect(masks.count == 6)
        #expect(found.pictures == pictures.pictures.zeroed(where: known))
    }

    @Test("Noise has the deviation that it should, stays between 0 and 1, and follows its seed")
    func noise() {
        let found = damaged(.noise(0.05))
        #expect(found.known == nil)
        let error = found.pictures.squaredErrors(to: pictures.pictures).reduce(0, +) / (6 * 768)
        #expect(abs(error.squareRoot() - 0.05) < 0.004)
        let loud = damaged(.noise(1.5))
        #expect(loud.pictures.elements.allSatisfy { (0...1).contains($0) })
        #expect(damaged(.noise(0.3)).pictures == damaged(.noise(0.3)).pictures)
        #expect(damaged(.noise(0.3)).pictures != damaged(.noise(0.3), seed: 2).pictures)
    }

    @Test("Errors are summed for each picture")
    func errors() {
        let a = Tensor<Float>([0, 1, 2, 3], shape: [2, 2])
        let b = Tensor<Float>([1, 1, 2, 0], shape: [2, 2])
        #expect(a.squaredErrors(to: b) == [1, 9])
        #expect(a.meanSquaredErrors(to: b) == [0.5, 4.5])
        #expect([0.1, 0.2, 0.3].part(below: 0.25) == 2.0 / 3)
    }
}
