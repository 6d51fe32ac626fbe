// Shots that occur more than once: in one video, or in several.
import Media

/// Two shots, or parts of shots, that show the same.
public struct Repetition: Sendable, Hashable {
    /// The videos.
    public var first: IndexedVideo, second: IndexedVideo
    /// When it begins and ends, in seconds.
    public var firstStart: Double, firstEnd: Double, secondStart: Double, secondEnd: Double
    /// How surely it is so: 0 to 1.
    public var sureness: Double
    /// How many pictures agree.
    public var pictures: Int
}

extension PictureSearch {
    /// What is shown more than once, in order of videos and times.
    ///
    /// Pictures are compared whole and as they are. Neighbours in one shot are no repetition, and a repetition of several
    /// pictures must agree in time. What lasts less than a quarter of a second is left out: a flash, or a picture that was
    /// left over at a cut.
    ///
    /// - Parameters:
    ///   - least: What is less sure is left out.
    ///   - progress: Told how many pictures were compared.
    /// - Returns: Nil where it was asked to stop.
    /// - Throws: `MemoryError`.
    public func repetitions(
        atLeast least: Double, progress: (Int) -> Void = { _ in },
        shouldStop: () -> Bool = { false }
    ) throws -> [Repetition]? {
        let asked = representatives
        var links: [Link] = []
        let step = max(1, min(16, (1 << 22) / max(1, memory.count)))
        for start in stride(from: 0, to: asked.count, by: step) {
            if shouldStop() { return nil }
            let positions = Array(asked[start..<min(start + step, asked.count)])
            let comparison = try memory.compare(positions.map(memory.pattern))
            for (row, position) in positions.enumerated() {
                guard let place = memory.places[position] else { continue }
                let shot = memory.videos[place.video].shot(at: place.time)
                let near = memory.nearest(
                    comparison, row: row, knowing: Self.parts[0].blocks, count: 8
                ) { other in
                    guard let there = memory.places[other], isShown(there) else { return false }
                    guard there.video == place.video else { return true }
                    return memory.videos[there.video].shot(at: there.time) != shot
                }
                for (other, distance) in near.pictures {
                    guard let there = memory.places[other] else { continue }
                    let sureness = Sureness.whole(
                        Sureness.whole.relative(
                            distance, chance: near.chance(besides: there.video)))
                    guard sureness >= least else { continue }
                    links.append(Link(place, there, sureness))
                }
            }
            progress(min(start + step, asked.count))
        }
        return joined(links)
    }

    /// How many pictures ``repetitions(atLeast:progress:shouldStop:)`` compares.
    public var representativeCount: Int { representatives.count }

    /// A picture for each second of a shot, and its first.
    private var representatives: [Int] {
        var last: (place: PictureMemory.Place, shot: Int)?
        return memory.places.indices.filter { position in
            guard let place = memory.places[position], isShown(place) else { return false }
            let shot = memory.videos[place.video].shot(at: place.time)
            if let last, last.place.video == place.video, last.shot == shot,
                place.time - last.place.time < 0.99
            {
                return false
            }
            last = (place, shot)
            return true
        }
    }

    /// Seconds that a shot must last to be told.
    private static let shortestShot = 0.25

    /// Whether a picture is of a shot that lasts, or is all that there is: a photograph, a video of one shot.
    private func isShown(_ place: PictureMemory.Place) -> Bool {
        let video = memory.videos[place.video]
        guard video.shots.count > 1 else { return true }
        let span = video.span(ofShot: video.shot(at: place.time))
        return span.end - span.start >= Self.shortestShot
    }

    /// Two pictures that are alike, the earlier first.
    private struct Link {
        let a: PictureMemory.Place, b: PictureMemory.Place, sureness: Double

        init(_ a: PictureMemory.Place, _ b: PictureMemory.Place, _ sureness: Double) {
            let isForward = (a.video, a.time) <= (b.video, b.time)
            (self.a, self.b) = isForward ? (a, b) : (b, a)
            self.sureness = sureness
        }
    }

    private struct ShotPair: Hashable { let a: Int, shotA: Int, b: Int, shotB: Int }

    /// Links of the same two shots as one repetition each.
    private func joined(_ links: [Link]) -> [Repetition] {
        let pairs = Dictionary(grouping: links) { link in
            ShotPair(
                a: link.a.video, shotA: memory.videos[link.a.video].shot(at: link.a.time),
                b: link.b.video, shotB: memory.videos[link.b.video].shot(at: link.b.time))
        }
        return pairs.map { pair, links -> Repetition in
            let (first, second) = (memory.videos[pair.a], memory.videos[pair.b])
            let spanA = first.span(ofShot: pair.shotA), spanB = second.span(ofShot: pair.shotB)
            // The offset that most of it agrees on; a picture holds until the next one.
            let offsets = links.map { $0.b.time - $0.a.time }
            let centre =
                offsets.max { a, b in
                    support(a, links, offsets) < support(b, links, offsets)
                } ?? 0
            let agreed = zip(links, offsets).filter { abs($0.1 - centre) <= ClipSearch.tolerance }
                .map(\.0)
            let doubt = agreed.reduce(1.0) { min($0, 1 - $1.sureness) }
            let times = agreed.map(\.a.time), others = agreed.map(\.b.time)
            let start = times.min() ?? spanA.start, end = times.max() ?? spanA.end
            return Repetition(
                first: first, second: second, firstStart: start,
                firstEnd: min(max(end + KeyPictureReader.longest, start), max(spanA.end, start)),
                secondStart: others.min() ?? spanB.start,
                secondEnd: min(
                    (others.max() ?? spanB.start) + KeyPictureReader.longest,
                    max(spanB.end, others.min() ?? 0)),
                sureness: 1 - doubt, pictures: Set(times).count)
        }.sorted {
            ($0.first.path, $0.firstStart, $0.second.path, $0.secondStart)
                < ($1.first.path, $1.firstStart, $1.second.path, $1.secondStart)
        }
    }

    private func support(_ offset: Double, _ links: [Link], _ offsets: [Double]) -> Double {
        zip(links, offsets).reduce(0) {
            $0 + (abs($1.1 - offset) <= ClipSearch.tolerance ? $1.0.sureness : 0)
        }
    }
}
