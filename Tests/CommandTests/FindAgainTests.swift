// pipeline index, find and duplicates as people use them.
import Glibc
import Terminal
import TestSupport
import Testing

@Suite("Find it again", .serialized)
struct FindAgainTests {
    let folder = TemporaryFolder()
    let pipeline = BuiltProgram(name: "pipeline")

    /// A clip of moving test pattern in the folder of videos; `filter` makes it another scene.
    private func clip(_ name: String, _ source: String, seconds: Double = 2) {
        shell("mkdir -p '\(folder("videos"))'")
        ffmpeg(
            "-f lavfi -i \(source)=size=160x96:rate=25 -t \(seconds) -c:v libx264 -qp 24 "
                + "-pix_fmt yuv420p '\(folder("videos/\(name)"))'")
    }

    private func index(_ more: String...) throws -> ProgramResult {
        try pipeline.run(
            [
                "index", folder("videos"), "-o", folder("memory"), "--no-interactions",
                "--progress", "none",
            ]
                + more)
    }

    @Test("A copy of a moment is found with its time, and nothing else is")
    func find() throws {
        clip("one.mp4", "testsrc2")
        clip("two.mp4", "mandelbrot")
        let indexed = try index()
        #expect(indexed.status == 0, "\(indexed.errors)")
        #expect(indexed.errors.contains("2 files indexed"))
        let again = try index()
        #expect(again.errors.contains("0 files indexed") && again.errors.contains("2 unchanged"))

        ffmpeg(
            "-ss 1.2 -i '\(folder("videos/two.mp4"))' -frames:v 1 -vf hflip,scale=80:48 "
                + "'\(folder("photo.jpg"))'")
        let text = try pipeline.run("find", folder("photo.jpg"), folder("memory"))
        #expect(text.status == 0)
        #expect(text.text.contains("two.mp4") && text.text.contains("whole, mirrored"))
        #expect(!text.text.contains("one.mp4"))
        let page = folder("found.html")
        let json = try pipeline.run(
            "find", folder("photo.jpg"), folder("memory"), "--json", "--page", page)
        let lines = json.text.split(separator: "\n")
        #expect(lines.count == 1)
        let place = try JSONValue(parsing: String(try #require(lines.first)))
        #expect(place["video"]?.text == folder("videos/two.mp4"))
        #expect(abs((place["start"]?.double ?? 9) - 1.2) <= 1)
        #expect((place["sureness"]?.double ?? 0) > 0.5 && place["mirrored"]?.boolean == true)
        let html = String(decoding: readBytes(page), as: UTF8.self)
        #expect(html.components(of: "data:image/jpeg").count == 3)

        ffmpeg("-f lavfi -i smptehdbars=size=160x96 -frames:v 1 '\(folder("other.png"))'")
        let nothing = try pipeline.run("find", folder("other.png"), folder("memory"))
        #expect(nothing.status == 0 && nothing.output.isEmpty)
        #expect(nothing.errors.contains("nothing found"))
    }

    @Test("A shot that two videos show is listed")
    func duplicates() throws {
        clip("one.mp4", "testsrc2")
        clip("two.mp4", "mandelbrot")
        ffmpeg(
            "-i '\(folder("videos/two.mp4"))' -c:v libx264 -qp 34 -pix_fmt yuv420p "
                + "'\(folder("videos/copy.mp4"))'")
        #expect(try index().status == 0)
        let found = try pipeline.run("duplicates", folder("memory"), "--json", "--progress", "none")
        #expect(found.status == 0)
        let pair = try JSONValue(parsing: found.text)
        #expect(pair["first"]?["video"]?.text == folder("videos/copy.mp4"))
        #expect(pair["second"]?["video"]?.text == folder("videos/two.mp4"))
    }

    @Test("Bad input: one line, its status, and what is sound is indexed")
    func refusals() throws {
        clip("one.mp4", "testsrc2")
        folder.write(Array("no video".utf8), to: "videos/text.mp4")
        let indexed = try index()
        #expect(indexed.status == 1)
        #expect(
            indexed.errors.contains("text.mp4: not a video") && indexed.errors.contains("1 of 2"))
        ffmpeg("-f lavfi -i color=gray:size=160x96 -frames:v 1 '\(folder("gray.png"))'")
        let memory = folder("memory"), later = folder("later")
        shell("cp -r '\(memory)' '\(later)' && sed -i '1s/:1/:7/' '\(later)/videos.jsonl'")
        ffmpeg("-i '\(folder("videos/one.mp4"))' -frames:v 1 '\(folder("one.jpg"))'")
        folder.write(Array(readBytes(folder("one.jpg")).prefix(2000)), to: "cut.jpg")
        for (words, status, text) in [
            (["find", folder("one.jpg"), later], 65, "is of version 7"),
            (["duplicates", later], 65, "is of version 7"),
            (["find", folder("cut.jpg"), memory], 65, "is cut short"),
            (["find", folder("gone.jpg"), memory], 66, "no such file"),
            (["find", folder("gray.png"), memory], 65, "nearly of one colour"),
            (["find", folder("videos/text.mp4"), memory], 65, "not a video"),
            (["find", folder("videos/one.mp4"), folder("none")], 66, "holds no memory"),
            (["find", "dog", memory], 65, "--no-interactions"),
            (["duplicates", folder("none")], 66, "holds no memory"),
            (["index", folder("videos")], 64, "-o MEMORY"),
            (["index", folder("none"), "-o", memory], 66, "no such file"),
            (
                [
                    "index", folder("videos"), "-o", folder("videos"), "--no-interactions",
                    "--progress", "none",
                ], 73, "other things"
            ),
        ] as [([String], Int32, String)] {
            let result = try pipeline.run(words)
            #expect(result.status == status, "\(words): \(result.errors)")
            #expect(result.errors.contains(text), "\(words): \(result.errors)")
            // What is used wrongly is told where it is explained.
            let lines = result.errors.split(separator: "\n").filter { !$0.hasPrefix("Try '") }
            #expect(lines.count == 1, "\(result.errors)")
        }
    }

    @Test("Killed at any moment, the same command goes on and loses nothing")
    func killed() throws {
        for number in 0..<6 {
            clip("\(number).mp4", number % 2 == 0 ? "testsrc2" : "mandelbrot", seconds: 4)
        }
        for delay: UInt32 in [30_000, 90_000, 200_000] {
            let running = try pipeline.start([
                "index", folder("videos"), "-o", folder("memory"), "--no-interactions",
                "--progress",
                "none",
            ])
            usleep(delay)
            running.send(SIGKILL)
            _ = running.wait()
        }
        let end = try index()
        #expect(end.status == 0, "\(end.errors)")
        let found = try pipeline.run("find", folder("videos/3.mp4"), folder("memory"), "--json")
        #expect(found.status == 0 && found.text.contains("3.mp4"))
    }
}

extension String {
    /// The parts between occurrences of a text.
    fileprivate func components(of text: String) -> [Substring] {
        split(separator: text, omittingEmptySubsequences: false)
    }
}
