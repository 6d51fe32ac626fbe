// Decoding loses nothing: samples, number of frames, times, and what the decoder tells.
import Media
import TestSupport
import Testing

@Suite(.serialized) struct VideoReaderTests {
    let folder = TemporaryFolder()

    /// The decoder's samples as ffmpeg itself gives them, in the pixel format `name`.
    private func reference(_ path: String, _ name: String) -> [UInt8] {
        ffmpeg("-i 'file:\(path)' -map 0:v:0 -fps_mode passthrough -f rawvideo -pix_fmt \(name) -")
    }

    @Test(
        "Kept formats come out bit for bit, every frame of them",
        arguments: [
            "yuv420p", "yuv422p", "yuv444p", "gray", "yuv420p10le", "yuv422p10le", "yuv444p10le",
            "yuv420p12le", "yuv422p12le", "yuv444p12le", "gray10le", "gray12le", "gbrp",
            "gbrp10le", "gbrp12le", "gbrap", "yuva420p", "yuva422p", "yuva444p", "yuva444p10le",
        ])
    func keptFormats(_ name: String) throws {
        let path = folder("kept.mkv")
        // FFV1 holds 8-bit RGB packed; Ut Video holds it planar.
        let codec = name == "gbrp" || name == "gbrap" ? "utvideo" : "ffv1"
        ffmpeg("-f lavfi -i testsrc2=s=70x46:r=25:d=0.4 -pix_fmt \(name) -c:v \(codec) '\(path)'")
        let reader = try VideoReader(path: path)
        let frames = try allFrames(reader)
        #expect(frames.count == 10)
        #expect(reader.conversion == nil)
        #expect(firstDifference(frames.flatMap(rawBytes), reference(path, name)) == nil)
    }

    @Test(
        "Other formats become the nearest kept one without losing a code value, and it is said",
        arguments: [
            ("nv12", "yuv420p"), ("yuyv422", "yuv422p"), ("uyvy422", "yuv422p"), ("rgb24", "gbrp"),
            ("bgr24", "gbrp"), ("rgba", "gbrap"), ("bgra", "gbrap"), ("rgb48le", "gbrp12le"),
            ("gbrp9le", "gbrp10le"), ("0rgb", "gbrp"), ("yuv440p", "yuv444p"),
        ])
    func otherFormats(_ name: String, _ kept: String) throws {
        let path = folder("other.nut")
        ffmpeg(
            "-f lavfi -i testsrc2=s=70x46:r=25:d=0.2 -pix_fmt \(name) -c:v rawvideo '\(path)'")
        let reader = try VideoReader(path: path)
        let frames = try allFrames(reader)
        #expect(frames.count == 5)
        #expect(reader.conversion?.hasPrefix(name) == true)
        #expect(reader.format.name == kept)
        let isExact = !["rgb48le", "gbrp9le", "yuv440p"].contains(name)
        if isExact {
            #expect(firstDifference(frames.flatMap(rawBytes), reference(path, kept)) == nil)
        }
    }

