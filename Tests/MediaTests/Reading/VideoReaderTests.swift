// Decoding loses nothing: samples, number of frames, times, and what the decoder tells.
import Media
import TestSupport
import Testing

@Suite struct VideoReaderTests {
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
        ffmpeg("-f lavfi -i testsrc2=s=70x46:r=25:d=0.4 -pix_fmt \(name) -c:v ffv1 '\(path)'")
        let reader = try VideoReader(path: path)
        let frames = try allFrames(reader)
        #expect(frames.count == 10)
        #expect(reader.conversion == nil)
        #expect(frames.flatMap(rawBytes) == reference(path, name))
    }

    @Test(
        "Other formats become the nearest kept one without losing a code value, and it is said",
        arguments: [
            ("nv12", "yuv420p"), ("yuyv422", "yuv422p"), ("uyvy422", "yuv422p"), ("rgb24", "gbrp"),
            ("bgr24", "gbrp"), ("rgba", "gbrap"), ("bgra", "gbrap"), ("rgb48le", "gbrp12le"),
            ("p010le", "yuv420p10le"), ("p210le", "yuv422p10le"), ("y210le", "yuv422p10le"),
            ("nv16", "yuv422p"), ("gbrp9le", "gbrp10le"), ("0rgb", "gbrp"),
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
        let isExact = !["rgb48le", "gbrp9le"].contains(name)
        if isExact { #expect(frames.flatMap(rawBytes) == reference(path, kept)) }
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
        #expect(frames.flatMap(rawBytes) == reference(path, "yuv420p"))
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
}
