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
            if choice.take(picture, at: time) != nil { kept.append(index) }
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
    func between() {
        let chosen = choose(shot(1, 6) + [Scene(9).small] + shot(2, 6))
        #expect(chosen.shots == [0, 6, 7])
        #expect(choose(shot(1, 6) + [Scene(9).small]).shots == [0, 6])
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
