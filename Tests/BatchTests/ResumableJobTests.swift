// A video worked in parts survives whatever stops the work.
import Enhancement
import Media
import Terminal
import TestSupport
import Testing

@testable import Batch

@Suite("Jobs that go on", .serialized)
struct ResumableJobTests {
    private let folder = TemporaryFolder()

    /// Sixty frames of video and sound, a key frame every ten.
    private func source(_ name: String = "in.mp4", hue: Int = 0) -> String {
        let path = folder(name)
        ffmpeg(
            "-f lavfi -i testsrc2=s=64x48:r=25 -f lavfi -i sine=d=2.4 -frames:v 60 -vf hue=h=\(hue)"
                + " -c:v libx264 -qp 30 -g 10 -pix_fmt yuv420p -c:a aac -shortest '\(path)'")
        return path
    }

    private func job(_ input: String, overwrite: OverwritePolicy = .refuse) throws -> VideoJob {
        var request = VideoJobRequest(input: input, output: folder("out.mkv"))
        request.encoding.encoder = "ffv1"
        request.overwrite = overwrite
        return try VideoJob(request)
    }

    private func resumable(_ job: VideoJob, _ options: JSONValue = .null) throws -> ResumableJob {
        try #require(try ResumableJob(job, nil, options: options, framesOfPart: 10))
    }

    /// A pipeline that stops after so many frames of all parts.
    private func pipeline(
        stoppingAfter limit: Int = .max, seen: @escaping (Int) -> Void = { _ in }
    ) -> (Int) -> FramePipeline {
        var count = 0
        return { _ in
            var pipeline = FramePipeline()
            pipeline.shouldStop = { count >= limit }
            pipeline.observe = { index, _, _ in
                count += 1
                seen(index)
            }
            return pipeline
        }
    }

    @Test("What was finished before it stopped is not done again, and nothing is lost")
    func goesOn() throws {
        let input = source()
        let whole = try VideoJob(
            {
                var request = VideoJobRequest(input: input, output: folder("whole.mkv"))
                request.encoding.encoder = "ffv1"
                return request
            }())
        _ = try whole.run(nil)
        do {
            let first = try resumable(try job(input))
            #expect(first.segments.count == 6 && first.finishedCount == 0)
            #expect(try !first.run(pipeline(stoppingAfter: 34)))
            #expect(first.finishedCount == 3 && first.finishedFrames == 30)
            #expect(!folder.names.contains("out.mkv"))
        }
        let second = try resumable(try job(input))
        #expect(second.finishedCount == 3 && second.leadingCount == 3 && !second.beganAnew)
        #expect(second.bytes > 1000)
        var worked = 0
        #expect(try second.run(pipeline { _ in worked += 1 }))
        #expect(worked == 30)
        let result = try #require(try second.join())
        #expect(result.outcome.framesOut == 60)
        second.folder.remove()
        #expect(frameHashes(folder("out.mkv")) == frameHashes(folder("whole.mkv")))
        #expect(folder.names.sorted() == ["in.mp4", "out.mkv", "whole.mkv"])
    }

    @Test("A part whose file or record is damaged is done again")
    func damage() throws {
        let input = source()
        do {
            let first = try resumable(try job(input))
            #expect(try first.run(pipeline()))
        }
        let work = folder("out.mkv.part")
        truncate(work + "/0002.mkv")
        folder.write(Array("{\"bytes\": 12".utf8), to: "out.mkv.part/0004.json")
        let second = try resumable(try job(input))
        #expect(second.finishedCount == 4 && second.leadingCount == 2)
        var worked = 0
        #expect(try second.run(pipeline { _ in worked += 1 }))
        #expect(worked == 20)
        #expect(try second.join()?.outcome.framesOut == 60)
    }

    private func truncate(_ path: String) {
        #expect(shell("truncate -s -10 '\(path)'").status == 0)
    }

    @Test("Other options or another input begin anew")
    func others() throws {
        let input = source()
        func finish(_ options: JSONValue) throws -> (anew: Bool, before: Int) {
            let job = try resumable(try job(input), options)
            let before = job.finishedCount
            _ = try job.run(pipeline(stoppingAfter: 25))
            return (job.beganAnew, before)
        }
        #expect(try finish(.string("a")) == (false, 0))
        #expect(try finish(.string("a")) == (false, 2))
        #expect(try finish(.string("b")) == (true, 0))
        _ = source(hue: 90)
        #expect(try finish(.string("b")) == (true, 0))
    }

