// How surely copies of clips are found again, what else could be compared, and how long a search takes.
import Finding
import Glibc
import Media

/// Measures what 'pipeline find' is worth; needs PERCEPT_DATA and ffmpeg.
struct FindingBenchmark {
    let folder = "/tmp/bench-finding-\(getpid())"
    let data: String
    /// Pictures besides the clips' own.
    var others = 20_000
    /// Of a copy's frames every so many are asked.
    var step = 6
    /// Whether each picture that is not first is told.
    var isVerbose = false

    init() throws {
        guard let data = getenv("PERCEPT_DATA").map({ String(cString: $0) }) else {
            print("set PERCEPT_DATA to the folder of clips and photographs")
            throw FindingBenchmarkError.noData
        }
        self.data = data
        mkdir(folder, 0o700)
    }

    /// - Parameter part: "tune", "copies", "speed" or "compare"; nil for all but tuning.
    func report(_ part: String?) throws {
        defer { _ = system("rm -rf '\(folder)'") }
        if part == "tune" { try copies(side: 0, isTuning: true) }
        if part == nil || part == "copies" { try copies(side: 1, isTuning: false) }
        if part == nil || part == "compare" { try FindingComparison(data, folder).report() }
        if part == nil || part == "speed" { try speed() }
    }

    // MARK: - Copies

    /// What the surest answer to a query was.
    private struct Answer {
        let first: Sighting?, isRight: Bool
        /// The surest place that is not of the query's own clip.
        let foreign: Sighting?

        var isFound: Bool { isRight && (first?.sureness ?? 0) >= 0.5 }
        var isFalseAlarm: Bool { (foreign?.sureness ?? 0) >= 0.5 }
    }

    private struct Miss: Hashable { let copy: String, asked: Int, told: Int }

    private func answer(
        _ picture: SmallPicture, clip: Int?, time: Double, _ search: PictureSearch
    ) throws -> Answer {
        let places = try search.places(of: picture, limit: 12, atLeast: 0)
        let first = places.first
        return Answer(
            first: first,
            isRight: first.map { $0.video == clip && abs($0.time - time) <= 1 } ?? false,
            foreign: places.first { $0.video != clip })
    }

    /// A line on a picture that is not first: what was answered, and how unlike what is remembered nearest in time is.
    private func tell(
        _ answer: Answer, to query: FindingData.Query, _ copy: String, _ half: FindingData
    ) {
        func number(_ value: Double?) -> String { "\(((value ?? 0) * 1000).rounded() / 1000)" }
        let asked = half.clips[query.clip].split(separator: "/").last ?? ""
        let clip = answer.first.map { $0.video == query.clip ? "itself" : "video \($0.video)" }
        let pattern = PicturePattern(query.picture)
        let near = half.keys[query.clip].filter { abs($0.time - query.time) <= 1 }.map {
            "\(number($0.time)): \(number(Double(pattern.distance(to: $0.pattern))))"
        }
        print(
            "  \(copy): \(asked) at \(number(query.time)) s told as \(clip ?? "nothing") at "
                + "\(number(answer.first?.time)) s, seen as \(answer.first?.view.words ?? ""), "
                + "sure \(number(answer.first?.sureness)), distance \(number(answer.first?.distance)), "
                + "\(number(answer.first?.relative)) of chance; remembered there: "
                + near.joined(separator: ", "))
    }

    private func copies(side: Int, isTuning: Bool) throws {
        let half = try FindingData(data, side: side, folder: folder, photographs: others)
        let memory = try half.memory(others: others, threads: benchmarkThreads)
        let search = PictureSearch(memory)
        print("\(half.clips.count) clips, \(memory.count) pictures remembered")
        print("| copy | asked | top-1 within 1 s | found | false alarms |")
        print("|---|---|---|---|---|")
        // Distances relative to chance, and whether they were right, by how a picture was seen.
        var fits: [String: [(Double, Bool)]] = [:]
        var alarms: [String: Int] = [:]
        var misses: [Miss: [Double]] = [:]
        func note(_ answer: Answer, isCopy: Bool) {
            if isCopy, let first = answer.first {
                fits[Self.kind(first.view), default: []].append((first.relative, answer.isRight))
            }
            if let foreign = answer.foreign {
                fits[Self.kind(foreign.view), default: []].append((foreign.relative, false))
                if answer.isFalseAlarm { alarms[Self.kind(foreign.view), default: 0] += 1 }
            }
        }
        for copy in FindingData.copies {
            let queries = try half.queries(copy, every: step)
            var right = 0, found = 0, wrong = 0
            for query in queries {
                let answer = try answer(query.picture, clip: query.clip, time: query.time, search)
                note(answer, isCopy: true)
                right += answer.isRight ? 1 : 0
                found += answer.isFound ? 1 : 0
                wrong += answer.isFalseAlarm ? 1 : 0
                if !answer.isRight, isVerbose { tell(answer, to: query, copy.name, half) }
                if !answer.isRight, let first = answer.first {
                    misses[Miss(copy: copy.name, asked: query.clip, told: first.video), default: []]
                        .append(first.time - query.time)
                }
            }
            row(copy.name, queries.count, right, found, wrong)
        }
        var wrong = 0
        for picture in half.foreign {
            let answer = try answer(SmallPicture(picture), clip: nil, time: 0, search)
            note(answer, isCopy: false)
            wrong += answer.isFalseAlarm ? 1 : 0
        }
        row("photographs from elsewhere", half.foreign.count, nil, nil, wrong)
        for (miss, offsets) in misses.sorted(by: { $0.value.count > $1.value.count }).prefix(20) {
            func name(_ clip: Int) -> String {
                clip < half.clips.count
                    ? String(half.clips[clip].split(separator: "/").last ?? "") : "a photograph"
            }
            let times = offsets.prefix(6).map { "\(($0 * 10).rounded() / 10)" }
            print(
                "first and wrong, \(miss.copy): \(name(miss.asked)) told as \(name(miss.told)), "
                    + "\(offsets.count) times, later by \(times.joined(separator: " ")) s")
        }
        for (kind, count) in alarms.sorted(by: { $0.key < $1.key }) {
            print("false alarms, seen as \(kind): \(count)")
        }
        guard isTuning else { return try clips(half, search) }
        for (kind, samples) in fits.sorted(by: { $0.key < $1.key }) {
            let (middle, slope) = Self.logistic(samples)
            print(
                "\(kind): middle \(middle), slope \(slope) (\(samples.filter(\.1).count) of "
                    + "\(samples.count) right); \(Self.spread(samples))")
        }
    }

