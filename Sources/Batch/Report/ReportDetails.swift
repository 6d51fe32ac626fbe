// What opens below a row: the slider, figures, findings, warnings, timings.
import Terminal

/// The details of a job as HTML.
struct ReportDetails {
    let job: ReportJob
    let drawings: [Int: String]
    let cut: ReportCut

    /// Bytes of pictures inside the page that are shown.
    var inlinedBytes: Int {
        drawings.reduce(0) { $0 + ($1.key < cut.interactions ? $1.value.utf8.count : 0) }
    }

    /// An element that opens without a script.
    var text: String {
        "<details><summary>Details</summary><div class=\"details\">\(comparison)"
            + "<div class=\"side\">\(reason)\(facts)\(figures)\(timings)\(warnings)</div>"
            + "\(interactions)</div></details>"
    }

    private var reason: String {
        job.reason.map { "<p class=\"reason\">\(html($0, limit: cut.text))</p>" } ?? ""
    }

    private var comparison: String {
        guard let pair = job.comparison, let before = address(pair.before, limit: cut.address),
            let after = address(pair.after, limit: cut.address)
        else { return "" }
        let place = pair.time.map { "Frame at \(clockTime($0)), " } ?? ""
        let lazy = "loading=\"lazy\" decoding=\"async\" draggable=\"false\""
        return "<figure class=\"pair\"><div class=\"stack\">"
            + "<img class=\"before\" src=\"\(before)\" alt=\"before\" \(lazy)><b>before</b>"
            + "<img class=\"after\" src=\"\(after)\" width=\"\(pair.width)\" "
            + "height=\"\(pair.height)\" alt=\"after\" \(lazy)><b>after</b></div>"
            + "<input type=\"range\" value=\"50\" aria-label=\"How much is shown as before\">"
            + "<figcaption>\(place)\(pair.width) × \(pair.height). Full size: "
            + "<a href=\"\(before)\">before</a>, <a href=\"\(after)\">after</a></figcaption></figure>"
    }

    private var facts: String {
        var rows: [(String, String)] = []
        if let output = job.output {
            let name = html(output, limit: cut.text)
            rows.append(
                (
                    "Output",
                    address(output, limit: cut.address).map { "<a href=\"\($0)\">\(name)</a>" }
                        ?? name
                ))
        }
        rows.append(("Kind", job.kind.rawValue))
        if let encoder = job.encoder { rows.append(("Encoder", html(encoder, limit: cut.text))) }
        if let shots = job.shots { rows.append(("Shots", html(shots.summary, limit: cut.text))) }
        if job.wasResumed { rows.append(("Resumed", "an earlier run had begun it")) }
        return section(
            "Job", "facts", rows.map { "<tr><th scope=\"row\">\($0.0)<td>\($0.1)" }, limit: 5)
    }

    private var figures: String {
        section(
            "Quality", "figures",
            job.figures.map {
                "<tr><th scope=\"row\">\(html($0.name, limit: cut.text))<td>\(shown($0.value)) "
                    + "\(html($0.unit, limit: 40))<td>\(html($0.meaning, limit: cut.text))"
            }, limit: cut.lines)
    }

    private var timings: String {
        section(
            "Time", "figures",
            job.timings.map {
                "<tr><th scope=\"row\">\(html($0.name, limit: cut.text))<td>\(humanDuration($0.seconds))"
            }, limit: cut.lines)
    }

    private var warnings: String {
        list(
            "<h3>Warnings</h3><ul>", job.warnings.map { "<li>\(html($0, limit: cut.text))" },
            "</ul>",
            more: "<li>", limit: cut.lines)
    }

    private func section(_ title: String, _ style: String, _ rows: [String], limit: Int) -> String {
        list(
            "<h3>\(title)</h3><table class=\"\(style)\">", rows, "</table>",
            more: "<tr><td colspan=\"3\">", limit: limit)
    }

    private func list(
        _ begin: String, _ items: [String], _ end: String, more: String, limit: Int
    ) -> String {
        guard !items.isEmpty, limit > 0 else { return "" }
        let rest = items.count - limit
        return begin + items.prefix(limit).joined() + (rest > 0 ? "\(more)and \(rest) more" : "")
            + end
    }

    private var interactions: String {
        guard !job.interactions.isEmpty else { return "" }
        let count = min(job.interactions.count, cut.interactions)
        let rest = job.interactions.count - count
        var groups: [Range<Int>] = []
        for place in 0..<count {
            let previous = place > 0 ? job.interactions[place - 1] : nil
            if job.interactions[place].isShownAnew(after: previous) {
                groups.append(place..<(place + 1))
            } else {
                groups[groups.count - 1] = groups.last!.lowerBound..<(place + 1)
            }
        }
        let more = rest > 0 ? "<p>\(count > 0 ? "and \(rest) more" : "\(rest) found")</p>" : ""
        return "<section class=\"found\"><h3>Interactions</h3><div>"
            + groups.map(figure).joined() + "</div>\(more)</section>"
    }

    /// Interactions that share one picture.
    private func figure(_ group: Range<Int>) -> String {
        let first = job.interactions[group.lowerBound]
        let link = first.drawing.flatMap { address($0, limit: cut.address) }
        var picture =
            (drawings[group.lowerBound] ?? link).map {
                "<img src=\"\($0)\" alt=\"\" loading=\"lazy\" decoding=\"async\">"
            } ?? ""
        if let link, !picture.isEmpty {
            picture = "<a href=\"\(link)\" aria-label=\"Full size\">\(picture)</a>"
        }
        let phrases = job.interactions[group].map {
            "\(html($0.phrase, limit: cut.text)) <small>\(fixed($0.score, decimals: 2))</small>"
        }
        let time = first.time.map { "<small>\(clockTime($0))</small> " } ?? ""
        return "<figure>\(picture)<figcaption>\(time)\(phrases.joined(separator: ", "))"
            + "</figcaption></figure>"
    }
}
