// A small report with real pictures, for the tests that open it.
import Batch
import Glibc
import TestSupport

/// Three jobs, and the folder in which their report lies.
final class ReportSample {
    /// Where the page and its pictures are.
    private let place = TemporaryFolder()
    let folder: String
    /// The page.
    var page: String { folder + "/index.html" }
    /// The jobs in the order in which they are written.
    let jobs: [ReportJob]

    /// A name that is no UTF-8 and would be markup if it were let.
    static let hostile = "odd \"><script>document.title='broken'</script>\n\u{EFFF}.mp4"

    /// Makes the folder and the pictures in it; the names of files are as unlike addresses as names can be.
    init() {
        folder = place.path
        mkdir(folder + "/frames", 0o755)
        writeBytes(Self.picture(blue: 255), to: folder + "/frames/a #1?\"%41.bmp")
        // Its last byte before the dot is no UTF-8.
        let file = fopen(
            Array("\(folder)/frames/b:\u{1}".utf8CString.dropLast()) + [-1, 46, 98, 0], "wb")!
        let bytes = Self.picture(blue: 0)
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
        writeBytes(Self.picture(blue: 128), to: folder + "/frames/drawing.bmp")

        var video = ReportJob("clip10.mp4", kind: .video, state: .done)
        video.output = "clip10.mkv"
        video.comparison = ReportJob.Comparison(
            before: "frames/a #1?\"%41.bmp", after: "frames/b:\u{1}\u{EFFF}.b", width: 64,
            height: 36,
            time: 5.04, thumbnail: Self.picture(blue: 9))
        video.figures = [ReportJob.Figure("damage", 9.5, meaning: "Mean step of luma.")]
        (video.frames, video.seconds, video.framesPerSecond) = (300, 25, 12)
        (video.bytesIn, video.bytesOut) = (2_000_000, 900_000)
        video.interactions = [
            ReportJob.Interaction(
                phrase: "person rides <bicycle>", score: 0.91, time: 2.5,
                drawing: "frames/drawing.bmp")
        ]
        video.warnings = ["The sound was copied & not checked."]
        video.timings = [ReportJob.Timing("probe", seconds: 0.2)]
        let failed = ReportJob(
            Self.hostile, kind: .video, state: .failed(reason: "no frames in <it>"))
        var photo = ReportJob("clip2.jpg", kind: .photo, state: .done)
        photo.figures = [ReportJob.Figure("damage", 10.25)]
        jobs = [video, failed, photo]
    }

    /// The text of the page; small pictures that have no room in it are written beside it.
    func text(inlined: Int = 16_000_000) throws -> String {
        var text = ""
        var page = ReportPage(inlinedBytes: inlined, write: { text += $0 }) { path, bytes in
            mkdir(self.folder + "/thumbnails", 0o755)
            writeBytes(bytes, to: "\(self.folder)/\(path)")
        }
        var summary = ReportSummary()
        jobs.forEach { summary.count($0) }
        try page.begin(summary)
        for job in jobs { try page.add(job) }
        try page.end()
        return text
    }

    /// An uncompressed picture of 64 x 36 pixels.
    static func picture(blue: UInt8) -> [UInt8] {
        func little(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        let (width, height) = (64, 36)
        let pixels = (0..<width * height).flatMap {
            [blue, UInt8($0 / width * 7), UInt8($0 % width * 4)]
        }
        return Array("BM".utf8) + little(54 + pixels.count, 4) + little(0, 4) + little(54, 4)
            + little(40, 4) + little(width, 4) + little(height, 4) + little(1, 2) + little(24, 2)
            + little(0, 4) + little(pixels.count, 4) + little(0, 16) + pixels
    }
}