    @Test("Two at once: the second is told to wait")
    func busy() throws {
        let input = source()
        let first = try resumable(try job(input))
        let error = #expect(throws: WorkFolderBusy.self) { try resumable(try job(input)) }
        #expect(error?.exitCode == 75 && "\(error!)".contains("another process"))
        #expect(try first.run(pipeline()))
    }

    @Test("What cannot be parted is left to be done in one piece")
    func onePart() throws {
        let job = try job(source())
        #expect(try ResumableJob(job, nil, options: .null, framesOfPart: 40) == nil)
        #expect(folder.names == ["in.mp4"])
        // Nothing of it was read yet.
        #expect(try job.run(nil).outcome.framesOut == 60)
    }

    @Test(
        "A named size is kept by parts from ten seconds of video on, where they are worked in order"
    )
    func sized() throws {
        func frames(
            _ seconds: Double, _ size: SizePolicy, _ length: PartLength = .automatic,
            isOrdered: Bool = true
        ) throws -> Int? {
            let input = folder("\(seconds).mp4")
            if !folder.names.contains("\(seconds).mp4") {
                ffmpeg(
                    "-f lavfi -i testsrc2=s=64x48:r=25 -t \(seconds) -c:v libx264 -qp 30 -g 10"
                        + " -pix_fmt yuv420p '\(input)'")
            }
            var request = VideoJobRequest(input: input, output: folder("out.mkv"))
            request.encoding.size = size
            return length.frames(
                of: try VideoJob(request), nil, threads: 1, isOrdered: isOrdered, isBegun: false)
        }
        #expect(try frames(24, .bytes(100_000)) == 50 && frames(24, .keep) == 50)
        #expect(try frames(10, .keep) == 24 && frames(9.6, .keep) == nil)
        #expect(try frames(24, .auto) == nil && frames(24, .max) == nil)
        #expect(try frames(24, .keep, isOrdered: false) == nil)
        #expect(try frames(24, .keep, .off) == nil && frames(24, .keep, .seconds(3)) == 75)
    }

    @Test(
        "Parts that are worked in order aim nearer to a size than parts that know nothing of others"
    )
    func aimed() throws {
        let input = folder("in.mp4")
        ffmpeg(
            "-f lavfi -i mandelbrot=s=160x96:r=25:start_scale=0.5 -t 8 -c:v libx264 -crf 32 -g 25"
                + " -pix_fmt yuv420p '\(input)'")
        var request = VideoJobRequest(input: input, output: folder("out.mp4"))
        request.encoding.encoder = "libx264"
        request.encoding.preset = "veryfast"
        request.encoding.size = .keep
        let jobs = try (0..<3).map { _ in try VideoJob(request) }
        let segments = try jobs[0].segments(ofAtLeast: 50)
        for (job, isOrdered) in [(jobs[0], true), (jobs[1], false)] {
            _ = try job.beginSegments(segments, nil, isOrdered: isOrdered)
        }
        let found = try #require(jobs[0].qualityFit?.quality)
        #expect(try #require(jobs[1].qualityFit?.quality) > found)
        #expect(try ResumableJob(jobs[2], nil, options: .null, framesOfPart: 50) != nil)
        #expect(jobs[2].qualityFit?.quality == found)
    }

    @Test("A job that cannot begin leaves nothing behind")
    func impossible() throws {
        var request = VideoJobRequest(input: source(), output: folder("out.mkv"))
        request.encoding.size = .bytes(4000)
        let job = try VideoJob(request)
        #expect(throws: OutputError.self) {
            try ResumableJob(job, nil, options: .null, framesOfPart: 10)
        }
        #expect(folder.names == ["in.mp4"])
    }

    @Test("Files that are not its own stay where they are")
    func foreign() throws {
        let input = source()
        let job = try resumable(try job(input))
        folder.write([1], to: "out.mkv.part/notes.txt")
        folder.write([1], to: "out.mkv.part/0000.mkv.host-1.part")
        #expect(try !job.run(pipeline(stoppingAfter: 12)))
        job.folder.remove()
        #expect(try Folder.names(in: folder("out.mkv.part")) == ["notes.txt"])
    }
}
