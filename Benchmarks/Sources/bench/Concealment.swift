// How well lost parts are found, and how close to the undamaged video their repair comes.
import Glibc
import Media
import Motion
import Terminal

/// Encodes clips, loses slices or packets at known places, and compares what comes of them with the same encoding undamaged.
struct Concealment {
    /// What is lost of a clip.
    enum Damage: Equatable {
        /// A share of the slices, each as a whole.
        case slices(Double)
        /// A share of the packets of a transport stream, wherever slices begin and end.
        case packets(Double)
    }

    /// A clip encoded, damaged, and as FFmpeg conceals the latter; nil where that is read by ``frames(of:_:threads:)``.
    struct Files {
        let clean: String, damaged: String, concealed: String?
    }

    /// How lost parts are filled, beside what FFmpeg's command makes of them.
    struct Way {
        let name: String
        let handling: LossHandling

        /// A copy of the nearest picture along the flow around, and what ships.
        static let all = [
            Way(name: "copy", handling: .repair { FlowRepair(.around) }),
            Way(name: "ours", handling: .repair { FlowRepair() }),
        ]
    }

    /// Pristine clips; the seed of what is lost of each is its place from 1.
    let clips: [String]
    var codecs = CodedSlices.Codec.allCases
    var damages: [Damage] =
        [0.01, 0.03, 0.1].map { .slices($0) } + [0.01, 0.03, 0.1].map { .packets($0) }
    /// Frames of each clip at most; nil: all.
    var frameCount: Int?
    var ways = Way.all
    /// Whether each clip has a line.
    var isVerbose = false

    /// Prints a line for each codec and damage: how many of the differing cells the map of the last way names and how many
    /// of those that it names differ; then the mean over clips of luma PSNR in cells that were never decoded, and in all
    /// that differ.
    func report() throws {
        print(
            """

            lost parts of \(clips.count) clips. Found: share of the cells that differ from the undamaged video by more
            than half a step on average, repaired or with noise in what was lost; right: share of the named cells that do.
            Then luma PSNR of cells never decoded, and of all that differ with noise: FFmpeg's concealment, a copy of the
            nearest picture along the flow around, ours

            """ + row("", "found", "right", ["FFmpeg"] + ways.map(\.name)))
        for codec in codecs {
            for damage in damages { try report(codec, damage) }
        }
    }

