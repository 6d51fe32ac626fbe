// A job in the page: a row of the table, and below it what opens.
import Terminal

/// How much of a job is written.
struct ReportCut {
    /// Interactions shown.
    let interactions: Int
    /// Bytes of a text.
    let text: Int
    /// Rows of a table, items of a list.
    let lines: Int
    /// Bytes of an address; a longer one is left out, for half an address leads nowhere.
    let address: Int

    /// From all that anybody wants to read down to what fits into `ReportPage.leastText`.
    static let ladder = [
        ReportCut(interactions: 24, text: 500, lines: 40, address: 6000),
        ReportCut(interactions: 12, text: 300, lines: 16, address: 2000),
        ReportCut(interactions: 6, text: 160, lines: 8, address: 800),
        ReportCut(interactions: 2, text: 100, lines: 4, address: 300),
        ReportCut(interactions: 0, text: 80, lines: 0, address: 110),
    ]
}

/// A job as HTML.
struct ReportRow {
    let job: ReportJob
    /// Which job of the page it is, from 0.
    let index: Int
    /// The address of the small picture.
    var thumbnail: String?
    /// Pictures of interactions that are inside the page, by the interaction that they stand at.
    var drawings: [Int: String] = [:]

    init(job: ReportJob, index: Int) { (self.job, self.index) = (job, index) }

    /// Bytes of the small picture where it is inside the page.
    var inlinedBytes: Int {
        thumbnail.map { $0.hasPrefix("data:") ? $0.utf8.count : 0 } ?? 0
    }

    /// The job, cut so that it takes at most `limit` bytes beside its pictures; nil where it cannot be cut so far.
    func text(limit: Int) -> (html: String, inlined: Int)? {
        for cut in ReportCut.ladder {
            let details = ReportDetails(job: job, drawings: drawings, cut: cut)
            let inlined = inlinedBytes + details.inlinedBytes
            let text =
                main(cut) + "<tr class=\"more\"><td colspan=\"8\">" + details.text + "</tbody>\n"
            if text.utf8.count - inlined <= limit { return (text, inlined) }
        }
        return nil
    }

    private func main(_ cut: ReportCut) -> String {
        let picture =
            thumbnail.map { "<img src=\"\($0)\" alt=\"\" loading=\"lazy\" decoding=\"async\">" }
            ?? ""
        let count = job.warnings.count
        let warnings = count == 0 ? "" : " <small>\(count) warning\(count == 1 ? "" : "s")</small>"
        let cells = [
            job.frames.map(String.init), job.framesPerSecond.map(shown), nil,
            job.figure(ReportJob.Figure.damage).map(shown),
            String(job.interactions.count), job.seconds.map { fixed($0, decimals: 1) },
        ].map { "<td>\($0 ?? "–")" }
        return "<tbody id=\"j\(index)\" class=\"\(job.stateWord)\"><tr class=\"job\"><td>\(picture)"
            + "<span>\(html(job.name, limit: cut.text))</span><td>\(job.stateWord)\(warnings)"
            + cells[..<2].joined() + size + cells[3...].joined()
    }

    private var size: String {
        guard job.bytesIn != nil || job.bytesOut != nil else { return "<td>–" }
        // Sorted by the input, which jobs that failed have as well.
        let key = job.bytesIn.map { " data-v=\"\($0)\"" } ?? ""
        return "<td\(key)>\(job.sizes)"
    }
}

extension ReportJob {
    /// Bytes of the input and of the output, for people.
    var sizes: String {
        "\(bytesIn.map(humanBytes) ?? "–") → \(bytesOut.map(humanBytes) ?? "–")"
    }
}

extension ReportJob.Interaction {
    /// Whether it has a picture of its own, or none, so that it is not shown with its neighbour.
    func isShownAnew(after previous: ReportJob.Interaction?) -> Bool {
        drawing == nil || drawing != previous?.drawing
    }
}
