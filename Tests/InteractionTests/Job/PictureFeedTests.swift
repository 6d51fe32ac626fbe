import Media
import TestSupport
import Testing

@testable import Interaction

@Suite("Decoding ahead")
struct PictureFeedTests {
    private let folder = TemporaryFolder()

    /// Grey pictures, each of another width.
    private func pictures(_ count: Int) throws -> [String] {
        try (1...count).map { width in
            let path = folder("\(width).png")
            let bytes = try picture(width, 3) { x, _, _ in x }.encoded(as: .png)
            return folder.write(bytes, to: "\(path.split(separator: "/").last!)")
        }
    }

    @Test("Pictures come in order however many threads there are", arguments: [1, 2, 5, 40])
    func order(threads: Int) throws {
        let paths = try pictures(17)
        let feed = PictureFeed(paths, .init(threads: threads))
        defer { feed.stop() }
        for index in paths.indices {
            guard case .picture(let picture) = try feed.next(of: index) else {
                Issue.record("no picture \(index)")
                return
            }
            #expect(picture.width == index + 1)
            guard case .end = try feed.next(of: index) else {
                Issue.record("no end of \(index)")
                return
            }
        }
    }

    @Test("What cannot be read is an event in its place, and the next file goes on")
    func failures() throws {
        let good = try pictures(1)[0]
        let feed = PictureFeed([folder("none.png"), good], .init())
        defer { feed.stop() }
        guard case .failure(let text, let code) = try feed.next(of: 0) else {
            Issue.record("no failure")
            return
        }
        #expect(code == 66 && text.contains("no such file"))
        guard case .end = try feed.next(of: 0), case .picture = try feed.next(of: 1) else {
            Issue.record("the next file is missing")
            return
        }
    }

    @Test("It stops while threads wait for room")
    func stopping() throws {
        let paths = try pictures(20)
        let feed = PictureFeed(paths, .init(threads: 3))
        _ = try feed.next(of: 0)
        feed.stop()
    }
}