    private func row(_ name: String, _ found: String, _ right: String, _ figures: [String])
        -> String
    {
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(1, width - text.count))
        }
        return padded(name, 24) + padded(found, 9) + padded(right, 9)
            + figures.map { padded($0, 16) }.joined()
    }

    /// What one clip shows.
    private struct Outcome {
        var found = LossFigures()
        /// Never decoded and touched, for FFmpeg and each way; empty where nothing was lost.
        var results: [(lost: Double, touched: Double)] = []
        var missing = 0
    }

    private func report(_ codec: CodedSlices.Codec, _ damage: Damage) throws {
        var found = LossFigures()
        var outcomes: [Outcome] = []
        for (index, clip) in clips.enumerated() {
            guard let outcome = try outcome(clip, codec, damage, seed: UInt64(index + 1)) else {
                print("    \(clip): undamaged and damaged do not match, left out")
                continue
            }
            found.add(outcome.found)
            outcomes.append(outcome)
            if isVerbose {
                let missing = outcome.missing > 0 ? "\(outcome.missing) missing" : ""
                print("  " + line(fileName(clip), outcome.found, [outcome]) + missing)
            }
            fflush(nil)
        }
        let name =
            switch damage {
            case .slices(let share): "\(codec.rawValue) \(shortest(share * 100)) %"
            case .packets(let share): "\(codec.rawValue) \(shortest(share * 100)) % packets"
            }
        print(line(name, found, outcomes))
        let missing = outcomes.reduce(0) { $0 + $1.missing }
        if missing > 0 { print("    \(missing) frames are missing altogether and not counted") }
        fflush(nil)
    }

    private func line(_ name: String, _ found: LossFigures, _ outcomes: [Outcome]) -> String {
        let filled = outcomes.map(\.results).filter { !$0.isEmpty }
        let figures = (0...ways.count).map { way in
            let count = Double(max(filled.count, 1))
            let lost = filled.reduce(0) { $0 + $1[way].lost } / count
            let touched = filled.reduce(0) { $0 + $1[way].touched } / count
            return "\(fixed(lost, decimals: 2)) / \(fixed(touched, decimals: 2))"
        }
        return row(
            name, fixed(found.recall, decimals: 4), fixed(found.precision, decimals: 4), figures)
    }

    /// What a clip shows; nil where the frames of its files do not match.
    private func outcome(
        _ clip: String, _ codec: CodedSlices.Codec, _ damage: Damage, seed: UInt64
    ) throws -> Outcome? {
        let files = try files(clip, codec, damage, seed: seed)
        let clean = try frames(of: files.clean)
        let exposed = try frames(of: files.damaged, .expose)
        guard let pairs = pairs(exposed, clean, damage) else { return nil }
        var outcome = Outcome()
        outcome.missing = clean.count - pairs.count
        let concealed =
            try files.concealed.map { try frames(of: $0) } ?? frames(of: files.damaged, threads: 1)
        let results = try ([concealed] + ways.map { try frames(of: files.damaged, $0.handling) })
            .map {
                if case .packets = damage { held($0, at: exposed) } else { $0 }
            }
        guard results.allSatisfy({ $0.count == exposed.count }) else { return nil }
        var figures = [(lost: LossFigures, touched: LossFigures)](
            repeating: (LossFigures(), LossFigures()), count: results.count)
        for (frame, other) in pairs {
            let truth = differingCells(exposed[frame], clean[other])
            let repaired = differingCells(results[ways.count][frame], clean[other])
            outcome.found.add(
                results[ways.count][frame].loss, truth: zip(truth, repaired).map { $0 || $1 })
            for (index, result) in results.enumerated() {
                figures[index].touched.add(result[frame], clean[other], where: truth)
                guard let map = exposed[frame].loss else { continue }
                figures[index].lost.add(result[frame], clean[other], where: map.isLost)
            }
        }
        guard figures[0].lost.samples > 0 else { return outcome }
        outcome.results = figures.map { ($0.lost.psnr, $0.touched.psnr) }
        return outcome
    }

    /// Which frame is which: by number where every frame is there, else by time; nil where that cannot be told.
    private func pairs(_ frames: [Frame], _ clean: [Frame], _ damage: Damage) -> [(Int, Int)]? {
        guard case .packets = damage else {
            return frames.count == clean.count ? frames.indices.map { ($0, $0) } : nil
        }
        // Times of pictures that were missing are right to the tick but for rounding.
        return frames.enumerated().compactMap { index, frame in
            clean.firstIndex {
                abs(Double($0.timestamp - frame.timestamp) * frame.timeBase.value) < 0.01
            }.map { (index, $0) }
        }
    }

    /// What is seen of a video at the times of another one's frames, where frames are missing that of before.
    private func held(_ frames: [Frame], at others: [Frame]) -> [Frame] {
        others.compactMap { other in
            frames.last { $0.timestamp <= other.timestamp } ?? frames.first
        }
    }

    /// Encodes a clip, damages it, and has FFmpeg conceal that.
    func files(
        _ clip: String, _ codec: CodedSlices.Codec, _ damage: Damage, seed: UInt64
    ) throws -> Files {
        let part = frameCount.map { ".\($0)" } ?? ""
        let clean = "\(BenchmarkFolder.path)/\(fileName(clip))\(part).\(codec.rawValue).mkv"
        let stream = clean + ".es"
        if access(stream, F_OK) != 0 {
            let limit = frameCount.map { "-frames:v \($0)" } ?? ""
            try shell(
                "ffmpeg -v error -y -i '\(clip)' -an \(limit) -pix_fmt yuv420p \(codec.encoding) '\(clean)' "
                    + "&& ffmpeg -v error -y -i '\(clean)' -c copy \(codec.elementary) '\(stream)'")
        }
        switch damage {
        case .slices(let share): return try lose(share, of: stream, clean, codec, seed: seed)
        case .packets(let share):
            let (whole, damaged) = (clean + ".ts", clean + ".lost.ts")
            if access(whole, F_OK) != 0 {
                try shell("ffmpeg -v error -y -i '\(clean)' -c copy -f mpegts '\(whole)'")
            }
            try write(
                TransportPackets.without(share, of: try bytes(of: whole), seed: seed), to: damaged)
            return Files(clean: whole, damaged: damaged, concealed: nil)
        }
    }

    private func lose(
        _ share: Double, of stream: String, _ clean: String, _ codec: CodedSlices.Codec,
        seed: UInt64
    ) throws -> Files {
        let damaged = clean + ".lost." + (codec == .mpeg4 ? "m4v" : "mkv")
        let concealed = BenchmarkFolder.path + "/concealed.y4m"
        let slices = CodedSlices(try bytes(of: stream), codec)
        let lost = slices.lost(share, seed: seed)
        // Slices of MPEG-4 have no type that decoders pass over; without B-frames its stream needs no container.
        let result =
            codec == .mpeg4
            ? slices.without(lost) : slices.spoilt(try bytes(of: clean), lost, codec)
        try write(result, to: damaged)
        // One thread: with several FFmpeg leaves H.264 unconcealed where slices are decoded side by side.
        try shell(
            "ffmpeg -v quiet -y -threads 1 -i '\(damaged)' -vsync passthrough -f yuv4mpegpipe "
                + "'\(concealed)'")
        return Files(clean: clean, damaged: damaged, concealed: concealed)
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
        guard let file = fopen(path, "wb") else { throw BenchmarkFailure(what: path) }
        defer { fclose(file) }
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
            throw BenchmarkFailure(what: path)
        }
    }
}

