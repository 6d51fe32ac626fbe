// Folders of clips into a memory: what is added, kept, dropped, refused.
import Glibc
import Media
import Synchronization
import TestSupport
import Testing

@testable import Finding

@Suite("Indexing")
struct IndexJobTests {
    let folder = TemporaryFolder()
    var memory: MemoryFolder { MemoryFolder(folder("memory")) }

    private func index(_ names: String..., forget: Bool = false) throws -> IndexJob.Summary {
        var job = IndexJob(names.map { folder($0) })
        job.jobs = 2
        job.forgetsMissing = forget
        return try job.run(into: memory) { _ in }
    }

    @Test("Two pictures a second of what stands still, more of what moves, and the first of a shot")
    func keyPictures() throws {
        writeClip([(1, 2, 0), (2, 1, 0)], to: folder("still.mkv"))
        writeClip([(1, 2, 60)], to: folder("moving.mkv"))
        func times(_ name: String) throws -> [(Double, Bool)] {
            var times: [(Double, Bool)] = []
            let summary = try KeyPictureReader(folder(name)).read { picture, _ in
                times.append((picture.time, picture.beginsShot))
            }
            #expect(summary?.width == 160 && summary?.height == 96)
            return times
        }
        let still = try times("still.mkv")
        let cuts = still.filter(\.1).map(\.0)
        #expect(cuts.count == 2)
        #expect(cuts[0] == 0 && abs((cuts.last ?? 0) - 2) < 0.2)
        #expect((5...8).contains(still.count))
        let moving = try times("moving.mkv")
        #expect(moving.filter(\.1).count == 1)
        #expect(moving.count > 5)
    }

    @Test("Where every picture is another, every one is remembered, and the last of all")
    func fastPictures() throws {
        // No other picture is made of three of four.
        writeClip(
            (0..<50).map { (UInt64(20 + $0), 0.04, 0) }, to: folder("fast.mkv"),
            options: "-x264-params scenecut=0:bframes=3:b-adapt=0:b-pyramid=none")
        var times: [Double] = []
        // Each comes with its own frame.
        var offsets = Set<Int>()
        _ = try KeyPictureReader(folder("fast.mkv")).read { picture, frame in
            times.append(picture.time)
            offsets.insert(Int(frame.timestamp) - Int((picture.time * 1000).rounded()))
        }
        #expect(offsets.count == 1)
        #expect(times == times.sorted() && Set(times).count == times.count)
        // But for those that were passed over before it was known.
        #expect(times.count >= 40)
        writeClip([(1, 0.7, 200)], to: folder("end.mkv"))
        var last = 0.0
        _ = try KeyPictureReader(folder("end.mkv")).read { picture, _ in last = picture.time }
        #expect(abs(last - 0.64) < 0.001)
    }

    @Test("What is unchanged is not read again, what changed is, what is gone goes when asked")
    func again() throws {
        writeClip([(1, 1, 10)], to: folder("a.mkv"))
        writeClip([(2, 1, 10)], to: folder("b.mkv"))
        let first = try index("a.mkv", "b.mkv")
        #expect(first.read == 2 && first.known == 0 && first.pictures >= 4)
        #expect(try index("a.mkv", "b.mkv").known == 2)
        writeClip([(3, 1, 10)], to: folder("b.mkv"))
        let changed = try index("a.mkv", "b.mkv")
        #expect(changed.read == 1 && changed.known == 1)
        let search = PictureSearch(try memory.open())
        func isKnown(_ seed: UInt64) throws -> Bool {
            let picture = SmallPicture(Scene(seed).window(20, 30, 160, 96))
            return try !search.places(of: picture, limit: 1, atLeast: 0.5).isEmpty
        }
        #expect(try isKnown(1) && isKnown(3) && !isKnown(2))
        unlink(folder("a.mkv"))
        #expect(try index("b.mkv").missing == 1)
        #expect(try index("b.mkv", forget: true).forgotten == 1)
        #expect(try memory.videos().map(\.path) == [folder("b.mkv")])
    }

