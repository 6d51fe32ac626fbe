// The page stays small, however many jobs there are and whatever they hold.
import Terminal
import Testing

@testable import Batch

@Suite("The size of the report")
struct ReportSizeTests {
    /// What came of writing a page.
    private struct Written {
        var bytes = 0
        var rows = 0
        var inlined = 0
        var beside: [String] = []
        var isLeftOutSaid = false
    }

    /// Writes a page of so many jobs.
    private func written(
        _ count: Int, limit: Int = ReportPage.limit, _ job: (Int) -> ReportJob
    ) throws -> Written {
        var result = Written()
        var summary = ReportSummary()
        for index in 0..<count { summary.count(job(index)) }
        var page = ReportPage(
            write: { text in
                result.bytes += text.utf8.count
                if text.hasPrefix("<tbody") { result.rows += 1 }
                // Behind the beginning of the row; what follows are pictures of interactions.
                if text.prefix(100).contains("src=\"data:") { result.inlined += 1 }
                if text.contains("more jobs have no room here") { result.isLeftOutSaid = true }
            }, beside: { path, _ in result.beside.append(path) })
        page.limit = limit
        try page.begin(summary)
        for index in 0..<count { try page.add(job(index)) }
        try page.end()
        return result
    }

    private func job(_ index: Int, thumbnail: [UInt8] = [], found count: Int = 3) -> ReportJob {
        var job = ReportJob("holiday/clip \(index).mp4", kind: .video, state: .done)
        job.output = "holiday/clip \(index).mkv"
        job.comparison = ReportJob.Comparison(
            before: "holiday/clip \(index).mp4/before.png",
            after: "holiday/clip \(index).mp4/after.png",
            width: 1920, height: 1080, time: 5, thumbnail: thumbnail)
        job.figures = ["damage", "block edges before", "block edges after", "change"].map {
            ReportJob.Figure(
                $0, 4.25, unit: "code values", meaning: "What differs by less is lost.")
        }
        (job.frames, job.seconds, job.framesPerSecond) = (300, 25, 12)
        (job.bytesIn, job.bytesOut, job.encoder) = (2_000_000, 900_000, "libx264")
        job.interactions = (0..<count).map {
            ReportJob.Interaction(
                phrase: "person rides bicycle", score: 0.9, time: Double($0),
                drawing: "holiday/clip \(index).mp4/found-\($0).jpg", thumbnail: thumbnail)
        }
        job.warnings = ["The sound was copied as it was."]
        job.timings = [ReportJob.Timing("enhance", seconds: 25)]
        return job
    }

    /// A job that has too much of everything.
    private func boundless(_ index: Int) -> ReportJob {
        let long = String(repeating: "\"&\u{1}é", count: 2000)
        var job = ReportJob(long, kind: .video, state: .failed(reason: long))
        job.output = long
        job.comparison = ReportJob.Comparison(
            before: long, after: long, width: 1 << 40, height: 1 << 40, time: 1e9)
        job.figures = (0..<500).map {
            ReportJob.Figure("\(long)\($0)", 1e300, unit: long, meaning: long)
        }
        (job.frames, job.seconds, job.framesPerSecond) = (.max, 1e300, 1e300)
        (job.bytesIn, job.bytesOut, job.encoder) = (.max, .max, long)
        job.wasResumed = true
        job.interactions = (0..<500).map { _ in
            ReportJob.Interaction(phrase: long, score: 1e300, time: 1e9, drawing: long)
        }
        job.warnings = [String](repeating: long, count: 500)
        job.timings = (0..<500).map { ReportJob.Timing("\(long)\($0)", seconds: 1e300) }
        return job
    }

    @Test("A thousand jobs with thumbnails of 12 kB fit, nearly all of them inside the page")
    func thousand() throws {
        let thumbnail = [UInt8](repeating: 0xA5, count: 12_000)
        let page = try written(1000) { job($0, thumbnail: thumbnail) }
        #expect(page.bytes <= ReportPage.limit)
        #expect(page.bytes > 16_000_000)
        #expect(page.rows == 1000)
        #expect(page.inlined + page.beside.count == 1000)
        #expect(page.beside.count < 10)
        #expect(Set(page.beside).count == page.beside.count)
    }

    @Test("Of ten thousand jobs each has a row, a shorter one")
    func tenThousand() throws {
        let thumbnail = [UInt8](repeating: 0xA5, count: 3_000)
        let page = try written(10_000) { job($0, thumbnail: thumbnail) }
        #expect(page.bytes <= ReportPage.limit)
        #expect(page.rows == 10_000)
        #expect(page.inlined > 0 && !page.beside.isEmpty)
        #expect(!page.isLeftOutSaid)
    }

    @Test("A few jobs show interactions with their pictures inside the page")
    func few() throws {
        var text = ""
        var page = ReportPage(write: { text += $0 }, beside: { _, _ in })
        var summary = ReportSummary()
        let only = job(0, thumbnail: [1, 2, 3], found: 40)
        summary.count(only)
        try page.begin(summary)
        try page.add(only)
        try page.end()
        #expect(text.ranges(of: "data:image/jpeg;base64,AQID").count == 1 + 24)
        #expect(text.contains("and 16 more"))
    }

    @Test("However much a job has, it fits into what each of ten thousand has")
    func bounded() throws {
        let row = ReportRow(job: boundless(0), index: 9999)
        let text = try #require(row.text(limit: ReportPage.leastText))
        #expect(text.html.utf8.count <= ReportPage.leastText)
        #expect(row.text(limit: 100) == nil)
        // Fifty bytes of address a link are cut off by none.
        let usual = try #require(
            ReportRow(job: job(9999), index: 9999).text(limit: ReportPage.leastText))
        #expect(usual.html.contains("type=\"range\""))
    }

    @Test("Jobs beyond all bounds are counted instead of shown")
    func beyond() throws {
        let page = try written(1000, limit: 200_000) {
            ReportJob(String(repeating: "x", count: 700) + "\($0)", kind: .photo, state: .missing)
        }
        #expect(page.bytes <= 200_000)
        #expect((100..<1000).contains(page.rows))
        #expect(page.isLeftOutSaid)
    }
}
