// Whole files are whole, cut files are cut, whatever the container.
import Media
import TestSupport
import Testing

@Suite(.serialized) struct PacketScanTests {
    let folder = TemporaryFolder()
    static let inputs = "-f lavfi -i testsrc2=s=128x96:r=25:d=3 -f lavfi -i sine=d=3.4"

    @Test(
        "Whole files of every container pass",
        arguments: [
            "-c:v libx264 -bf 3 -c:a aac a.mp4", "-c:v libx264 -bf 3 -c:a aac a.mkv",
            "-c:v libx264 -c:a aac a.mov", "-c:v mpeg4 -bf 2 -c:a mp3 a.avi",
            "-c:v libvpx-vp9 -deadline realtime -c:a libopus a.webm", "-c:v libx264 -c:a aac a.ts",
            "-c:v libx264 -c:a aac a.flv", "-c:v mpeg2video -c:a mp2 a.mpg",
            "-c:v wmv2 -c:a wmav2 a.wmv",
            "-c:v libx264 -an a.264",
            "-c:v libx264 -c:a aac -movflags frag_keyframe+empty_moov a.mp4",
            "-c:v libx264 -c:a aac -ss 0.5 a.mp4", "-an -c:v ffv1 -t 1 a.nut",
            "-an -c:v gif -t 1 a.gif",
        ])
    func whole(_ output: String) throws {
        let words = output.split(separator: " ")
        let path = folder(String(words.last!))
        ffmpeg("\(Self.inputs) \(words.dropLast().joined(separator: " ")) '\(path)'")
        let scan = try PacketScan(path: path)
        #expect(scan.truncation == nil)
        #expect(scan.packets > 20)
        #expect(scan.isComplete)
        #expect((scan.videoBitRate ?? 0) > 1000)
    }

    @Test("Files cut by copying, with edit lists and variable rate, pass")
    func edited() throws {
        ffmpeg("\(Self.inputs) -c:v libx264 -g 25 -bf 3 -c:a aac '\(folder("a.mp4"))'")
        ffmpeg("-ss 1.3 -i '\(folder("a.mp4"))' -c copy '\(folder("b.mp4"))'")
        ffmpeg("-ss 1.3 -t 1 -i '\(folder("a.mp4"))' -c copy '\(folder("c.mov"))'")
        ffmpeg(
            "-i '\(folder("a.mp4"))' -vf \"select='lt(random(0),.4)'\" -fps_mode vfr '\(folder("d.mkv"))'"
        )
        for name in ["b.mp4", "c.mov", "d.mkv"] {
            #expect(try PacketScan(path: folder(name)).truncation == nil, "\(name)")
        }
    }

    @Test(
        "A file cut anywhere is found out, and told how much of it can be read",
        arguments: [
            "-c:v libx264 -bf 3 -c:a aac -movflags +faststart a.mp4",
            "-c:v libx264 -bf 3 -c:a aac a.mkv",
            "-c:v mpeg4 -c:a mp3 a.avi", "-c:v libvpx-vp9 -deadline realtime -c:a libopus a.webm",
        ])
    func cut(_ output: String) throws {
        let words = output.split(separator: " ")
        let path = folder(String(words.last!))
        ffmpeg("\(Self.inputs) \(words.dropLast().joined(separator: " ")) '\(path)'")
        let bytes = readBytes(path)
        for part in [30, 45, 60, 75, 85, 92] {
            let short = folder("short\(part)." + path.split(separator: ".").last!)
            writeBytes(bytes[..<(bytes.count * part / 100)], to: short)
            let scan = try PacketScan(path: short)
            #expect(scan.truncation != nil, "cut at \(part) %")
            #expect(scan.readableSeconds < 3.05)
            #expect(throws: MediaError.self) { try scan.check() }
        }
    }
}
