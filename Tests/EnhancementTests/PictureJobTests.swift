// Pictures from file to file: turned upright, with everything that they carry.
import Media
import TestSupport
import Testing

@testable import Enhancement

@Suite("Pictures as jobs")
struct PictureJobTests {
    private let folder = TemporaryFolder()
    private let icc = (0..<3000).map { UInt8(truncatingIfNeeded: $0 * 37) }
    private let xmp = Array("<x tiff:Orientation=\"6\" dc:title=\"Märchen\"/>".utf8)

    /// EXIF with an orientation and a camera's name behind it.
    private func exif(_ orientation: UInt8) -> [UInt8] {
        Array("II".utf8) + [42, 0, 8, 0, 0, 0, 2, 0]
            + [0x0F, 0x01, 2, 0, 4, 0, 0, 0] + Array("Cam\0".utf8)
            + [0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0] + [0, 0, 0, 0]
    }

    /// A picture of 48x32 whose samples are stored turned.
    private func picture(_ name: String, _ orientation: UInt8) throws -> String {
        let plain = folder("plain.png")
        ffmpeg("-f lavfi -i testsrc2=s=48x32 -frames:v 1 -pix_fmt rgb24 '\(plain)'")
        let frame = try #require(try StillReader(path: plain).next())
        let isPNG = name.hasSuffix("png")
        let writer = try StillWriter(
            path: folder(name),
            metadata: StillMetadata(
                exif: exif(orientation), icc: isPNG ? nil : icc, xmp: xmp),
            overwrite: .replace)
        try writer.write(frame)
        try writer.finish()
        return folder(name)
    }

    @Test(
        "Every orientation is turned upright and its tag reset; profile and texts are carried",
        arguments: 1...8, ["photo.jpg", "photo.png"])
    func carried(_ orientation: Int, _ name: String) throws {
        let input = try picture(name, UInt8(orientation)), output = folder("out-" + name)
        let shown = try #require(try StillReader(path: input).next()).upright()
        _ = try VideoJob(VideoJobRequest(input: input, output: output)).run(nil)
        let written = try StillReader(path: output)
        #expect(written.metadata.exif == exif(1))
        #expect(written.metadata.icc == (name.hasSuffix("png") ? nil : icc))
        #expect(
            written.metadata.xmp.map { String(decoding: $0, as: UTF8.self) }
                == "<x tiff:Orientation=\"1\" dc:title=\"Märchen\"/>")
        let frame = try #require(try written.next())
        #expect(frame.rotation == 0 && !frame.isMirrored)
        #expect(frame.width == (orientation < 5 ? 48 : 32))
        let now = frame.upright()
        let largest = zip(now.pixels, shown.pixels).map { abs(Int($0) - Int($1)) }.max()
        // PNG is exact; JPEG is coded once more.
        #expect(now.width == shown.width && largest! <= (name.hasSuffix("png") ? 0 : 60))
    }

    @Test("A JPEG of four inks is refused with 65, and what would do is named")
    func inks() throws {
        let plain = folder("plain.jpg")
        ffmpeg("-f lavfi -i testsrc2=s=32x32 -frames:v 1 -pix_fmt yuvj444p '\(plain)'")
        var bytes = readBytes(plain)
        // A fourth component in the frame header (ITU-T T.81, B.2.2): its length, count and entry.
        let header = bytes.indices.dropLast(1).first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 }!
        bytes[header + 3] += 3
        #expect(bytes[header + 9] == 3)
        bytes[header + 9] = 4
        bytes.insert(contentsOf: [9, 0x11, 0], at: header + 19)
        let path = folder.write(bytes, to: "inks.jpg")
        let error = #expect(throws: MediaError.self) {
            _ = try VideoJob(VideoJobRequest(input: path, output: folder("out.jpg")))
        }
        #expect(error?.exitCode == 65)
        #expect("\(error!)".contains("CMYK") && "\(error!)".contains("RGB"))
    }
}
