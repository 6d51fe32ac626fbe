// What chance finds, and how sure that makes a distance.
import TestSupport
import Testing

@testable import Finding

@Suite("Sureness")
struct SurenessTests {
    @Test(
        "Chance finds what the twelfth other video is like, whatever pictures it has",
        arguments: [5, 12, 13, 20])
    func chance(count: Int) throws {
        let videos = (0..<count).map { video in
            (0..<2).map { (time: Double($0), picture: Scene(UInt64(100 * $0 + video)).small) }
        }
        let memory = try memory(of: videos)
        let query = PicturePattern(SmallPicture(Scene(3).window(44, 31, 160, 96))).fine
        let comparison = try memory.compare([query])
        let near = memory.nearest(comparison, row: 0, knowing: Array(0..<16), count: 4) {
            memory.places[$0]?.video == 3
        }
        #expect(near.pictures.map(\.position) == [6, 7])
        let distances = videos.map { pictures in
            pictures.map { PicturePattern.distance(query, PicturePattern($0.picture).fine) }
                .min() ?? 1
        }
        for video in [3, 0] {
            let others = distances.indices.filter { $0 != video }.map { distances[$0] }.sorted()
            let chance = near.chance(besides: video)
            if others.count < 12 {
                #expect(chance == nil)
            } else {
                #expect(abs((chance ?? 0) - others[11]) < 1e-5)
            }
        }
    }

    @Test(
        "A distance counts by chance, within a range, and by the middle of that where chance is unknown"
    )
    func relative() {
        let scale = Sureness.Scale(least: 0.4, most: 0.6, middle: 0.5, slope: 40)
        #expect(abs(scale.relative(0.2, chance: 0.45) - 0.2 / 0.45) < 1e-6)
        #expect(abs(scale.relative(0.2, chance: 0.1) - 0.5) < 1e-6)
        #expect(abs(scale.relative(0.3, chance: 0.9) - 0.5) < 1e-6)
        #expect(abs(scale.relative(0.25, chance: nil) - 0.5) < 1e-6)
        #expect(abs(scale(0.5) - 0.5) < 1e-9)
        #expect(scale(0.3) > 0.99 && scale(0.7) < 0.01)
    }

    @Test("The fewer blocks are compared, the more alike they must be")
    func blocks() {
        func limit(_ blocks: Int) -> Double {
            let scale = Sureness.known(blocks: blocks)
            return scale.middle * (scale.least + scale.most) / 2
        }
        #expect(limit(8) < limit(10) && limit(10) < limit(12) && limit(12) < limit(16))
        #expect(limit(6) == limit(8))
    }

    @Test("A picture that a dozen other videos show too is found for all that")
    func repeated() throws {
        let search = PictureSearch(
            try memory(of: (0..<16).map { [(Double($0), Scene(5).small)] }))
        let whole = Scene(5).picture160
        let half = SmallPicture(picture(80, 48) { x, y, c in whole.value(2 * x, 2 * y, c) })
        #expect(try search.places(of: half, limit: 5, atLeast: 0.5).count == 5)
    }
}
