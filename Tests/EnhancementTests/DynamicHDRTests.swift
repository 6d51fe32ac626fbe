// Records that tell a display how to change the old picture, scene by scene: not for the new one.
import Media
import TestSupport
import Testing

@testable import Enhancement

@Suite("Dolby Vision and HDR10+", .serialized)
struct DynamicHDRTests {
    private let folder = TemporaryFolder()

    private func clip(_ name: String) -> String {
        let path = folder(name)
        ffmpeg(
            "-f lavfi -i testsrc2=s=96x64:r=25:d=0.4 -pix_fmt yuv420p10le -c:v libx265"
                + " -preset ultrafast -x265-params log-level=none -tag:v hvc1 '\(path)'")
        return path
    }

    /// An MP4 whose HEVC sample entry also has a Dolby Vision configuration (ETSI GS CCM 001, 3.2).
    private func dolbyVision(profile: UInt8, compatibility: UInt8) -> String {
        var bytes = readBytes(clip("plain.mp4"))
        var record: [UInt8] = [1, 0, profile << 1, 1 << 3 | 0b101, compatibility << 4]
        record += [UInt8](repeating: 0, count: 19)
        let box = [0, 0, 0, UInt8(record.count + 8)] + Array("dvcC".utf8) + record
        // The index lies behind the samples, so nothing that it points to moves.
        let parents = ["moov", "trak", "mdia", "minf", "stbl", "stsd", "hvc1"]
        var last = 0
        for parent in parents {
            let name = Array(parent.utf8)
            let at = (last..<(bytes.count - 4)).first { Array(bytes[$0..<$0 + 4]) == name }!
            let size = (0..<4).reduce(0) { $0 << 8 | Int(bytes[at - 4 + $1]) } + box.count
            for index in 0..<4 {
                bytes[at - 4 + index] = UInt8(truncatingIfNeeded: size >> (24 - 8 * index))
            }
            last = at
        }
        let end = last - 4 + (0..<4).reduce(0) { $0 << 8 | Int(bytes[last - 4 + $1]) } - box.count
        bytes.insert(contentsOf: box, at: end)
        return folder.write(bytes, to: "dolby\(profile).mp4")
    }

    /// An HEVC stream with HDR10+ (ST 2094-40) before its first picture.
    private func hdr10Plus() -> String {
        ffmpeg(
            "-i '\(clip("plain.mp4"))' -c copy -bsf:v hevc_mp4toannexb '\(folder("plain.hevc"))'")
        let bytes = readBytes(folder("plain.hevc"))
        var bits: [UInt8] = []
        func put(_ value: Int, _ count: Int) {
            for shift in (0..<count).reversed() { bits.append(UInt8(value >> shift & 1)) }
        }
        // One window, no target curves: itu_t_t35 of the United States, provider 60, application 4.
        for (value, count) in [(0xB5, 8), (0x3C, 16), (1, 16), (4, 8), (1, 8), (1, 2)] {
            put(value, count)
        }
        for (value, count) in [(400, 27), (0, 1), (1000, 17), (1000, 17), (1000, 17), (500, 17)] {
            put(value, count)
        }
        for (value, count) in [(0, 4), (10, 10), (0, 1), (0, 1), (0, 1)] { put(value, count) }
        while bits.count % 8 != 0 { bits.append(0) }
        let payload = stride(from: 0, to: bits.count, by: 8).map { start in
            bits[start..<start + 8].reduce(UInt8(0)) { $0 << 1 | $1 }
        }
        // Zeros in a row are escaped in a NAL unit (H.265, 7.3.1.1).
        var escaped: [UInt8] = []
        var zeros = 0
        for byte in [4, UInt8(payload.count)] + payload + [0x80] {
            if zeros == 2, byte <= 3 {
                escaped.append(3)
                zeros = 0
            }
            escaped.append(byte)
            zeros = byte == 0 ? zeros + 1 : 0
        }
        // Prefix SEI is NAL type 39; the first slice of an IDR or CRA picture is 19, 20 or 21.
        let sei: [UInt8] = [0, 0, 0, 1, 39 << 1, 1] + escaped
        let slice = (0..<(bytes.count - 4)).first { at in
            bytes[at] == 0 && bytes[at + 1] == 0 && bytes[at + 2] == 1
                && (19...21).contains(bytes[at + 3] >> 1)
        }!
        let start = slice > 0 && bytes[slice - 1] == 0 ? slice - 1 : slice
        return folder.write(Array(bytes[..<start] + sei + bytes[start...]), to: "plus.hevc")
    }

    @Test("Profile 8 plays without its records: they are removed and it is said")
    func profile8() throws {
        let input = dolbyVision(profile: 8, compatibility: 1), output = folder("out.mp4")
        #expect(try VideoReader(path: input).hdr.dolbyVisionProfile == 8)
        let result = try VideoJob(VideoJobRequest(input: input, output: output)).run(nil)
        #expect(result.warnings.filter { $0.contains("Dolby Vision (profile 8)") }.count == 1)
        #expect(try VideoReader(path: output).hdr.dolbyVisionProfile == nil)
        let bytes = readBytes(output)
        let name = Array("dvcC".utf8)
        #expect(!bytes.indices.dropLast(4).contains { Array(bytes[$0..<$0 + 4]) == name })
    }

    @Test("Profile 5 is refused with 65 and leaves nothing")
    func profile5() throws {
        let input = dolbyVision(profile: 5, compatibility: 0), output = folder("out.mp4")
        #expect(try VideoReader(path: input).hdr.dolbyVisionProfile == 5)
        let before = folder.names
        let job = try VideoJob(VideoJobRequest(input: input, output: output))
        let error = #expect(throws: MediaError.self) { _ = try job.run(nil) }
        #expect(error?.exitCode == 65 && "\(error!)".contains("profile 5"))
        #expect(folder.names == before)
    }

    @Test("HDR10+ is removed and it is said")
    func plus() throws {
        let input = hdr10Plus(), output = folder("out.mkv")
        #expect(try VideoReader(path: input).hdr.hasHDR10Plus)
        let result = try VideoJob(VideoJobRequest(input: input, output: output)).run(nil)
        #expect(result.warnings.filter { $0.contains("HDR10+") }.count == 1)
        #expect(try !VideoReader(path: output).hdr.hasHDR10Plus)
    }
}
