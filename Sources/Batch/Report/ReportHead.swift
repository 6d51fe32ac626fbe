// The beginning of the page: its policy, sums over all jobs, and those that failed.
import Networks
import Terminal

/// What stands before the jobs.
struct ReportHead {
    let summary: ReportSummary

    /// From the first line of the page to the head of the table.
    var text: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="\(policy)">
        <meta name="viewport" content="width=device-width">
        <link rel="icon" href="data:,">
        <title>\(html(summary.title, limit: 200))</title>
        <style>\(ReportStyle.text)</style>
        <script>\(ReportScript.text)</script>
        <main>
        <h1>\(html(summary.title, limit: 200))</h1>
        <p>\(sums)<br>For programs: <a href="report.csv">report.csv</a>, \
        <a href="report.jsonl">report.jsonl</a></p>
        \(failures)
        <p class="filter"><label>Filter <input type="search" placeholder="name or state"></label> \
        <span role="status"></span></p>
        <table id="jobs">
        <thead><tr><th scope="col">Name<th scope="col">State<th scope="col">Frames\
        <th scope="col">Frames/s<th scope="col">Size<th scope="col">Damage<th scope="col">Found\
        <th scope="col">Seconds</thead>

        """
    }

    /// Nothing is loaded but pictures; scripts and styles are those of the page, none that a name might smuggle in.
    ///
    /// A page opened from a disk has no origin, and not all browsers take `'self'` for its folder then: `file:` says it.
    private var policy: String {
        "default-src 'none'; img-src 'self' file: data:; "
            + "script-src \(Self.source(ReportScript.text)); "
            + "style-src \(Self.source(ReportStyle.text)); base-uri 'none'; form-action 'none'"
    }

    private static func source(_ text: String) -> String {
        let digest = Array(text.utf8).withUnsafeBytes { SHA256(of: $0).hexadecimal }
        let digits = Array(digest)
        let bytes = stride(from: 0, to: digits.count, by: 2).map {
            UInt8(String(digits[$0...($0 + 1)]), radix: 16)!
        }
        return "'sha256-\(base64(bytes))'"
    }

    private var sums: String {
        var parts = [
            "\(summary.jobs) \(summary.jobs == 1 ? "job" : "jobs")", "\(summary.done) done",
        ]
        if summary.failed > 0 { parts.append("\(summary.failed) failed") }
        if summary.missing > 0 { parts.append("\(summary.missing) missing") }
        if summary.frames > 0 { parts.append("\(summary.frames) frames") }
        if summary.interactions > 0 { parts.append("\(summary.interactions) interactions") }
        if summary.seconds > 0 { parts.append("\(humanDuration(summary.seconds)) of work") }
        if summary.bytesIn > 0 {
            parts.append("\(humanBytes(summary.bytesIn)) → \(humanBytes(summary.bytesOut))")
        }
        return parts.joined(separator: " · ")
    }

    private var failures: String {
        guard !summary.failures.isEmpty else { return "" }
        let lines = summary.failures.map {
            "<li><a href=\"#j\($0.index)\">\(html($0.name, limit: 300))</a>: "
                + "<span class=\"reason\">\(html($0.reason, limit: 600))</span>"
        }
        let more = summary.failed - summary.failures.count
        return "<section class=\"failures\"><h2>Failed</h2>\n<ul>\n" + lines.joined(separator: "\n")
            + (more > 0 ? "\n<li>and \(more) more" : "") + "\n</ul></section>"
    }
}
