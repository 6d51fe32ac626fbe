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

    /// A scene with something over the middle of it, of which so much is left on each side.
    private func covered(
        _ seed: UInt64, left: Double, top: Double, by cover: UInt64?
    ) -> UprightPicture {
        let scene = Scene(seed).picture160, other = cover.map { Scene($0).picture160 }
        let x = Int(160 * left), y = Int(96 * top)
        return picture(160, 96) { column, row, channel in
            guard (x..<160 - x).contains(column), (y..<96 - y).contains(row) else {
                return scene.value(column, row, channel)
            }
            return other?.value(column, row, channel) ?? 250
        }
    }

    @Test("A rim is enough, or two sides, whatever lies over the middle", arguments: [nil, 900])
    func coveredMiddle(cover: UInt64?) throws {
        for (left, top, name) in [
            (0.15, 0.15, "narrow rim"), (0.25, 0.0, "left and right"),
            (0.0, 0.25, "top and bottom"),
        ] {
            let seen = covered(23, left: left, top: top, by: cover)
            for (seen, isMirrored) in [(seen, false), (seen.mirrored, true)] {
                let places = try search.places(of: SmallPicture(seen), limit: 5, atLeast: 0.5)
                #expect(places.map(\.video) == [23])
                #expect(places.first?.isMirrored == isMirrored)
                // What is left of blocks at the rim may be enough, and what is of one colour is left out.
                if (cover == nil) == (name == "narrow rim") {
                    #expect(places.first?.view.words == name)
                }
            }
            // Of a scene that is not remembered.
            let stranger = covered(901, left: left, top: top, by: cover)
            #expect(try search.places(of: SmallPicture(stranger), limit: 1, atLeast: 0.5).isEmpty)
        }
    }

    @Test("Of pictures that are asked together, each has what was found of it")
    func together() throws {
        let pictures = [
            Scene(3).small, SmallPicture(covered(23, left: 0.15, top: 0.15, by: nil)),
            Scene(901).small, SmallPicture(covered(40, left: 0.15, top: 0.15, by: 900)),
            SmallPicture(covered(12, left: 0.15, top: 0.15, by: 900)),
        ]
        let found = try search.sightings(of: pictures).map { $0.first { $0.sureness >= 0.5 } }
        #expect(found.map { $0?.video } == [3, 23, nil, 40, 12])
        #expect(found[1]?.view.words == "narrow rim" && found[0]?.view == .whole)
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
            #expect(Set(found.map(\.position)).count == found.count)
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

    @Test("What is of one colour is left out, where no half of the picture is whole")
    func corner() throws {
        let scene = Scene(23).picture160
        let seen = picture(160, 96) { x, y, c in x < 120 && y < 72 ? scene.value(x, y, c) : 128 }
        let place = try #require(
            try search.places(of: SmallPicture(seen), limit: 1, atLeast: 0.5).first)
        #expect(place.video == 23 && place.view.words == "what is not of one colour")
    }

    @Test("Of one shot one place is told, however long it is")
    func shots() throws {
        let same = Scene(1).small
        for (shots, count) in [([0.0], 1), ([0, 4], 2)] {
            let search = PictureSearch(
                try memory(of: [[(0, same), (5, same)], [(0, Scene(2).small)]], shots: [0: shots]))
            #expect(try search.places(of: same, limit: 5, atLeast: 0.5).count == count)
        }
    }

    @Test("What is nearly flat is no piece of what is nearly flat")
    func flat() throws {
        func faint(_ picture: UprightPicture) -> SmallPicture {
            SmallPicture(
                TestSupport.picture(picture.width, picture.height) { x, y, _ in
                    100 + picture.value(x, y, 0) / 100
                })
        }
        let search = PieceSearch(
            try memory(
                of: [[(0, faint(Scene(31).picture160))]] + (0..<20).map { [(0, Scene($0).small)] }))
        let piece = faint(Scene(31).window(40, 30, 80, 96))
        #expect(search.sightings(of: piece).allSatisfy { $0.sureness < 0.5 })
    }

    @Test("A piece is laid to a fortieth of the picture, and found however often it is remembered")
    func exactPieces() throws {
        let (x, y, w, h) = (29, 13, 114, 68)
        let piece = SmallPicture(Scene(31).window(40 + x, 30 + y, w, h))
        let often = try memory(of: (UInt64(20)..<40).map { [(0, Scene($0 < 34 ? 31 : $0).small)] })
        for search in [search, PictureSearch(often)] {
            let best = try #require(try search.places(of: piece, limit: 1, atLeast: 0.5).first)
            guard case .piece(let part) = best.view else {
                Issue.record("no piece: \(best)")
                return
            }
            for (found, cut) in [
                (part.x, Double(x) / 160), (part.y, Double(y) / 96),
                (part.width, Double(w) / 160), (part.height, Double(h) / 96),
            ] { #expect(abs(found - cut) < 1.0 / 40) }
        }
        // Each video has its place.
        let places = try PictureSearch(often).places(of: piece, limit: 5, atLeast: 0.5)
        #expect(Set(places.map(\.video)).count == 5)
    }

    @Test("What a video's own pictures are like is no chance: a spoilt piece of one is found")
    func spoilt() throws {
        let film = (0..<6).map {
            (Double($0), SmallPicture(Scene(31).window(40 + $0, 30, 160, 96)))
        }
        let others = (UInt64(0)..<30).map { [(0.0, Scene($0).small)] }
        let search = PieceSearch(try memory(of: others + [film]))
        let piece = Scene(31).window(69, 43, 114, 68), other = Scene(99).window(0, 0, 114, 68)
        var count = 0
        for share in 5...30 {
            let mixed = picture(114, 68) { x, y, c in
                (piece.value(x, y, c) * (50 - share) + other.value(x, y, c) * share) / 50
            }
            let found = search.sightings(of: SmallPicture(mixed))
            // Neither so near that any chance would do nor so far that none would.
            guard let best = found.max(by: { $0.sureness < $1.sureness }),
                (0.15...0.18).contains(best.distance)
            else { continue }
            count += 1
            #expect(best.video == 30 && best.sureness > 0.5)
        }
        #expect(count > 0)
    }

    @Test("What is near where all is near counts less, but for what is remembered a dozen times")
    func chance() {
        func row(_ first: Int, _ distances: [Float]) -> [CoarsePatterns.Match] {
            distances.enumerated().map { .init(position: first + $0.offset, distance: $0.element) }
        }
        let like = row(0, [0.2] + Array(repeating: 0.25, count: 11))
        let rest = row(20, Array(repeating: 0.5, count: 12))
        let right = row(40, [0.25] + Array(repeating: 0.6, count: 11))
        let often = row(60, Array(repeating: 0.1, count: 12))
        let found = PieceSearch.leastLikeChance([like, rest, right, often])
        #expect(found.count == 48)
        #expect(found.prefix(12).allSatisfy { $0.row == 3 && $0.position >= 60 })
        #expect(found.prefix(14).suffix(2).map(\.position) == [40, 0])
        let others = PieceSearch.leastLikeChance([like, rest, right, rest])
        #expect(others.prefix(2).map(\.position) == [40, 0])
        #expect(PieceSearch.leastLikeChance([[], []]).isEmpty)
    }

    /// A picture between bars an eighth of its height.
    private func barred(_ inner: UprightPicture) -> SmallPicture {
        SmallPicture(
            picture(160, 128) { x, y, c in (16..<112).contains(y) ? inner.value(x, y - 16, c) : 0 })
    }

    @Test("Between bars a picture is found, remembered with them or not, and a stranger is not")
    func bars() throws {
        let pictures = (UInt64(0)..<40).map { [(0.0, Scene($0).small)] }
        // Fewer than chance would need to find them.
        let films = (UInt64(40)..<46).map { [(0.0, barred(Scene($0).picture160))] }
        let search = PictureSearch(try memory(of: pictures + films))
        for seed: UInt64 in [7, 43] {
            let places = try search.places(
                of: barred(Scene(seed).picture160), limit: 3, atLeast: 0.5)
            #expect(places.map(\.video) == [Int(seed)])
            #expect(places.first?.view.words == (seed == 7 ? "whole" : "between bars"))
        }
        // A piece of 70 %, between bars too.
        let piece = Scene(31).window(40 + 24, 30 + 14, 112, 67)
        let shown = picture(160, 96) { x, y, c in piece.value(x * 112 / 160, y * 67 / 96, c) }
        let places = try search.places(of: barred(shown), limit: 3, atLeast: 0.5)
        #expect(places.map(\.video) == [31] && places.first?.view.words == "piece")
        for seed in UInt64(500)..<520 {
            let stranger = barred(Scene(seed).picture160)
            #expect(try search.places(of: stranger, limit: 1, atLeast: 0.5).isEmpty)
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
