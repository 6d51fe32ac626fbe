// A video worked in parts is the video worked in one piece.
import Media
import TestSupport
import Testing

@testable import Enhancement

@Suite("Segments", .serialized)
struct SegmentTests {
    private let folder = TemporaryFolder()

    /// Video of variable rate with B-frames, open groups of pictures, frames that repeat, a cut, sound.
    private func source(
        _ name: String = "in.mp4", frames: Int = 120, _ filters: String = "", _ words: String = ""
    ) -> String {
        let path = folder(name)
        // After every seventh frame time leaps; twenty frames from the fortieth on stand still.
        let select =
            "select='mod(n,5)',loop=loop=20:size=1:start=40,settb=1/90000,"
            + "setpts=N/25/TB+floor(N/7)*0.012/TB"
        ffmpeg(
            "-f lavfi -i testsrc2=s=64x64:r=25:d=30 -f lavfi -i sine=d=20 -frames:v \(frames)"
                + " -vf \"\(select)\(filters)\" -fps_mode passthrough -enc_time_base 1:90000"
                + " -c:v libx264 -qp 34 -g 12 -bf 2 -x264-params open-gop=1:scenecut=0 -pix_fmt yuv420p"
                + " -video_track_timescale 90000 \(words) -c:a aac -shortest '\(path)'")
        return path
    }

    private func request(_ input: String, _ output: String, _ encoder: String) -> VideoJobRequest {
        var request = VideoJobRequest(input: input, output: folder(output))
        request.encoding.encoder = encoder
        request.encoding.crf = encoder == "ffv1" ? nil : 20
        request.encoding.threads = 1
        request.enhancement.threads = 1
        return request
    }

    /// What the frames of a video show.
    private func hashes(_ path: String) -> [String] {
        frameHashes(path).map { String($0.split(separator: ",").last!) }
    }

    private func packets(_ path: String, _ stream: String, _ entries: String) -> [String] {
        let result = shell(
            "ffprobe -v error -select_streams \(stream) -show_entries packet=\(entries) -of csv=p=0"
                + " '\(path)'")
        return String(decoding: result.output, as: UTF8.self).split(separator: "\n").map(
            String.init)
    }

    /// Runs the job in parts of at least so many frames, each by a job of its own as another process would.
    private func joined(
        _ request: VideoJobRequest, _ model: (any RestorationModel)?, ofAtLeast count: Int,
        only limit: Int = .max
    ) throws -> (result: VideoJobResult, segments: [Segment]) {
        let segments = try VideoJob(request).segments(ofAtLeast: count)
        var parts: [(path: String, result: SegmentResult)] = []
        // The last is worked first: none may need another.
        for index in segments.indices.prefix(limit).reversed() {
            let job = try VideoJob(request).beginSegments(segments, model)
            let path = folder("part-\(index).mkv")
            parts.insert((path, try job.run(index, into: path)), at: 0)
        }
        let job = try VideoJob(request).beginSegments(segments, model)
        return (try job.join(parts), segments)
    }

    @Test("Lossless, the joined frames are those of the unsplit run bit for bit, at the same times")
    func lossless() throws {
        let input = source(frames: 240)
        let segments = try compare(input, ofAtLeast: 6, frames: 240)
        #expect(segments.count == 20 && segments.flatMap(\.times).count == 240, "\(segments.count)")
    }

    @Test(
        "So they are whatever the source was coded with",
        arguments: [
            (
                "in.mkv",
                "-c:v libx265 -x265-params "
                    + "keyint=12:min-keyint=12:open-gop=1:bframes=3:scenecut=0:log-level=error -crf 34"
            ),
            (
                "in.mkv",
                "-r 25 -fps_mode cfr -enc_time_base 1:25 -c:v mpeg2video -qscale:v 8 -g 12 -bf 2"
            ),
            ("in.webm", "-c:v libvpx-vp9 -crf 45 -b:v 0 -g 12 -cpu-used 5 -lag-in-frames 12 -an"),
            ("in.mov", "-c:v mjpeg -bf 0 -qscale:v 12 -pix_fmt yuvj420p"),
        ])
    func codecs(name: String, words: String) throws {
        let segments = try compare(source(name, frames: 80, "", words), ofAtLeast: 12, frames: 80)
        #expect(segments.count > 4, "\(segments.count)")
    }