/// The last part of a path.
private func fileName(_ path: String) -> String { String(path.split(separator: "/").last ?? "") }

/// A number without decimals that say nothing.
private func shortest(_ value: Double) -> String {
    fixed(value, decimals: value == value.rounded() ? 0 : 1)
}

extension Concealment {
    /// Takes over what words ask for: codecs by name, shares of slices as `3%` and of packets as `3%p`, frames of each
    /// clip as `24f`, `others` instead of `clips`, `recall` for memories of patches beside the other ways, and clips by
    /// number of them or by a part of their names.
    ///
    /// - Throws: ``BenchmarkFailure`` for any other word.
    init(_ words: some Sequence<String>, clips: [String], others: [String]) throws {
        let clips = words.contains("others") ? others : clips
        var codecs: [CodedSlices.Codec] = []
        var damages: [Damage] = []
        var frameCount: Int?
        var count: Int?
        var named: [String] = []
        for word in words {
            let number = word.prefix { "0123456789.".contains($0) }
            switch (Double(number), word.dropFirst(number.count)) {
            case (let share?, "%") where share > 0 && share < 100:
                damages.append(.slices(share / 100))
            case (let share?, "%p") where share > 0 && share < 100:
                damages.append(.packets(share / 100))
            case (nil, "others"), (nil, "recall"): continue
            case (let frames?, "f") where frames >= 1: frameCount = Int(frames)
            case (let clips?, "") where clips >= 1: count = Int(clips)
            default:
                let matches = clips.filter { fileName($0).contains(word) }
                if let codec = CodedSlices.Codec(rawValue: word) {
                    codecs.append(codec)
                } else if !matches.isEmpty {
                    named += matches
                } else {
                    throw BenchmarkFailure(
                        what:
                            "bench conceal \(word): no codec (h264, mpeg2, mpeg4), share (3%, 3%p), "
                            + "number of frames (24f) or of clips (5), or clip")
                }
            }
        }
        let chosen = named.isEmpty ? clips : named
        self.init(clips: count.map { Array(chosen.prefix($0)) } ?? chosen)
        if !codecs.isEmpty { self.codecs = codecs }
        if !damages.isEmpty { self.damages = damages }
        self.frameCount = frameCount
        if words.contains("recall") { ways = Way.memories }
    }
}
