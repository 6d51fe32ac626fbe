// What is known of a finished part, as JSON.
import Enhancement
import Media
import Terminal

extension Segment {
    var json: JSONValue {
        func time(_ value: Int64?) -> JSONValue { value.map { .int(Int($0)) } ?? .null }
        return .object([
            ("start", time(start)), ("end", time(end)), ("times", .integers(times)),
            ("keyframes", .integers(keyframes)), ("bytes", .int(bytes)),
        ])
    }

    init?(_ json: JSONValue) {
        guard let times = json["times"]?.integers, let keyframes = json["keyframes"]?.integers,
            let start = json["start"], let end = json["end"], !times.isEmpty,
            zip(times, times.dropFirst()).allSatisfy({ $0 < $1 })
        else { return nil }
        self.init(
            start: start.integer.map(Int64.init), end: end.integer.map(Int64.init), times: times,
            keyframes: keyframes, bytes: max(0, json["bytes"]?.integer ?? 0))
    }
}

/// The record of a part: what it was made for, what its file holds, what came of it.
struct SegmentRecord {
    /// A digest of input, options and parts: what makes it a part of one work and of no other.
    let work: String
    let seal: FileSeal
    let result: SegmentResult
    /// What else is known of it.
    var notes: JSONValue = .null

    var json: JSONValue {
        let unit = result.frames.first?.timeBase ?? Rational(1, 1)
        let outcome = result.outcome
        return .object([
            ("work", .string(work)), ("file", seal.json),
            ("timeBase", .integers([Int64(unit.numerator), Int64(unit.denominator)])),
            ("times", .integers(result.frames.map(\.timestamp))),
            ("durations", .integers(result.frames.map(\.duration))),
            ("reordering", .int(result.reordering)), ("bytes", .int(result.bytes)),
            ("concealed", .int(result.concealed)),
            ("losses", .array(result.losses.spans.map(\.json))),
            ("warnings", .array(result.warnings.map(JSONValue.string))),
            ("framesIn", .int(outcome.framesIn)), ("framesOut", .int(outcome.framesOut)),
            ("framesRepeated", .int(outcome.repeated)), ("framesRecalled", .int(outcome.recalled)),
            ("seconds", .number(outcome.elapsed)),
            ("notes", notes),
        ])
    }

    init(work: String, seal: FileSeal, result: SegmentResult, notes: JSONValue = .null) {
        (self.work, self.seal, self.result, self.notes) = (work, seal, result, notes)
    }

    /// Reads a record; nil where it is none.
    init?(_ json: JSONValue) {
        guard let work = json["work"]?.text, let seal = json["file"].flatMap(FileSeal.init),
            let unit = json["timeBase"]?.integers,
            unit.count == 2, let times = json["times"]?.integers,
            let durations = json["durations"]?.integers, times.count == durations.count,
            !times.isEmpty, let reordering = json["reordering"]?.integer,
            let bytes = json["bytes"]?.integer, let concealed = json["concealed"]?.integer,
            case .array(let losses)? = json["losses"],
            case .array(let warnings)? = json["warnings"],
            let framesIn = json["framesIn"]?.integer, let framesOut = json["framesOut"]?.integer,
            framesOut == times.count, let repeated = json["framesRepeated"]?.integer,
            let seconds = json["seconds"]?.double
        else { return nil }
        (self.work, self.seal) = (work, seal)
        notes = json["notes"] ?? .null
        var outcome = PipelineOutcome()
        (outcome.framesIn, outcome.framesOut, outcome.repeated) = (framesIn, framesOut, repeated)
        outcome.recalled = json["framesRecalled"]?.integer ?? 0
        outcome.elapsed = seconds
        let timeBase = Rational(Int32(clamping: unit[0]), Int32(clamping: unit[1]))
        result = SegmentResult(
            outcome: outcome,
            frames: zip(times, durations).map {
                FrameTime(timestamp: $0, duration: $1, timeBase: timeBase)
            }, reordering: reordering, bytes: bytes, concealed: concealed,
            losses: LossReport(losses.compactMap(LossReport.Span.init)),
            warnings: warnings.compactMap(\.text))
    }
}

extension LossReport.Span {
    public var json: JSONValue {
        .object([
            ("start", .number(start)), ("end", .number(end)), ("frames", .int(frames)),
            ("lostFrames", .int(lostFrames)), ("lostBlocks", .int(lostCells)),
            ("dependentBlocks", .int(touchedCells)),
        ])
    }

    init?(_ json: JSONValue) {
        guard let start = json["start"]?.double, let end = json["end"]?.double,
            let frames = json["frames"]?.integer, let lostFrames = json["lostFrames"]?.integer,
            let lost = json["lostBlocks"]?.integer, let touched = json["dependentBlocks"]?.integer
        else { return nil }
        self.init(
            start: start, end: end, frames: frames, lostFrames: lostFrames, lostCells: lost,
            touchedCells: touched)
    }
}

extension FileSeal {
    var json: JSONValue {
        .object([("bytes", .int(Int(bytes))), ("sha256", .string(sha256))])
    }

    init?(_ json: JSONValue) {
        guard let bytes = json["bytes"]?.integer, let sha256 = json["sha256"]?.text else {
            return nil
        }
        self.init(bytes: Int64(bytes), sha256: sha256)
    }
}

extension JSONValue {
    static func integers(_ values: [Int64]) -> JSONValue { .array(values.map { .int(Int($0)) }) }

    /// The whole numbers of an array of nothing else; nil where this is none.
    var integers: [Int64]? {
        guard case .array(let values) = self else { return nil }
        let numbers = values.compactMap(\.integer)
        return numbers.count == values.count ? numbers.map(Int64.init) : nil
    }
}
