import CKernels
import Media
import Quality
import TestSupport
import Testing

@testable import Enhancement

@Suite("Where the correction is withheld")
struct CorrectionMapTests {
    private let options = EnhancementOptions(precision: .f32)

    private func content(_ value: (Int, Int) -> Int) -> ContentMap {
        ContentMap([Plane(width: 160, height: 96) { x, y in value(x, y) }], depth: 8)
    }

    @Test("All of it in areas of one value, none of it beside detail")
    func constant() {
        // Texture on the right of column 80.
        let half = content { x, y in x < 80 ? 16 : 60 + (x * 37 + y * 91) % 90 }
        let map = CorrectionMap(content: half, drawnShare: 1)
        for row in 0..<6 {
            // Cells whose neighbours are constant too; sample 79 is beside the texture.
            #expect((0..<3).allSatisfy { map.withheld[row, $0] == 1 })
            #expect((4..<10).allSatisfy { map.withheld[row, $0] == 0 })
        }
        #expect(map.largest == 1)
    }

    @Test("Drawn cells get less where quantisers were fine, camera pictures do not")
    func drawn() {
        let stripes = content { x, y in x / 9 % 2 == 0 && y / 7 % 3 > 0 ? 230 : 20 }
        let strength = stripes.drawn.elements.max()!
        #expect(strength > 0.5)
        let fine = CorrectionMap(content: stripes, drawnShare: 0.25)
        let expected = stripes.drawn.elements.map { 0.75 * $0 }
        for (found, wanted) in zip(fine.withheld.elements, expected) {
            #expect(abs(found - wanted) < 1e-6)
        }
        #expect(CorrectionMap(content: stripes, drawnShare: 1).largest == 0)
        let camera = content { x, y in 60 + (x * 37 + y * 91 + x * y % 13) % 90 }
        #expect(CorrectionMap(content: camera, drawnShare: 0).largest == 0)
    }

    @Test("Black bars stay black and the picture between them is corrected, whatever the balance")
    func bars() throws {
        var both = randomModel()
        both.perceptual = WeightSet(randomModel(.live, seed: 2).parameters)
        let frames = (0..<3).map { index in
            var frame = texturedFrame(index, width: 160, height: 192)
            let luma = frame.planes[0]
            frame.planes[0] = Plane(width: 160, height: 192) { x, y in
                (64..<128).contains(y) ? luma[x, y] : 16
            }
            frame.quantisers = QuantiserMap(
                blockSize: 16, columns: 10, rows: 12, values: [Float](repeating: 40, count: 120),
                lumaSteps: [Float](repeating: 60, count: 120))
            return frame
        }
        for balance in [Balance.fixed(0), .fixed(1), .automatic] {
            var options = options
            options.balance = balance
            for frame in try enhanced(frames, both, options) {
                var isBlack = true, isCorrected = false
                for x in 0..<160 {
                    for y in 0..<24 where frame.planes[0][x, y] != 16 { isBlack = false }
                    for y in 80..<110 where frame.planes[0][x, y] != frames[0].planes[0][x, y] {
                        isCorrected = true
                    }
                }
                #expect(isBlack && isCorrected, "balance \(balance)")
            }
        }
    }

    @Test("Drawings are left alone at steps where camera pictures are corrected")
    func drawings() throws {
        let (width, height) = (160, 96)
        func changes(step: Float, _ value: (Int, Int) -> Int) throws -> (drawn: Float, count: Int) {
            let frames = (0..<2).map { index in
                var frame = texturedFrame(index, width: width, height: height)
                frame.planes[0] = Plane(width: width, height: height) { x, y in
                    value(x + index, y)
                }
                frame.quantisers = QuantiserMap(
                    blockSize: 16, columns: 10, rows: 6, values: [Float](repeating: 30, count: 60),
                    lumaSteps: [Float](repeating: step, count: 60))
                return frame
            }
            let before = frames[0].planes[0]
            let after = try enhanced(frames, randomModel(), options)[0].planes[0]
            var count = 0
            for y in 0..<height {
                for x in 0..<width where before[x, y] != after[x, y] { count += 1 }
            }
            let drawn = ContentMap([before], depth: 8).drawn.elements
            return (drawn.min()!, count)
        }
        let stripes = { (x: Int, y: Int) in x / 9 % 2 == 0 && y / 7 % 3 > 0 ? 230 : 20 }
        let texture = { (x: Int, y: Int) in 60 + (x * 37 + y * 91 + x * y % 13) % 90 }
        let fine = try changes(step: 15, stripes)
        #expect(fine.drawn == 1 && fine.count == 0, "\(fine)")
        #expect(try changes(step: 30, stripes).count > 1000)
        #expect(try changes(step: 15, texture).count > 1000)
    }

    @Test("Withholding scales packets towards nothing, in either order of memory")
    func scaling() {
        for (planes, group) in [(6, 1), (1, 16)] {
            var packets = [Float](repeating: 2, count: planes * 16 * 24 * group)
            let shares: [Float] = [0.25, 0.25, 0.25, 0.25, 0.25, 0.25]
            percept_blend_packets(
                &packets, nil, Int32(planes), 16, 24, Int32(group), shares, 2, 3, 8, 1)
            #expect(packets.allSatisfy { $0 == 1.5 })
        }
    }
}
