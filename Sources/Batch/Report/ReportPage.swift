// The page that people open after a batch: a row for each job, in one file that stays small.
import Terminal

/// Writes `index.html`, job by job, so that memory does not grow with their number.
///
/// Small pictures are inside the page until `inlinedBytes` are used up, and then beside it; whole frames are always
/// beside it. Where jobs are many, each has less text. Nothing that the page loads lies outside its folder.
public struct ReportPage {
    /// Bytes that the page never exceeds.
    public static let limit = 20_000_000
    /// Bytes of text that a job always has, if there are no more than 10,000 of them.
    static let leastText = 1_700
    /// Kept for what stands behind the jobs.
    private static let tail = 1_000

    /// Bytes that this page does not exceed.
    var limit = Self.limit
    private let write: (String) throws -> Void
    private let beside: (String, [UInt8]) throws -> Void
    private var inlinedLeft: Int
    private var written = 0
    private var jobs = 0
    private var index = 0
    private var leftOut = 0

    /// A page that hands its text to `write`.
    ///
    /// - Parameters:
    ///   - inlinedBytes: What small pictures may take inside the page.
    ///   - write: Appends to the page.
    ///   - beside: Writes a small picture to a path relative to the page, `thumbnails/NUMBER.jpg`.
    public init(
        inlinedBytes: Int = 16_000_000, write: @escaping (String) throws -> Void,
        beside: @escaping (_ path: String, _ bytes: [UInt8]) throws -> Void
    ) {
        inlinedLeft = inlinedBytes
        (self.write, self.beside) = (write, beside)
    }

    /// Writes what stands before the jobs.
    ///
    /// - Parameter summary: Has counted all jobs that will follow.
    /// - Throws: What `write` throws.
    public mutating func begin(_ summary: ReportSummary) throws {
        jobs = summary.jobs
        try append(ReportHead(summary: summary).text)
        let text = written + Self.tail + jobs * Self.leastText
        inlinedLeft = max(0, min(inlinedLeft, limit - text))
    }

    /// Writes a job; one that finds no room any more is only counted.
    ///
    /// - Throws: What `write` and `beside` throw.
    public mutating func add(_ job: ReportJob) throws {
        let share = max(1, jobs - index)
        let room = (limit - Self.tail - inlinedLeft - written) / share
        var row = ReportRow(job: job, index: index)
        index += 1
        // The thumbnail of a row is seen at once, those of interactions when they are asked for: they have what the
        // thumbnails of other jobs will not need.
        if let thumbnail = job.comparison?.thumbnail, !thumbnail.isEmpty {
            if Self.inlinedSize(thumbnail) <= inlinedLeft {
                row.thumbnail = Self.inlined(thumbnail)
            } else {
                row.thumbnail = "thumbnails/\(index).jpg"
                try beside(row.thumbnail!, thumbnail)
            }
        }
        var pictures = inlinedLeft / share - row.inlinedBytes
        for (place, interaction) in job.interactions.enumerated() {
            let previous = place > 0 ? job.interactions[place - 1] : nil
            guard interaction.isShownAnew(after: previous), !interaction.thumbnail.isEmpty else {
                continue
            }
            pictures -= Self.inlinedSize(interaction.thumbnail)
            if pictures < 0 { break }
            row.drawings[place] = Self.inlined(interaction.thumbnail)
        }
        guard let text = row.text(limit: room) else {
            leftOut += 1
            return
        }
        inlinedLeft -= text.inlined
        try append(text.html)
    }

    /// Writes what stands behind the jobs.
    ///
    /// - Throws: What `write` throws.
    public mutating func end() throws {
        let more =
            leftOut > 0
            ? "<p>\(leftOut) more jobs have no room here: <a href=\"report.csv\">report.csv</a> has all.</p>\n"
            : ""
        try append("</table>\n\(more)</main>\n</html>\n")
    }

    private mutating func append(_ text: String) throws {
        written += text.utf8.count
        try write(text)
    }

    private static let prefix = "data:image/jpeg;base64,"

    private static func inlined(_ bytes: [UInt8]) -> String { prefix + base64(bytes) }

    /// Bytes that a picture takes inside the page.
    private static func inlinedSize(_ bytes: [UInt8]) -> Int {
        prefix.utf8.count + (bytes.count + 2) / 3 * 4
    }
}