    @Test(
        "Containers, B-frames and codecs give every frame with its exact time",
        arguments: [
            "-c:v libx264 -bf 3 -g 20 a.mp4", "-c:v libx264 -bf 3 a.mkv", "-c:v libx265 a.mp4",
            "-c:v mpeg4 -bf 2 a.avi", "-c:v mpeg2video -bf 2 a.mpg", "-c:v libx264 a.ts",
            "-c:v libx264 a.flv", "-c:v libvpx-vp9 -deadline realtime a.webm", "-c:v libx264 a.mov",
            "-c:v libx264 -bf 2 a.264", "-c:v mjpeg a.avi", "-c:v libsvtav1 -preset 10 a.mkv",
            "-c:v wmv2 a.wmv", "-c:v ffv1 a.nut",
        ])
    func containers(_ output: String) throws {
        let arguments = output.split(separator: " ").dropLast().joined(separator: " ")
        let path = folder(String(output.split(separator: " ").last!))
        ffmpeg(
            "-f lavfi -i testsrc2=s=128x96:r=25:d=2 \(arguments) -pix_fmt "
                + (output.contains("mjpeg") ? "yuvj420p" : "yuv420p") + " '\(path)'")
        let reader = try VideoReader(path: path)
        let frames = try allFrames(reader)
        #expect(frames.count == 50)
        let kind = output.contains("mjpeg") ? "yuvj420p" : "yuv420p"
        #expect(firstDifference(frames.flatMap(rawBytes), reference(path, kind)) == nil)
        let times = frames.map(\.timestamp)
        #expect(zip(times, times.dropFirst()).allSatisfy(<))
        let probed = probedTimestamps(path)
        if probed.count == 50 { #expect(times == probed) }
        #expect(reader.concealedCount == 0)
    }

    @Test("Variable frame rate keeps every timestamp")
    func variableRate() throws {
        let path = folder("vfr.mkv")
        ffmpeg(
            "-f lavfi -i testsrc2=s=64x64:r=30:d=3 -vf \"select='not(mod(n,7))+lt(random(0),.4)'\""
                + " -fps_mode vfr -c:v libx264 -bf 2 '\(path)'")
        let frames = try allFrames(VideoReader(path: path))
        #expect(frames.count > 20)
        #expect(frames.map(\.timestamp) == probedTimestamps(path))
        let gaps = Set(zip(frames, frames.dropFirst()).map { $1.timestamp - $0.timestamp })
        #expect(gaps.count > 2)
    }

    @Test(
        "Quantisers come out as the encoder was told",
        arguments: [
            ("-c:v mpeg4 -qscale:v 5 -bf 0", "avi", Float(5), Float(10)),
            ("-c:v mpeg2video -qscale:v 6 -bf 0", "mpg", 6, 12),
            ("-c:v libx264 -qp 28 -aq-mode 0 -x264-params ipratio=1:pbratio=1", "mp4", 28, 16),
            (
                "-c:v libx264 -pix_fmt yuv420p10le -qp 40 -aq-mode 0 -x264-params ipratio=1:pbratio=1",
                "mkv", 28, 16
            ),
        ])
    func quantisers(_ arguments: String, _ ext: String, _ value: Float, _ step: Float) throws {
        let path = folder("q." + ext)
        ffmpeg(
            "-f lavfi -i testsrc2=s=128x96:r=25:d=0.4,noise=alls=20:allf=t \(arguments) '\(path)'")
        // x264 counts the offset of deep samples in: its 40 at 10 bits is the standard's 28.
        let frames = try allFrames(VideoReader(path: path))
        // FFmpeg's MPEG-2 decoder exports nothing with the frame that it holds until the end.
        for frame in frames.dropLast(ext == "mpg" ? 1 : 0) {
            let map = try #require(frame.quantisers)
            #expect(map.columns == 8 && map.rows == 6)
            let sorted = map.values.sorted()
            #expect(sorted[sorted.count / 2] == value)
            let steps = map.lumaSteps.sorted()
            #expect(abs(steps[steps.count / 2] - step) < 0.01)
        }
        #expect(frames[0].pictureType == .intra)
    }

    @Test(
        "Where decoders export no quantisers, the coded headers say them, in every container",
        arguments: [
            (
                "-c:v libx265 -preset ultrafast -x265-params qp=30:aq-mode=0:ipratio=1:pbratio=1",
                "mp4", 30.0, 20.16
            ),
            (
                "-c:v libx265 -preset ultrafast -x265-params qp=36:aq-mode=0:ipratio=1:pbratio=1",
                "ts", 36, 40.32
            ),
            (
                "-pix_fmt yuv420p10le -c:v libx265 -x265-params qp=30:aq-mode=0:ipratio=1:pbratio=1",
                "mkv", 30, 20.16
            ),
            ("-c:v mjpeg -qscale:v 5 -huffman default", "avi", 20.3, 20.3),
        ])
    func declaredQuantisers(
        _ arguments: String, _ ext: String, _ value: Double, _ step: Double
    ) throws {
        let path = folder("declared." + ext)
        ffmpeg("-f lavfi -i testsrc2=s=128x96:r=25:d=0.6 \(arguments) '\(path)'")
        let frames = try allFrames(VideoReader(path: path))
        #expect(frames.count == 15)
        for frame in frames {
            let map = try #require(frame.quantisers)
            #expect(abs(Double(map.values[0]) - value) < 0.5, "\(map.values)")
            #expect(abs(Double(map.lumaSteps[0]) / step - 1) < 0.1, "\(map.lumaSteps)")
            #expect((frame.codedBytes ?? 0) > 0)
        }
    }

    @Test("VP9 says its quantiser for each frame, and for each block where segments differ")
    func vp9Quantisers() throws {
        func frames(_ name: String, _ arguments: String) throws -> [Frame] {
            let path = folder(name)
            ffmpeg(
                "-f lavfi -i mandelbrot=s=256x192:r=25:start_scale=0.4 -t 0.6 -c:v libvpx-vp9"
                    + " -deadline good -cpu-used 4 -pix_fmt yuv420p \(arguments) '\(path)'")
            return try allFrames(VideoReader(path: path))
        }
        // libvpx's own scale of 0 to 63 maps to the standard's 0 to 255: 40 is 160, 20 is 80.
        for (told, index) in [(20, Float(80)), (40, 160)] {
            let all = try frames("q\(told).webm", "-b:v 0 -crf \(told) -qmin \(told) -qmax \(told)")
            #expect(all.count == 15)
            for frame in all {
                let map = try #require(frame.quantisers)
                #expect(map.values.allSatisfy { $0 == index }, "\(map.values[0])")
                // 8.6.1's table says 87 and 305; the transform's scale is 8.
                #expect(map.lumaSteps[0] == (told == 20 ? 87.0 / 8 : 305.0 / 8))
            }
        }
        // Adaptive quantisation by complexity makes segments.
        let adaptive = try frames("aq.webm", "-b:v 60k -aq-mode 2 -tune-content default")
        let maps = adaptive.compactMap(\.quantisers)
        #expect(maps.count == 15)
        #expect(maps.contains { Set($0.values).count > 1 })
        for map in maps where map.values.count > 1 {
            #expect(map.columns == 32 && map.rows == 24)
        }
    }

    @Test("AV1 headers say a quantiser that grows with the constant quality asked for")
    func av1Quantisers() throws {
        let steps = try [20, 50].map { crf in
            let path = folder("declared\(crf).mkv")
            ffmpeg(
                "-f lavfi -i testsrc2=s=128x96:r=25:d=0.4 -c:v libsvtav1 -preset 10 -crf \(crf)"
                    + " '\(path)'")
            let frames = try allFrames(VideoReader(path: path))
            return try frames.map { try #require($0.quantisers).lumaSteps[0] }.max()!
        }
        #expect(steps[0] > 1 && steps[1] > 2 * steps[0], "\(steps)")
    }

    @Test("After a seek each frame still has the quantiser and the bytes of its own packet")
    func factsAfterSeek() throws {
        let path = folder("facts.mp4")
        ffmpeg(
            "-f lavfi -i testsrc2=s=128x96:r=25:d=3 -c:v libx265 -preset ultrafast -g 25 '\(path)'")
        let whole = try allFrames(VideoReader(path: path))
        let sizes = ffprobe(path, ["-select_streams", "v:0", "-show_entries", "packet=size"])
            .compactMap { $0.split(separator: ",").first.flatMap { Int($0) } }
        #expect(whole.compactMap(\.codedBytes).reduce(0, +) == sizes.reduce(0, +))
        let reader = try VideoReader(path: path)
        try reader.read(from: 1.2, to: 2)
        let part = try allFrames(reader)
        #expect(part.count == 20)
        for frame in part {
            let same = try #require(whole.first { $0.timestamp == frame.timestamp })
            #expect(frame.codedBytes == same.codedBytes)
            #expect(frame.quantisers?.values == same.quantisers?.values)
        }
    }

    @Test(
        "A part is cut exactly at its times, far from key frames, with its neighbours on request",
        arguments: ["mp4", "mkv", "avi", "ts", "mpg", "264", "webm"])
    func parts(_ ext: String) throws {
        let path = folder("part." + ext)
        let codecs = [
            "avi": "mpeg4", "mpg": "mpeg2video -bf 2", "webm": "libvpx-vp9 -deadline realtime",
        ]
        let codec = codecs[ext] ?? "libx264 -bf 2"
        ffmpeg(
            "-f lavfi -i testsrc2=s=96x64:r=25:d=4 -c:v \(codec) -g 60 -pix_fmt yuv420p '\(path)'")
        let whole = try allFrames(VideoReader(path: path))
        #expect(whole.count == 100)
        let reader = try VideoReader(path: path)
        try reader.read(from: 1, to: 2, context: 2)
        let part = try allFrames(reader)
        let inside = part.filter(reader.isInsideWindow)
        #expect(part.count == 29)
        #expect(inside.count == 25)
        #expect(
            firstDifference(inside.flatMap(rawBytes), whole[25..<50].flatMap(rawBytes)) == nil)
    }

    @Test(
        "Streams without an index are entered near the part, not at their beginning",
        arguments: [
            ("ts", "libx264 -bf 3 -g 48"), ("ts", "libx264 -bf 3 -g 48 -x264-params open-gop=1"),
            ("ts", "mpeg2video -bf 2 -g 15"), ("mpg", "mpeg2video -bf 2 -g 15"),
            ("ts", "libx265 -preset ultrafast -x265-params log-level=none:keyint=50"),
        ])
    func parting(_ ext: String, _ codec: String) throws {
        let path = folder("long." + ext)
        ffmpeg(
            "-f lavfi -i testsrc2=s=96x64:r=25:d=40 -f lavfi -i sine=d=40 -c:v \(codec)"
                + " -pix_fmt yuv420p -c:a mp2 '\(path)'")
        let whole = try allFrames(VideoReader(path: path))
        #expect(whole.count == 1000)
        let reader = try VideoReader(path: path)
        try reader.read(from: 32, to: 34, context: 1)
        let part = try allFrames(reader)
        #expect(part.count == 52)
        let first = try #require(whole.firstIndex { $0.timestamp == part.first?.timestamp })
        #expect(
            firstDifference(
                part.flatMap(rawBytes), whole[first..<min(first + 52, 1000)].flatMap(rawBytes))
                == nil)
        #expect(part.map(\.timestamp) == whole[first..<(first + 52)].map(\.timestamp))
        #expect(reader.concealedCount == 0)
        #expect(reader.decodedPackets < 300, "\(reader.decodedPackets)")
    }