    /// Works a file whole and in parts, and expects the same.
    private func compare(_ input: String, ofAtLeast count: Int, frames: Int) throws -> [Segment] {
        let model = randomModel(seed: 4)
        let whole = request(input, "whole.mkv", "ffv1")
        _ = try VideoJob(whole).run(model)
        let (result, segments) = try joined(
            request(input, "joined.mkv", "ffv1"), model, ofAtLeast: count)
        #expect(result.outcome.framesOut == frames)
        let (a, b) = (hashes(folder("whole.mkv")), hashes(folder("joined.mkv")))
        #expect(a.count == frames && Set(a).count > 3 * frames / 5 && a == b)
        for (stream, entries) in [("v", "pts,duration,flags"), ("a", "pts,duration,size")] {
            #expect(
                packets(folder("whole.mkv"), stream, entries)
                    == packets(folder("joined.mkv"), stream, entries))
        }
        return segments
    }

    @Test(
        "Every encoder's parts become one file of any container, its times exact",
        arguments: [
            ("out.mp4", "libx264"), ("out.mov", "libx264"), ("out.mp4", "libx265"),
            ("out.mkv", "libx265"), ("out.webm", "libvpx-vp9"), ("out.mp4", "libsvtav1"),
        ])
    func encoders(name: String, encoder: String) throws {
        // WebM takes no AAC.
        let input = source(frames: 60, "", name.hasSuffix("webm") ? "-an" : "")
        let whole = request(input, "whole-" + name, encoder)
        _ = try VideoJob(whole).run(nil)
        let (result, segments) = try joined(
            request(input, name, encoder), nil, ofAtLeast: 12)
        #expect(segments.count == 5 && result.outcome.framesOut == 60)
        func times(_ path: String) -> [Int] {
            packets(path, "v", "pts").compactMap { Int($0.filter { $0 != "," }) }.sorted()
        }
        let expected = times(folder("whole-" + name))
        #expect(expected.count == 60 && times(folder(name)) == expected)
        #expect(hashes(folder(name)).count == 60)
        // Matroska has no times of decoding.
        if name.hasSuffix("mp4") || name.hasSuffix("mov") {
            let decoding = packets(folder(name), "v", "dts").compactMap {
                Int($0.filter { $0 != "," })
            }
            #expect(decoding == decoding.sorted() && Set(decoding).count == 60)
        }
        #expect(
            packets(folder(name), "a", "pts,size")
                == packets(folder("whole-" + name), "a", "pts,size"))
        #expect(result.warnings.isEmpty, "\(result.warnings)")
        // Small parts cost key frames; no more than those.
        let log = shell(
            "ffmpeg -v warning -xerror -err_detect explode -i '\(folder(name))' -f null -")
        #expect(log.status == 0 && log.output.isEmpty)
    }

    @Test("Fields that stand still, and a part of the input, come out as in one piece")
    func interlaced() throws {
        let input = source(
            "in.mkv", frames: 120, ",tinterlace=interleave_top", "-flags +ilme+ildct -top 1")
        let model = randomModel(seed: 5)
        var whole = request(input, "whole.mkv", "ffv1")
        whole.fields = .given(.topFirst)
        (whole.start, whole.end) = (0.7, 5.9)
        _ = try VideoJob(whole).run(model)
        var parted = whole
        parted.output = folder("joined.mkv")
        let segments = try joined(parted, model, ofAtLeast: 6).segments
        let (a, b) = (hashes(folder("whole.mkv")), hashes(folder("joined.mkv")))
        #expect(segments.count > 2 && a.count > 30 && a == b, "\(segments.count), \(a.count)")
        #expect(
            packets(folder("whole.mkv"), "v", "pts") == packets(folder("joined.mkv"), "v", "pts"))
    }

    @Test("What there is can be joined, and ends where it ends")
    func partial() throws {
        let input = source()
        let (result, segments) = try joined(
            request(input, "out.mkv", "libx264"), nil, ofAtLeast: 24, only: 2)
        let count = segments[0].times.count + segments[1].times.count
        #expect(result.outcome.framesOut == count && hashes(folder("out.mkv")).count == count)
        let end = try MediaSource(path: folder("out.mkv")).info.duration!
        let expected = Double(segments[2].start! - segments[0].times[0]) / 90000
        #expect(abs(end - expected) < 0.06, "\(end), \(expected)")
    }

    @Test("Segments that were encoded otherwise, or are not whole, are refused")
    func damage() throws {
        let input = source(frames: 60)
        let wanted = request(input, "out.mp4", "libx264")
        let segments = try VideoJob(wanted).segments(ofAtLeast: 24)
        try #require(segments.count == 2)
        let job = try VideoJob(wanted).beginSegments(segments, nil)
        var parts = try segments.indices.map { index in
            let path = folder("part-\(index).mkv")
            return (path: path, result: try job.run(index, into: path))
        }
        var other = wanted
        other.encoding.options = [("profile", "baseline"), ("bf", "0")]
        let foreign = try VideoJob(other).beginSegments(segments, nil)
        _ = try foreign.run(1, into: folder("foreign.mkv"))
        let right = parts[1].path
        parts[1].path = folder("foreign.mkv")
        let error = #expect(throws: MediaError.self) { try job.join(parts) }
        #expect("\(error!)".contains("encoded in another way"), "\(error!)")
        parts[1].path = right
        parts[1].result.frames.removeLast()
        #expect(throws: MediaError.self) { try job.join(parts) }
        #expect(!folder.names.contains { $0.hasPrefix("out") })
    }

    /// Sixteen seconds, every other two of which take many times the bits of the others.
    private func uneven() -> String {
        let path = folder("uneven.mkv")
        ffmpeg(
            "-f lavfi -i mandelbrot=s=160x96:r=25 -t 16 -vf"
                + " \"noise=alls=25:allf=t:enable='gte(mod(t,4),2)'\""
                + " -c:v libx264 -crf 32 -g 25 -x264-params scenecut=0 -pix_fmt yuv420p '\(path)'")
        return path
    }

    @Test(
        "Scenes of very different bits keep together to a named size, in parts of every encoder",
        arguments: ["libx264", "libx265", "libsvtav1", "libvpx-vp9"],
        [SizePolicy.bytes(200_000), .keep])
    func sizes(encoder: String, size: SizePolicy) throws {
        var wanted = request(uneven(), "out.mp4", encoder)
        wanted.encoding.crf = nil
        wanted.encoding.preset =
            encoder == "libsvtav1" ? "10" : encoder == "libvpx-vp9" ? "8" : "fast"
        wanted.encoding.size = size
        let segments = try VideoJob(wanted).segments(ofAtLeast: 25)
        try #require(segments.count == 16)
        var parts: [(path: String, result: SegmentResult)] = []
        var fit: QualityFit?
        for index in segments.indices {
            // A process of its own each, which knows what was found before.
            let job = try VideoJob(wanted)
            let (count, duration) = (job.frameCount, job.duration)
            job.qualityFit = fit
            let work = try job.beginSegments(segments, nil, isOrdered: true)
            fit = job.qualityFit
            let path = folder("part-\(index).mkv")
            parts.append((path, try work.run(index, into: path, after: parts.map(\.result))))
            // Which part was read makes no difference to what the job says of the whole.
            #expect(job.frameCount == count && job.duration == duration && count == 400)
        }
        #expect((fit == nil) == (encoder == "libvpx-vp9"))
        let job = try VideoJob(wanted).beginSegments(segments, nil, isOrdered: true)
        let result = try job.join(parts)
        let before = try PacketScan(path: wanted.input), after = try PacketScan(path: wanted.output)
        #expect(after.packets == 400 && hashes(wanted.output).count == 400)
        let share =
            size == .keep
            ? Double(after.videoBytes) / Double(before.videoBytes)
            : Double(result.bytesOut) / 200_000
        #expect(share > 0.85 && share <= 1.01, "\(share)")
        // Containers have a few bytes of a frame elsewhere.
        #expect(abs(Int(after.videoBytes) - parts.reduce(0) { $0 + $1.result.bytes }) <= 800)
        #expect(segments.reduce(0) { $0 + $1.bytes } == Int(before.videoBytes))
        #expect(result.warnings.isEmpty == (size == .keep || share <= 1), "\(result.warnings)")
    }

    @Test(
        "Parts that know nothing of each other can be joined, too",
        arguments: ["libx264", "libx265"])
    func unordered(encoder: String) throws {
        var wanted = request(uneven(), "out.mp4", encoder)
        wanted.encoding.crf = nil
        wanted.encoding.preset = "fast"
        wanted.encoding.size = .bytes(90_000)
        let (result, segments) = try joined(wanted, nil, ofAtLeast: 50)
        #expect(segments.count == 8 && result.outcome.framesOut == 400)
        #expect(hashes(wanted.output).count == 400)
    }

    @Test("What becomes larger than somebody named is said to be")
    func excess() throws {
        var wanted = request(source(frames: 30), "out.mkv", "ffv1")
        wanted.encoding.size = .bytes(60_000)
        let result = try VideoJob(wanted).run(nil)
        #expect(result.bytesOut > 60_000)
        #expect(
            result.warnings.contains {
                $0.contains("takes \(result.bytesOut) bytes, more than the 60000 of --size")
            }, "\(result.warnings)")
        let job = try VideoJob(
            {
                var other = wanted
                other.output = folder("other.mkv")
                return other
            }())
        #expect(job.excess(60_000) == nil && job.excess(60_001) != nil)
    }

    @Test("Parts begin at key frames, and none is short")
    func parts() {
        let times = (0..<100).map { Int64($0 * 10) }
        let parts = Segment.parts(
            of: times, keyframes: [0, 130, 200, 215, 500, 980], ofAtLeast: 15)
        #expect(parts.map(\.start) == [nil, 200, 500] && parts.map(\.end) == [200, 500, nil])
        #expect(parts.map(\.keyframes) == [[0, 130], [200], [500, 980]])
        #expect(parts.flatMap(\.times) == times)
        #expect(Segment.parts(of: times, keyframes: [], ofAtLeast: 1).count == 1)
        #expect(Segment.parts(of: [], keyframes: [3], ofAtLeast: 1).map(\.times) == [[]])
    }
}
