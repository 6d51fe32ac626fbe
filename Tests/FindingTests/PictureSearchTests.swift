// Copies that are found, and strangers that are not.
import Media
import Tensors
import Testing
import TestSupport

@testable import Finding

@Suite("Search for pictures")
struct PictureSearchTests {
    let search: PictureSearch

    init() throws { search = PictureSearch(try memory(of: 0..<60)) }

    @Test("A picture is found in its place, smaller and mirrored too")
    func copies() throws {
        let scene = Scene(17).picture160
        let half = picture(80, 48) { x, y, c in scene.value(2 * x, 2 * y, c) }
        for (seen, isMirrored) in [(scene, false), (half, false), (scene.mirrored, true)] {
            let places = try search.places(of: SmallPicture(seen), limit: 3, atLeast: 0.5)
            #expect(places.count == 1)
            #expect(places.first?.video == 17)
            #expect(places.first?.isMirrored == isMirrored)
            #expect(places.first?.view == .whole)
        }
    }

    @Test("Half a picture is enough, whatever lies over the rest", arguments: 0..<4)
    func covered(side: Int) throws {
        let scene = Scene(23).picture160, other = Scene(900).picture160
        let seen = picture(160, 96) { x, y, c in
            let isCovered = [x < 80, x >= 80, y < 48, y >= 48][side]
            return (isCovered ? other : scene).value(x, y, c)
        }
        let places = try search.places(of: SmallPicture(seen), limit: 1, atLeast: 0.5)
        #expect(places.first?.video == 23)
        let names = ["right half", "left half", "lower half", "upper half"]
        #expect(places.first?.view.words == names[side])
    }

    @Test("A piece of a picture is found, with where it was cut out")
    func pieces() throws {
        // Half of the area, off the middle.
        let piece = Scene(31).window(40 + 36, 30 + 8, 112, 68)
        let places = try search.places(of: SmallPicture(piece), limit: 1, atLeast: 0.5)
        #expect(places.first?.video == 31)
        guard case .piece(let part)? = places.first?.view else {
            Issue.record("no piece: \(String(describing: places.first))")
            return
        }
        #expect(abs(part.x - 36.0 / 160) < 0.13 && abs(part.y - 8.0 / 96) < 0.13)
    }

    @Test("A half that was cut out is found, with where it was", arguments: 0..<4)
    func halves(side: Int) throws {
        let (x, y, w, h) = [(0, 0, 80, 96), (80, 0, 80, 96), (0, 0, 160, 48), (0, 48, 160, 48)][
            side]
        let piece = Scene(31).window(40 + x, 30 + y, w, h)
        for (seen, isMirrored) in [(piece, false), (piece.mirrored, true)] {
            let found = PieceSearch(search.memory).sightings(of: SmallPicture(seen))
            let best = try #require(found.min { $0.distance < $1.distance })
            #expect(best.video == 31 && best.isMirrored == isMirrored)
            guard case .piece(let part) = best.view else {
                Issue.record("no piece: \(best)")
                return
            }
            #expect(abs(part.x - Double(x) / 160) < 0.1 && abs(part.y - Double(y) / 96) < 0.1)
            #expect(abs(part.width - Double(w) / 160) < 0.1)
            #expect(abs(part.height - Double(h) / 96) < 0.1)
        }
    }

    @Test("Strangers are not found")
    func strangers() throws {
        for seed in UInt64(500)..<530 {
            #expect(try search.places(of: Scene(seed).small, limit: 1, atLeast: 0.5).isEmpty)
        }
    }

    @Test("Places are so many at most, one of each shot, surest first")
    func order() throws {
        let same = Scene(1).small, near = SmallPicture(Scene(1).window(42, 30, 160, 96))
        let search = PictureSearch(
            try memory(of: [[(0, same), (1, near)], [(0, near)], [(0, Scene(2).small)]]))
        let places = try search.places(of: same, limit: 5, atLeast: 0.3)
        #expect(places.map(\.video) == [0, 1])
        #expect(places.first?.time == 0)
        #expect(places[0].sureness >= places[1].sureness)
        #expect(try search.places(of: same, limit: 1).count == 1)
    }

    @Test("Pictures that a killed process left are never found")
    func leftovers() throws {
        let known = try memory(of: 0..<3)
        let coarse = (UInt64(0)..<3).flatMap { PicturePattern(Scene($0).small).coarse }
        let left = try PictureMemory(
            Array(known.videos.dropLast()), keys: known.keys,
            coarse: Tensor(coarse, shape: [3, PicturePattern.coarseWidth]),
            names: ["1 0", "2 0", "3 0"])
        #expect(try PictureSearch(left).places(of: Scene(2).small, limit: 1, atLeast: 0.5).isEmpty)
        #expect(try !PictureSearch(left).places(of: Scene(1).small, limit: 1, atLeast: 0.5).isEmpty)
    }
}