    private func row(_ name: String, _ count: Int, _ right: Int?, _ found: Int?, _ wrong: Int) {
        func share(_ part: Int?) -> String {
            part.map { "\((1000 * Double($0) / Double(max(count, 1))).rounded() / 10) %" } ?? ""
        }
        print("| \(name) | \(count) | \(share(right)) | \(share(found)) | \(share(wrong)) |")
        fflush(nil)
    }

    /// Whole clips: their pictures vote.
    private func clips(_ half: FindingData, _ search: PictureSearch) throws {
        let clipSearch = ClipSearch(search)
        var alarms = 0, asked = 0
        for copy in FindingData.copies.prefix(11) {
            var right = 0, found = 0, wrong = 0
            for (clip, path) in half.clips.enumerated() {
                let made = "\(folder)/clip.mkv"
                let line =
                    "nice ffmpeg -v error -y -threads 1 -i '\(path)' -filter_complex "
                    + "'\(copy.filter)' -c:v libx264 -preset veryfast \(copy.options) '\(made)'"
                guard system(line) == 0 else { throw FindingBenchmarkError.command(line) }
                var pictures: [KeyPicture] = []
                _ = try KeyPictureReader(made).read { picture, _ in pictures.append(picture) }
                let places = try clipSearch.places(of: pictures, limit: 5, atLeast: 0)
                let isRight =
                    places.first.map { $0.video.number == clip + 1 && $0.start <= 1 } ?? false
                right += isRight ? 1 : 0
                found += isRight && places[0].sureness >= 0.5 ? 1 : 0
                let other = places.first { $0.video.number != clip + 1 }
                wrong += (other?.sureness ?? 0) >= 0.5 ? 1 : 0
            }
            row("clip: \(copy.name)", half.clips.count, right, found, wrong)
            (alarms, asked) = (alarms + wrong, asked + half.clips.count)
        }
        row("clips as if they were not remembered", asked, nil, nil, alarms)
    }

    // MARK: - Calibration

    static func kind(_ view: Sighting.View) -> String {
        switch view {
        case .whole: "whole"
        case .part(_, let blocks) where blocks < 8: "narrow rim"
        case .part(_, let blocks): blocks > 8 ? "part, more than half" : "part, half"
        case .piece: "piece"
        }
    }

    /// The largest of what is right, and the smallest of what is wrong.
    static func spread(_ samples: [(Double, Bool)]) -> String {
        func ends(_ numbers: [Double]) -> String {
            numbers.prefix(4).map { "\(($0 * 1000).rounded() / 1000)" }.joined(separator: " ")
        }
        let right = samples.filter(\.1).map(\.0).sorted(by: >)
        return "right \(ends(right)), wrong \(ends(samples.filter { !$0.1 }.map(\.0).sorted()))"
    }

    /// The logistic curve of least log loss, right answers and wrong ones counting alike.
    static func logistic(_ samples: [(Double, Bool)]) -> (middle: Double, slope: Double) {
        var best = (loss: Double.infinity, middle: 0.0, slope: 0.0)
        let right = Double(max(samples.filter(\.1).count, 1))
        let wrong = Double(max(samples.count, 1)) - right
        for middle in stride(from: 0.3, through: 0.9, by: 0.01) {
            for slope in [10.0, 15, 20, 25, 30, 40, 50, 60, 80] {
                var loss = 0.0
                for (distance, isRight) in samples {
                    let p = 1 / (1 + exp(slope * (distance - middle)))
                    // A false alarm is worse than a miss.
                    loss -=
                        isRight
                        ? log(max(p, 1e-9)) / right : 5 * log(max(1 - p, 1e-9)) / max(wrong, 1)
                }
                if loss < best.loss { best = (loss, middle, slope) }
            }
        }
        return (best.middle, best.slope)
    }

    // MARK: - Speed

    private func speed() throws {
        let half = try FindingData(data, side: 1, folder: folder, photographs: 1000)
        let memory = try half.memory(others: 72_000, threads: benchmarkThreads)
        var search = PictureSearch(memory)
        let copy = try half.queries(FindingData.copies[0], every: 1000)
        let picture = copy[0].picture
        search.findsPieces = false
        let known = try best(of: 5) { _ = try search.places(of: picture, limit: 5) }
        search.findsPieces = true
        let stranger = SmallPicture(half.foreign[0])
        let unknown = try best(of: 2) { _ = try search.places(of: stranger, limit: 5) }
        print(
            "a photograph among \(memory.count) pictures: \(Int(known * 1000)) ms; one that is not "
                + "there, pieces too: \(Int(unknown * 1000)) ms")
    }
}
