// Which clips are kept from training.
import Testing

@testable import Enhancement

@Suite("Clips held out")
struct HoldOutTests {
    private func clips(_ count: Int) -> [Footage] {
        (0..<count).map {
            Footage(
                path: "c\($0)_x.mkv", stem: "c\($0)_x", name: "c\($0)_x-00000\($0)", width: 96,
                height: 96, sampling: .yuv420, frameCount: nil)
        }
    }

    private func held(_ sets: [String: String]) -> Set<String> {
        Set(sets.filter { $0.value == "select" }.keys)
    }

    @Test("An eighth is held out, at least one of two, none of one")
    func share() throws {
        for (count, wanted) in [(1, 0), (2, 1), (7, 1), (9, 1), (16, 2)] {
            let sets = try HoldOut.share.sets(of: clips(count), known: [:], seed: 1)
            #expect(sets.count == count && held(sets).count == wanted)
        }
        #expect(held(try HoldOut.count(0).sets(of: clips(9), known: [:], seed: 1)).isEmpty)
    }

    @Test("Clips that come later leave every other in its set")
    func growth() throws {
        let first = try HoldOut.share.sets(of: clips(9), known: [:], seed: 1)
        let later = try HoldOut.share.sets(of: clips(40), known: first, seed: 1)
        for (name, set) in first { #expect(later[name] == set) }
        #expect(held(later).count == 5)
        // Not even another wish moves a clip that is listed.
        let named = try HoldOut.names(["c0"]).sets(of: clips(9), known: first, seed: 1)
        #expect(named == first)
    }

    @Test("Names hold out the clips that begin so, and a name of none is refused")
    func names() throws {
        let sets = try HoldOut.names(["c3", "c5_x"]).sets(of: clips(9), known: [:], seed: 1)
        #expect(held(sets) == ["c3_x-000003", "c5_x-000005"])
        #expect(throws: HoldOutError(name: "c")) {
            try HoldOut.names(["c"]).sets(of: clips(9), known: [:], seed: 1)
        }
    }
}
