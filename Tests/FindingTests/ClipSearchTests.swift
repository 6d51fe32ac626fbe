// Clips: their pictures vote, and agree in time.
import Media
import Testing

@testable import Finding

@Suite("Search for clips, repeated shots")
struct ClipSearchTests {
    /// A pan over a scene: a picture each half second.
    private func pan(_ seed: UInt64, from start: Int, count: Int, at time: Double = 0)
        -> [(time: Double, picture: SmallPicture)]
    {
        (0..<count).map {
            (time + Double($0) / 2, SmallPicture(Scene(seed).window(start + 8 * $0, 30, 160, 96)))
        }
    }

    private func clip(_ pictures: [(time: Double, picture: SmallPicture)]) -> [KeyPicture] {
        pictures.enumerated().map { index, one in
            KeyPicture(
                time: one.time, beginsShot: index == 0, small: one.picture,
                pattern: PicturePattern(one.picture))
        }
    }

    @Test("A clip is found where it was cut out, and its length with it")
    func offset() throws {
        let memory = try memory(of: [pan(1, from: 0, count: 12), pan(2, from: 0, count: 12)])
        let search = ClipSearch(PictureSearch(memory))
        let places = try search.places(of: clip(pan(2, from: 32, count: 5)), limit: 3, atLeast: 0.5)
        #expect(places.count == 1)
        let place = try #require(places.first)
        #expect(place.video.path == "/v/1")
        #expect(abs(place.start - 2) < 0.3 && abs(place.end - 4) < 0.3)
        #expect(place.votes == 5 && place.asked == 5)
    }

    @Test("One picture that is known does not make a known clip")
    func strangers() throws {
        let memory = try memory(of: [pan(1, from: 0, count: 12)])
        let search = ClipSearch(PictureSearch(memory))
        var mixed = (0..<20).map { (time: Double($0) / 2, picture: Scene(700 + UInt64($0)).small) }
        mixed[10].picture = pan(1, from: 16, count: 1)[0].picture
        let places = try search.places(of: clip(mixed), limit: 3, atLeast: 0.5)
        #expect(places.isEmpty)
    }

    @Test("Pictures of a clip vote together only where they agree in time")
    func agreement() throws {
        let film = (0..<8).map { (time: Double($0), picture: Scene(40 + UInt64($0)).small) }
        let search = ClipSearch(PictureSearch(try memory(of: [film, pan(1, from: 0, count: 6)])))
        let forward = try search.places(of: clip(film), limit: 3, atLeast: 0.5)
        #expect(forward.map(\.votes) == [8])
        let backward = zip(film, film.reversed()).map { (time: $0.time, picture: $1.picture) }
        #expect(try search.places(of: clip(backward), limit: 3, atLeast: 0.5).isEmpty)
    }

    @Test("A shot that is shown in two videos is listed once, with both times")
    func repetitions() throws {
        let again = pan(5, from: 0, count: 8)
        let memory = try memory(of: [
            pan(3, from: 0, count: 6) + pan(5, from: 0, count: 8, at: 3), again,
            pan(4, from: 0, count: 8),
        ])
        var seen = 0
        let found = try #require(
            try PictureSearch(memory).repetitions(atLeast: 0.9, progress: { seen = $0 }))
        #expect(found.count == 1)
        let one = try #require(found.first)
        #expect(one.first.path == "/v/0" && one.second.path == "/v/1")
        #expect(abs(one.firstStart - 3) < 0.6 && one.secondStart < 0.6)
        #expect(one.firstEnd > 5.5 && one.secondEnd > 2.5)
        #expect(seen == PictureSearch(memory).representativeCount)
        #expect(try PictureSearch(memory).repetitions(atLeast: 0.9, shouldStop: { true }) == nil)
    }

    @Test("A picture that comes again later makes a repetition no longer")
    func later() throws {
        let long = pan(5, from: 0, count: 8)
        let memory = try memory(of: [
            long, long + [(10, long[0].picture)], pan(4, from: 0, count: 8),
        ])
        let found = try #require(try PictureSearch(memory).repetitions(atLeast: 0.9)?.first)
        #expect(found.firstStart == 0 && found.secondStart == 0)
        #expect(found.firstEnd < 5 && found.secondEnd < 5)
    }

    @Test(
        "A single picture at a cut, between shots or behind the last, is no shot that is shown twice"
    )
    func leftOver() throws {
        let long = pan(6, from: 0, count: 8)
        let between =
            pan(3, from: 0, count: 6) + [(3.0, long[4].picture)]
            + pan(4, from: 0, count: 6, at: 3.12)
        let behind = pan(7, from: 0, count: 6) + [(3.0, long[2].picture)]
        let cut = try memory(of: [long, between, behind], shots: [1: [0, 3, 3.12], 2: [0, 3]])
        #expect(try PictureSearch(cut).repetitions(atLeast: 0.9)?.isEmpty == true)
        // A photograph has one picture too, and is told.
        let photograph = try memory(of: [long, [(0, long[4].picture)]])
        #expect(try PictureSearch(photograph).repetitions(atLeast: 0.9)?.count == 1)
    }
}
