// Where things and deeds were seen: by what a detector and a head said of the indexed pictures.
import FileNames
import Interaction
import Terminal

extension MemoryFolder {
    /// Stretches of videos that show what words say, surest first.
    ///
    /// Sureness is the score that the detector and the head gave, as in 'hoi detect': the best of a stretch.
    ///
    /// - Throws: ``FinderError``.
    public func places(
        of text: String, limit: Int, atLeast least: Double = 0.05
    ) throws -> [FoundPlace] {
        let videos = try videos()
        guard videos.contains(where: \.isLooked) else { throw FinderError.notLooked(path: path) }
        var pictures: [(video: IndexedVideo, seen: [SeenPicture])] = []
        var known = Set(HICO.triplets.map(\.phrase))
        for video in videos where video.isLooked {
            let seen = try seenPictures(of: video)
            for picture in seen { known.formUnion(picture.doings.keys) }
            pictures.append((video, seen))
        }
        let query = try WordQuery(text, doings: known)
        var places: [FoundPlace] = []
        for (video, seen) in pictures {
            var open: FoundPlace?
            for (index, picture) in seen.enumerated() {
                let score = query.score(picture)
                guard score > 0, score >= least else {
                    if let open { places.append(open) }
                    open = nil
                    continue
                }
                // What one picture shows lasts until the next one.
                let next = index + 1 < seen.count ? seen[index + 1].time : video.duration
                var place =
                    open
                    ?? FoundPlace(
                        video: video, start: picture.time, end: picture.time, sureness: 0,
                        seen: text, isMirrored: false, part: nil, votes: 0, asked: 0)
                place.end = max(next, picture.time)
                place.sureness = max(place.sureness, score)
                place.votes += 1
                place.asked += 1
                open = place
            }
            if let open { places.append(open) }
        }
        places.sort {
            ($0.sureness, $0.votes, $1.video.path, $1.start)
                > ($1.sureness, $1.votes, $0.video.path, $0.start)
        }
        return Array(places.prefix(limit))
    }

    /// What was seen in a video, in order of time.
    private func seenPictures(of video: IndexedVideo) throws -> [SeenPicture] {
        let path = seen(video.number)
        guard let bytes = wholeFile(path) else {
            throw FinderError.damaged(path: self.path, reason: "\(path) cannot be read")
        }
        return try bytes.split(separator: UInt8(ascii: "\n")).map { line in
            guard let seen = SeenPicture(try? JSONValue(parsing: line)) else {
                throw FinderError.damaged(path: path, reason: "a line is no picture")
            }
            return seen
        }
    }
}
