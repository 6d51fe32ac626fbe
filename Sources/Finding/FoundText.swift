// What was found, as people read it and as programs do.
import FileNames
import Glibc
import Terminal

/// Lines about found places and repeated shots.
public enum FoundText {
    /// A table: how sure, which video, from when to when, how it was seen.
    public static func table(_ places: [FoundPlace]) -> [String] {
        var rows = [["sure", "video", "time", "seen"]]
        for place in places {
            rows.append([
                percent(place.sureness), shown(place.video.path), span(place.start, place.end),
                how(place),
            ])
        }
        return columns(rows)
    }

    /// A table: how sure, and when each of two shots is shown.
    public static func table(_ repetitions: [Repetition]) -> [String] {
        var rows = [["sure", "shot", "time", "again in", "time"]]
        for found in repetitions {
            rows.append([
                percent(found.sureness), shown(found.first.path),
                span(found.firstStart, found.firstEnd),
                found.first == found.second ? "the same" : shown(found.second.path),
                span(found.secondStart, found.secondEnd),
            ])
        }
        return columns(rows)
    }

    /// A place as an object.
    public static func json(_ place: FoundPlace, query: String) -> JSONValue {
        .object([
            ("query", .string(query)), ("video", .string(place.video.path)),
            ("start", .number(thousandths(place.start))), ("end", .number(thousandths(place.end))),
            ("sureness", .number(thousandths(place.sureness))), ("seen", .string(place.seen)),
            ("mirrored", .bool(place.isMirrored)),
            (
                "part",
                place.part.map {
                    .array([$0.x, $0.y, $0.width, $0.height].map { .number(thousandths($0)) })
                } ?? .null
            ),
            ("pictures", .int(place.votes)), ("asked", .int(place.asked)),
        ])
    }

    /// A repeated shot as an object.
    public static func json(_ found: Repetition) -> JSONValue {
        func shot(_ video: IndexedVideo, _ start: Double, _ end: Double) -> JSONValue {
            .object([
                ("video", .string(video.path)), ("start", .number(thousandths(start))),
                ("end", .number(thousandths(end))),
            ])
        }
        return .object([
            ("first", shot(found.first, found.firstStart, found.firstEnd)),
            ("second", shot(found.second, found.secondStart, found.secondEnd)),
            ("sureness", .number(thousandths(found.sureness))), ("pictures", .int(found.pictures)),
        ])
    }

    /// `whole`, `left half, mirrored`, `whole, 12 of 14 pictures`
    static func how(_ place: FoundPlace) -> String {
        var parts = [place.seen]
        if place.isMirrored { parts.append("mirrored") }
        if place.asked > 1, place.votes < place.asked {
            parts.append("\(place.votes) of \(place.asked) pictures")
        }
        return parts.joined(separator: ", ")
    }

    /// `0:12.5`, or `0:12.5-0:15.0`.
    static func span(_ start: Double, _ end: Double) -> String {
        func tenths(_ time: Double) -> String {
            String(clockTime((time * 10).rounded() / 10).dropLast(2))
        }
        let (from, to) = (tenths(start), tenths(end))
        return from == to ? from : "\(from)-\(to)"
    }

    /// Certainty is never said: nothing is surer than 99 %.
    static func percent(_ sureness: Double) -> String {
        "\(min(99, Int((100 * sureness).rounded(.down)))) %"
    }

    /// A path as one would type it here.
    static func shown(_ path: String) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        guard getcwd(&buffer, buffer.count) != nil else { return printable(path) }
        let here = String(fileName: buffer) + "/"
        return printable(path.hasPrefix(here) ? String(path.dropFirst(here.count)) : path)
    }

    private static func thousandths(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }

    private static func columns(_ rows: [[String]]) -> [String] {
        let widths = rows[0].indices.map { column in
            rows.map { displayWidth($0[column]) }.max() ?? 0
        }
        return rows.map { row in
            let cells = row.enumerated().map { index, text in
                index == row.count - 1
                    ? text : padded(text, toWidth: widths[index], alignRight: index == 0)
            }
            return cells.joined(separator: "  ")
        }
    }
}
