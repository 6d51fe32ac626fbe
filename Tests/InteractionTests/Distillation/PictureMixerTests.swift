import Media
import Tensors
import TestSupport
import Testing

@testable import Interaction

private func flat(_ red: UInt8, _ width: Int = 90, _ height: Int = 60) -> UprightPicture {
    picture(width, height) { _, _, c in c == 0 ? Int(red) : 128 }
}

@Suite("Pictures to practise on")
struct PictureMixerTests {
    @Test("The same seed gives the same picture, of the size that was asked for")
    func seeds() {
        let mixer = PictureMixer(side: 64)
        func draw(_ seed: UInt64) -> UprightPicture {
            var random = RandomSource(seed: seed)
            return mixer(&random) { _ in picture(70, 50) { x, y, c in 3 * x ^ 5 * y ^ 90 * c } }
        }
        for seed in UInt64(1)...20 {
            let drawn = draw(seed)
            #expect(drawn.width == 64 && drawn.height == 64)
            #expect(drawn.pixels == draw(seed).pixels)
        }
        #expect(draw(1).pixels != draw(2).pixels)
    }

    @Test("A plain picture lies as a detector lays it, or mirrored")
    func plain() {
        var mixer = PictureMixer(side: 64)
        (mixer.mosaics, mixer.plain) = (0, 1)
        let source = picture(100, 40) { x, y, c in 2 * x ^ 6 * y ^ 80 * c }
        let mirrored = picture(100, 40) { x, y, c in 2 * (99 - x) ^ 6 * y ^ 80 * c }
        let letterbox = Letterbox(width: 100, height: 40, side: 64)
        let expected = [source, mirrored].map { letterbox.tensor($0, .plain).elements }
        let whole = Letterbox(width: 64, height: 64, side: 64)
        var seen: Set<Int> = []
        for seed in UInt64(1)...12 {
            var random = RandomSource(seed: seed)
            let drawn = whole.tensor(mixer(&random) { _ in source }, .plain).elements
            let near = expected.map { zip($0, drawn).filter { abs($0 - $1) > 1 }.count }
            #expect(near.min()! == 0)
            seen.insert(near[0] < near[1] ? 0 : 1)
        }
        #expect(seen == [0, 1])
    }

    @Test("Fine mosaics show nine or sixteen photographs, in parts that together are the square")
    func grids() {
        var counts: Set<Int> = []
        for seed in UInt64(1)...40 {
            var mixer = PictureMixer(side: 96)
            mixer.mosaics = 1
            mixer.grids = [(3, 0.5), (4, 0.5)]
            var random = RandomSource(seed: seed)
            var drawn = 0
            let mosaic = mixer(&random) { _ in
                drawn += 1
                return flat(UInt8(10 * drawn), 90, 90)
            }
            counts.insert(drawn)
            let shown = Set((0..<96).flatMap { y in (0..<96).map { mosaic[$0, y].red } })
            #expect(shown.count > drawn / 2, "\(shown.count) of \(drawn)")
        }
        #expect(counts == [9, 16])
    }

    @Test("Grids are drawn as often as they are asked for")
    func shares() {
        var mixer = PictureMixer(side: 32)
        (mixer.mosaics, mixer.grids) = (1, [(2, 0.75), (3, 0.25)])
        var random = RandomSource(seed: 6)
        var fine = 0
        for _ in 0..<400 {
            var drawn = 0
            _ = mixer(&random) { _ in
                drawn += 1
                return flat(9)
            }
            if drawn == 9 { fine += 1 } else { #expect(drawn == 4) }
        }
        #expect((70...130).contains(fine), "\(fine) of 400")
    }

    @Test("A mosaic shows four photographs, each in its part")
    func mosaics() {
        var mixer = PictureMixer(side: 96)
        (mixer.mosaics, mixer.grids) = (1, [(2, 1)])
        var shown = 0
        for seed in UInt64(1)...10 {
            var random = RandomSource(seed: seed)
            var drawn = 0
            let mosaic = mixer(&random) { _ in
                drawn += 1
                return flat([20, 90, 160, 230][drawn - 1])
            }
            #expect(drawn == 4)
            // Colours are changed a little, but four stay four.
            let corners = [(2, 2), (93, 2), (2, 93), (93, 93)].map { mosaic[$0.0, $0.1].red }
            shown += Set(corners).subtracting([Letterbox.grey]).count
        }
        // Small photographs may leave a corner grey.
        #expect(shown > 12)
    }

    @Test("What no photograph covers is grey")
    func grey() {
        var mixer = PictureMixer(side: 64)
        (mixer.mosaics, mixer.plain) = (0, 1)
        var random = RandomSource(seed: 3)
        let drawn = mixer(&random) { _ in flat(10, 100, 20) }
        #expect(drawn[5, 5].red == 10)
        for y in 14..<64 {
            #expect(drawn[30, y] == (Letterbox.grey, Letterbox.grey, Letterbox.grey))
        }
    }

    @Test("A photograph that cannot be read is said")
    func unreadable() {
        struct Unreadable: Error {}
        var random = RandomSource(seed: 1)
        #expect(throws: Unreadable.self) {
            try PictureMixer(side: 32)(&random) { _ in throw Unreadable() }
        }
    }
}
