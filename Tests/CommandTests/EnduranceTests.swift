// What takes longer than a test should: full disks, broken files, long clips. Short forms run always,
// the long ones with `make soak`.
import Glibc
import Tensors
import TestSupport
import Testing

@Suite("Endurance", .serialized)
struct EnduranceTests {
    /// Runs the program in a shell that first does `preparation`, and returns status and complaints.
    private func run(_ place: Workplace, _ words: String, after preparation: String) -> (
        status: Int32, errors: String
    ) {
        let result = shell(
            "{ \(preparation) && exec '\(place.mwgan.path)' enhance --model '\(place.model)' -q \(words); }"
                + " 2>&1 > /dev/null")
        return (result.status, String(decoding: result.output, as: UTF8.self))
    }

    private func peakMemory(_ place: Workplace, _ clip: String, _ words: [String] = []) throws
        -> Double
    {
        let report = place.folder("report.json"), output = place.folder("memory.mkv")
        let result = try place.mwgan.run(
            ["enhance", "-q", "-y", "--report", report, "-o", output, clip]
                + (words.contains("--model") ? words : ["--model", place.model] + words))
        try #require(result.status == 0, "\(result.errors)")
        let text = String(decoding: readBytes(report), as: UTF8.self)
        let value = text.split(separator: "\"peakMemoryBytes\":").last?
            .drop { $0 == " " }.prefix { $0.isNumber }
        return try #require(value.flatMap { Double($0) })
    }

    @Test("A file that may grow no further is 74, and the old one stays")
    func limits() throws {
        let place = try Workplace()
        let clip = place.clip(frames: isSoaking ? 60 : 20, size: "320x240")
        let old = place.folder.write([1, 2, 3], to: "out.mp4")
        let before = place.folder.names
        // In blocks of 512 bytes: within the header, among the packets, near the end.
        for blocks in isSoaking ? [1, 2, 8, 20, 60, 100, 150, 200] : [1, 40] {
            let result = run(
                place, "-y --crf 10 -o '\(old)' '\(clip)'",
                after: "trap '' XFSZ && ulimit -f \(blocks)")
            #expect(result.status == 74, "\(blocks): \(result.errors)")
            #expect(result.errors.split(separator: "\n").count == 1)
            #expect(place.folder.names == before)
            #expect(readBytes(old) == [1, 2, 3])
        }
    }

    /// Whether this system lets us mount a small disk of our own.
    private static let canMount =
        shell("unshare -rm mount -t tmpfs none /mnt 2> /dev/null").status == 0

    @Test("A full disk is 74 and names what is missing", .enabled(if: canMount))
    func fullDisk() throws {
        let place = try Workplace()
        let clip = place.clip(frames: 60, size: "320x240")
        for (kilobytes, name) in isSoaking
            ? [(4, "o.mp4"), (20, "o.mkv"), (64, "o.mp4"), (100, "f%03d.png"), (100, "o.y4m")]
            : [(20, "o.mp4"), (100, "f%03d.png")]
        {
            let disk = place.folder("disk")
            mkdir(disk, 0o755)
            let left = shell(
                "unshare -rm sh -c \"mount -t tmpfs -o size=\(kilobytes)k none '\(disk)' &&"
                    + " { '\(place.mwgan.path)' enhance --model '\(place.model)' -q --crf 10"
                    + " -o '\(disk)/\(name)' '\(clip)' 2>&1 > /dev/null; echo status=\\$?; ls '\(disk)'; }\""
            )
            let said = String(decoding: left.output, as: UTF8.self)
            #expect(said.contains("status=74\n"), "\(said)")
            #expect(said.hasSuffix("status=74\n"), "left on the disk: \(said)")
            rmdir(disk)
        }
    }

    @Test("Broken input is concealed or refused; it never crashes and never leaves a part")
    func broken() throws {
        let place = try Workplace()
        // The same damage every time, so that a failure can be seen again; the soak test looks for more.
        let seed: UInt64 = isSoaking ? .random(in: 1...1_000_000) : 1
        var random = RandomSource(seed: seed)
        for name in ["a.mp4", "b.mkv", "c.ts", "d.avi"] {
            let codec = name == "d.avi" ? "mpeg4" : "libx264 -g 10 -pix_fmt yuv420p"
            let whole = readBytes(place.clip(name, frames: 20, codec: codec))
            for _ in 0..<(isSoaking ? 50 : 2) {
                var bytes = whole
                for _ in 0..<Int.random(in: 1...40, using: &random) {
                    let at = Int.random(in: 0..<bytes.count, using: &random)
                    bytes[at] = UInt8.random(in: 0...255, using: &random)
                }
                if Bool.random(using: &random) {
                    bytes.removeLast(Int.random(in: 0..<bytes.count / 2, using: &random))
                }
                let clip = place.folder.write(bytes, to: "broken-" + name)
                let result = try place.mwgan.run([
                    "enhance", "--strength", "0", "--lenient", "-q", "-y", clip, "-o",
                    place.folder("out.mkv"),
                ])
                // Kept for whoever looks into a failure.
                let isExpected = [0, 65].contains(result.status)
                if !isExpected { writeBytes(bytes, to: "/tmp/percept-broken-" + name) }
                #expect(isExpected, "seed \(seed), status \(result.status): \(result.errors)")
                #expect(!place.folder.names.contains { $0.hasSuffix(".part") })
            }
        }
    }

    @Test("Memory does not grow with the length of a clip: at most 5 % for ten times as long")
    func memory() throws {
        let place = try Workplace()
        let (size, frames) = isSoaking ? ("426x240", 180) : ("160x128", 50)
        let short = place.clip("short.mp4", frames: frames, size: size)
        let long = place.clip("long.mp4", frames: 10 * frames, size: size)
        // The trial of the size takes other windows of other clips, which shows in small pictures.
        // Random weights add noise, whose bits make the encoder's own buffers grow for a while.
        let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        let words =
            isSoaking ? ["--model", root + "/models/live.safetensors"] : ["--crf", "30"]
        let peaks = try [short, long].map { try peakMemory(place, $0, words) }
        #expect(peaks[1] <= 1.05 * peaks[0], "\(peaks)")
    }

    @Test("1080p fits in 1.5 GB")
    func fullHD() throws {
        let place = try Workplace()
        let clip = place.clip("hd.mp4", frames: isSoaking ? 100 : 6, size: "1920x1080")
        let peak = try peakMemory(place, clip)
        #expect(peak <= 1.5e9, "\(peak)")
        #expect(peak > 1e7)
    }

    @Test("1080p of 10 bits fits in 1.5 GB")
    func deepFullHD() throws {
        let place = try Workplace()
        let clip = place.clip(
            "hd.mp4", frames: isSoaking ? 100 : 24, size: "1920x1080",
            codec: "libx265 -preset ultrafast -x265-params log-level=error -pix_fmt yuv420p10le")
        let peak = try peakMemory(place, clip)
        #expect(peak <= 1.5e9, "\(peak)")
    }
}
