// Where a clip was seen: its pictures vote, and must agree in time.
import Glibc
import Media

/// A stretch of a remembered video that a clip, a picture or words were found in.
public struct FoundPlace: Sendable, Hashable {
    /// The video.
    public var video: IndexedVideo
    /// Seconds from the start of the video; the same where it is a moment.
    public var start: Double, end: Double
    /// How surely it is so: 0 to 1.
    public var sureness: Double
    /// How it was seen: "whole", "left half", "piece", the words.
    public var seen: String
    /// Whether it was found turned around, left to right.
    public var isMirrored: Bool
    /// Where in the remembered picture a piece was found; nil elsewhere.
    public var part: Part?
    /// How many pictures agree, and how many were asked; 1 of 1 for a photograph.
    public var votes: Int, asked: Int
}

extension FoundPlace {
    init(_ sighting: Sighting, in memory: PictureMemory) {
        var part: Part?
        if case .piece(let rectangle) = sighting.view { part = rectangle }
        self.init(
            video: memory.videos[sighting.video], start: sighting.time, end: sighting.time,
            sureness: sighting.sureness, seen: sighting.view.words,
            isMirrored: sighting.isMirrored, part: part, votes: 1, asked: 1)
    }
}

/// Asks a memory for clips.
public struct ClipSearch {
    /// Pictures of a clip that are asked at most, evenly over it.
    public static let mostPictures = 48
    /// Seconds by which times of pictures that agree may differ.
    static let tolerance = 0.6

    private let search: PictureSearch

    /// A search in a memory.
    public init(_ search: PictureSearch) { self.search = search }

    /// Where a clip was seen, surest first.
    ///
    /// - Parameter pictures: Its key pictures, in order.
    /// - Throws: `MemoryError`.
    public func places(
        of pictures: [KeyPicture], limit: Int, atLeast least: Double = 0.05
    ) throws -> [FoundPlace] {
        let telling = pictures.filter(\.pattern.saysSomething)
        let step = Double(max(telling.count, 1)) / Double(Self.mostPictures)
        let asked =
            step <= 1
            ? telling : (0..<Self.mostPictures).map { telling[Int(Double($0) * step)] }
        guard let first = asked.first else { return [] }
        let sightings = try search.sightings(of: asked.map(\.small))
        if asked.count == 1 {
            return try search.places(of: first.small, limit: limit, atLeast: least)
                .map { FoundPlace($0, in: search.memory) }
        }
        var places: [FoundPlace] = []
        for (line, votes) in Self.votes(sightings, asked.map(\.time)) {
            places += Self.agreements(votes, asked.count).compactMap { agreed in
                place(line, agreed, asked)
            }
        }
        places.sort { ($0.sureness, $0.votes, $1.start) > ($1.sureness, $1.votes, $0.start) }
        return Array(places.filter { $0.sureness >= least }.prefix(limit))
    }

    /// A video, in one of two ways to look at it.
    private struct Line: Hashable { let video: Int, isMirrored: Bool }
    /// That a picture was seen, so many seconds later than in the clip.
    private struct Vote { let picture: Int, offset: Double, sighting: Sighting }

    private static func votes(
        _ sightings: [[Sighting]], _ times: [Double]
    ) -> [Line: [Vote]] {
        var votes: [Line: [Vote]] = [:]
        for (picture, found) in sightings.enumerated() {
            for sighting in found {
                votes[Line(video: sighting.video, isMirrored: sighting.isMirrored), default: []]
                    .append(
                        Vote(
                            picture: picture, offset: sighting.time - times[picture],
                            sighting: sighting))
            }
        }
        return votes
    }

    /// Groups of votes that agree in time, one for each picture at most, the strongest group first.
    private static func agreements(_ votes: [Vote], _ count: Int) -> [[Vote]] {
        var left = votes, groups: [[Vote]] = []
        while groups.count < 3 {
            var best: [Vote] = [], strength = 0.0
            for centre in left where centre.sighting.sureness > 0.02 {
                var chosen: [Int: Vote] = [:]
                for vote in left where abs(vote.offset - centre.offset) <= tolerance {
                    if let other = chosen[vote.picture],
                        other.sighting.sureness >= vote.sighting.sureness
                    {
                        continue
                    }
                    chosen[vote.picture] = vote
                }
                let sum = chosen.values.reduce(0) { $0 + $1.sighting.sureness }
                if sum > strength { (best, strength) = (Array(chosen.values), sum) }
            }
            guard let first = best.first else { break }
            groups.append(best.sorted { $0.picture < $1.picture })
            let centre = best.map(\.offset).reduce(0, +) / Double(best.count)
            left.removeAll { abs($0.offset - centre) <= 2 || $0.offset == first.offset }
        }
        return groups
    }

    private func place(_ line: Line, _ votes: [Vote], _ asked: [KeyPicture]) -> FoundPlace? {
        // What resembles nothing has no vote; the rest are as sure as pictures are, each by itself.
        let doubt = votes.reduce(1.0) { $0 * (1 - $1.sighting.sureness) }
        let offsets = votes.filter { $0.sighting.sureness > 0.1 }
        let used = offsets.isEmpty ? votes : offsets
        guard let first = used.first, let last = used.last else { return nil }
        let seen = Dictionary(grouping: used, by: \.sighting.view.words)
            .max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }?.key
        let length = asked[last.picture].time - asked[first.picture].time
        let start = first.sighting.time
        // One picture out of many that resembles something says little of the clip.
        let share = min(1, 3 * Double(used.count) / Double(asked.count))
        return FoundPlace(
            video: search.memory.videos[line.video], start: start, end: start + length,
            sureness: (1 - doubt) * share, seen: seen ?? "whole", isMirrored: line.isMirrored,
            part: nil, votes: used.count, asked: asked.count)
    }
}