    @Test("What is damaged is told and left out, and the rest is indexed")
    func damaged() throws {
        writeClip([(1, 2, 10)], to: folder("good.mkv"))
        let bytes = readBytes(folder("good.mkv"))
        folder.write(Array(bytes.prefix(bytes.count * 2 / 3)), to: "cut.mkv")
        folder.write(Array("no video".utf8), to: "text.mp4")
        let failures = Mutex<[String]>([])
        let names = ["good.mkv", "cut.mkv", "text.mp4", "gone.mkv"]
        let summary = try IndexJob(names.map { folder($0) }).run(into: memory) { report in
            if case .failure(_, let text) = report { failures.withLock { $0.append(text) } }
        }
        #expect(summary.read == 1 && summary.failed == 3)
        #expect(failures.withLock { $0.count } == 3)
        #expect(failures.withLock { $0.count { $0.contains("is cut short") } } == 1)
        #expect(
            try IndexJob([folder("cut.mkv")]).run(into: memory) { _ in }.lastFailure == 65)
        #expect(try memory.videos().count == 1)
    }

    @Test("What a killed process left is dropped, and does not harm before")
    func killed() throws {
        writeClip([(1, 1, 10)], to: folder("a.mkv"))
        _ = try index("a.mkv")
        let list = readBytes(folder("memory/videos.jsonl"))
        writeClip([(2, 1, 10)], to: folder("b.mkv"))
        _ = try index("a.mkv", "b.mkv")
        // As if it had died between patterns and list.
        writeBytes(list, to: folder("memory/videos.jsonl"))
        #expect(try memory.open().pictureCounts.count == 1)
        let summary = try index("a.mkv", "b.mkv")
        #expect(summary.read == 1 && summary.known == 1)
        #expect(try memory.open().pictureCounts.allSatisfy { $0 > 0 })
        let files = try Folder.names(in: folder("memory/seen"))
        #expect(files.isEmpty)
    }

    @Test("A memory that is none, empty, foreign, of another version or damaged is said so")
    func refusals() throws {
        #expect(throws: FinderError.noMemory(path: folder("memory"))) { try memory.open() }
        writeClip([(1, 1, 10)], to: folder("a.mkv"))
        _ = try index("a.mkv")
        let path = folder("memory/videos.jsonl")
        let text = String(decoding: readBytes(path), as: UTF8.self)
        writeBytes(Array(text.replacing("\"version\":1", with: "\"version\":7").utf8), to: path)
        #expect(throws: FinderError.version(path: folder("memory"), found: 7)) {
            try memory.open()
        }
        writeBytes(Array(text.replacing("\"pictures\":", with: "\"pictures\":1").utf8), to: path)
        #expect(throws: FinderError.self) { try memory.open() }
        writeBytes(Array(text.utf8), to: path)
        unlink(folder("a.mkv"))
        var job = IndexJob([])
        job.forgetsMissing = true
        _ = try job.run(into: memory) { _ in }
        #expect(throws: FinderError.empty(path: folder("memory"))) { try memory.open() }
        shell("mkdir '\(folder("other"))' && touch '\(folder("other"))/letter.txt'")
        #expect(throws: FinderError.foreign(path: folder("other"))) {
            try IndexJob([]).run(into: MemoryFolder(folder("other"))) { _ in }
        }
    }

    @Test("Two processes do not write at once")
    func busy() throws {
        writeClip([(1, 1, 10)], to: folder("a.mkv"))
        let writer = try MemoryFolder.Writer(memory)
        #expect(throws: FinderError.busy(path: folder("memory"))) { try index("a.mkv") }
        withExtendedLifetime(writer) {}
    }

    @Test("Words find what was seen, from picture to picture")
    func words() throws {
        let writer = try MemoryFolder.Writer(memory)
        func seen(_ time: Double, _ score: Double) -> SeenPicture {
            SeenPicture(
                time: time, things: score > 0 ? ["dog": score] : [:],
                doings: score > 0.5 ? ["walk dog": score / 2] : [:])
        }
        try writer.add([
            ReadVideo(
                path: "/v/a", state: FileState(bytes: 1, modified: 1),
                summary: .init(width: 16, height: 9, duration: 10), pictures: [],
                seen: [
                    seen(0, 0), seen(2, 0.4), seen(4, 0.8), seen(5, 0.6), seen(6, 0), seen(8, 0.3),
                ],
                isLooked: true)
        ])
        let places = try memory.places(of: "dog", limit: 5, atLeast: 0.2)
        #expect(places.map(\.start) == [2, 8] && places.map(\.end) == [6, 10])
        #expect(places.map(\.sureness) == [0.8, 0.3])
        #expect(try memory.places(of: "walking a dog", limit: 5).map(\.start) == [4])
        #expect(try memory.places(of: "cat", limit: 5).isEmpty)
    }
}