    @Test("Where the clock of a transport stream jumps back, a part is still found from the start")
    func jumpingClock() throws {
        let path = folder("joined.ts")
        for (name, offset) in [("a", 50), ("b", 0)] {
            ffmpeg(
                "-f lavfi -i testsrc2=s=96x64:r=25:d=4 -c:v libx264 -g 25 -pix_fmt yuv420p"
                    + " -output_ts_offset \(offset) '\(folder(name + ".ts"))'")
        }
        writeBytes(readBytes(folder("a.ts")) + readBytes(folder("b.ts")), to: path)
        let whole = try allFrames(VideoReader(path: path))
        let reader = try VideoReader(path: path)
        try reader.read(from: 2, to: 3)
        let part = try allFrames(reader)
        #expect(part.count == 25)
        #expect(
            firstDifference(part.flatMap(rawBytes), whole[50..<75].flatMap(rawBytes)) == nil)
        #expect(reader.decodedPackets > 60)
    }

    @Test(
        "A presentation time that is damaged moves its own frame by a frame at most, and no other")
    func tornTime() throws {
        let path = folder("sound.ts"), torn = folder("torn.ts")
        ffmpeg(
            "-f lavfi -i testsrc2=s=96x64:r=25:d=2 -c:v libx264 -bf 2 -g 25 -pix_fmt yuv420p '\(path)'"
        )
        var bytes = readBytes(path)
        // Headers of video packets with two times: the first of them begins with 0011.
        let headers = bytes.indices.dropLast(13).filter {
            Array(bytes[$0..<$0 + 4]) == [0, 0, 1, 0xe0] && bytes[$0 + 7] & 0xc0 == 0xc0
        }
        try #require(headers.count > 10)
        bytes[headers[7] + 9] ^= 0b1000
        writeBytes(bytes, to: torn)
        let before = try allFrames(VideoReader(path: path)).map(\.timestamp)
        let after = try allFrames(VideoReader(path: torn)).map(\.timestamp)
        #expect(after.count == before.count)
        let moved = zip(before, after).filter { $0 != $1 }
        #expect(moved.count <= 1)
        #expect(moved.allSatisfy { abs($0 - $1) <= 3600 })
        #expect(zip(after, after.dropFirst()).allSatisfy(<))
    }

    @Test("Damaged data is concealed and counted, or refused when strict")
    func damage() throws {
        let path = folder("damage.avi")
        ffmpeg("-f lavfi -i testsrc2=s=128x96:r=25:d=2 -c:v mpeg4 -qscale:v 2 '\(path)'")
        var bytes = readBytes(path)
        for at in stride(from: bytes.count / 3, to: bytes.count / 2, by: 997) { bytes[at] ^= 0x55 }
        let broken = folder("broken.avi")
        writeBytes(bytes, to: broken)
        let reader = try VideoReader(path: broken)
        let frames = try allFrames(reader)
        #expect(frames.count > 40)
        #expect(reader.concealedCount > 0)
        #expect(frames.contains { $0.isConcealed })
        #expect(throws: MediaError.self) {
            _ = try allFrames(VideoReader(path: broken, options: ReadOptions(isStrict: true)))
        }
    }

    @Test("Rotation, colour and sample aspect ratio reach the frame")
    func description() throws {
        let path = folder("turned.mp4")
        ffmpeg(
            "-f lavfi -i testsrc2=s=96x64:r=25:d=0.2,setsar=4/3 -c:v libx264 -pix_fmt yuv420p"
                + " -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc -color_range tv"
                + " '\(folder("flat.mp4"))'")
        ffmpeg("-i '\(folder("flat.mp4"))' -c copy -metadata:s:v:0 rotate=90 '\(path)'")
        let reader = try VideoReader(path: path)
        let frame = try #require(try reader.next())
        #expect(frame.rotation == reader.stream.video?.rotation)
        #expect(frame.rotation == 90 || frame.rotation == 270)
        #expect(!frame.isMirrored)
        #expect(
            frame.colour.primaries == 9 && frame.colour.transfer == 16 && frame.colour.matrix == 9)
        #expect(frame.colour.isFullRange == false)
        #expect(frame.sampleAspectRatio == Rational(4, 3))
        let shown = frame.upright()
        #expect(shown.width == 64 && shown.height == 128)
    }
}
