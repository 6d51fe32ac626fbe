// Which pictures are remembered, and where shots begin.
import Testing

@testable import Finding

@Suite("Choice of key pictures")
struct KeyPictureChoiceTests {
    /// What is chosen of pictures 0.12 s apart.
    private func choose(_ pictures: [SmallPicture]) -> (kept: [Int], shots: [Int]) {
        var choice = KeyPictureChoice()
        var kept: [Int] = []
        for (index, picture) in pictures.enumerated() {
            let time = 0.12 * Double(index)
            #expect(choice.looks(at: time))
            if !choice.take(picture, at: time, between: { [] }).isEmpty { kept.append(index) }
        }
        return (kept, choice.shots.map { Int(($0 / 0.12).rounded()) })
    }

    /// A slow pan.
    private func shot(_ seed: UInt64, _ count: Int) -> [SmallPicture] {
        (0..<count).map { SmallPicture(Scene(seed).window(20 + $0, 30, 160, 96)) }
    }

    @Test("A shot begins at a cut, and its first picture is kept")
    func cuts() {
        let chosen = choose(shot(1, 7) + shot(2, 9))
        #expect(chosen.shots == [0, 7])
        #expect(chosen.kept == [0, 5, 7, 12])
    }

    @Test("A picture that is unlike both its neighbours, which are alike, begins no shot")
    func flashes() {
        let still = shot(1, 12)
        for other in [Scene(9).small, SmallPicture.white] {
            let chosen = choose(still[..<6] + [other] + still[6...])
            #expect(chosen.shots == [0])
            // It is remembered: somebody may ask for it.
            #expect(chosen.kept.contains(6) && chosen.kept.contains(7))
        }
    }

    @Test("A single picture between two shots is a short shot: the second one begins behind it")
    func single() {
        let chosen = choose(shot(1, 6) + [Scene(9).small] + shot(2, 6))
        #expect(chosen.shots == [0, 6, 7])
        #expect(choose(shot(1, 6) + [Scene(9).small]).shots == [0, 6])
    }

    @Test(
        "Where neighbours are unlike, those between are remembered, in order; elsewhere none is asked for"
    )
    func between() {
        var choice = KeyPictureChoice()
        var asked = 0
        func take(_ seed: UInt64, at time: Double, _ between: [(Double, UInt64)] = [])
            -> [KeyPicture]
        {
            choice.take(Scene(seed).small, at: time) {
                asked += 1
                return between.map { ($0.0, Scene($0.1).small) }
            }
        }
        #expect(take(1, at: 0).map(\.time) == [0])
        #expect(take(1, at: 0.12).isEmpty && asked == 0 && !choice.isMoving)
        // A cut: what lies before it may be of either shot.
        #expect(take(2, at: 0.24).map(\.time) == [0.24] && asked == 0)
        #expect(take(3, at: 0.36).map(\.time) == [0.36] && asked == 0)
        // As unlike as the last two were: no cut.
        #expect(take(4, at: 0.48, [(0.4, 3), (0.44, 5)]).map(\.time) == [0.44, 0.48])
        #expect(asked == 1 && choice.isMoving)
        #expect(take(4, at: 0.6).isEmpty && asked == 1 && !choice.isMoving)
    }

    @Test(
        "The last picture is remembered where it is like none before, but not what is left over at a cut"
    )
    func end() {
        func ended(_ shift: Int, _ seed: UInt64 = 1, after seconds: Double = 0.08) -> Double? {
            var choice = KeyPictureChoice()
            _ = choice.take(SmallPicture(Scene(1).window(20, 30, 160, 96)), at: 1) { [] }
            let last = SmallPicture(Scene(seed).window(20 + shift, 30, 160, 96))
            return choice.end(last, at: 1 + seconds)?.time
        }
        #expect(ended(8) == 1.08)
        #expect(ended(1) == nil && ended(0, 2) == nil)
        #expect(ended(8, after: 0) == nil)
    }

    @Test("Where all pictures are unlike, no more than two shots begin")
    func fast() {
        let chosen = choose(shot(1, 4) + (0..<8).map { Scene(20 + $0).small })
        #expect(chosen.shots.count <= 3)
        #expect(chosen.kept.suffix(8) == Array(4..<12)[...])
    }
}

extension SmallPicture {
    fileprivate static let white = SmallPicture(
        planes: [255, 0, 0].map { [Float](repeating: $0, count: side * side) })
}
