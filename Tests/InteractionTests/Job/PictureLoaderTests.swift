import Media
import TestSupport
import Testing

@testable import Interaction

@Suite("Loading pictures", .serialized)
struct PictureLoaderTests {
    private let folder = TemporaryFolder()

    private func load(
        _ path: String, _ frames: FrameChoice = .automatic, isLenient: Bool = false
    ) throws -> [LoadedPicture] {
        var options = PictureFeed.Options()
        (options.frames, options.keepsPixels) = (frames, true)
        options.reading.isLenient = isLenient
        var pictures: [LoadedPicture] = []
        try PictureLoader(path, options).load { pictures.append($0) }
        return pictures
    }

    /// The left half red and the right half blue, 64 x 32.
    private let halves =
        "-f lavfi -i color=red:s=32x32:r=25 -f lavfi -i color=blue:s=32x32:r=25 "
        + "-filter_complex hstack"

    private func isRed(_ picture: LoadedPicture, _ x: Int, _ y: Int) -> Bool {
        let pixel = picture.pixels![x, y]
        return pixel.red > 150 && pixel.blue < 100
    }

    /// EXIF that says how a JPEG is turned, behind its first marker.
    private func turned(_ jpeg: [UInt8], _ orientation: UInt8) -> [UInt8] {
        let tiff: [UInt8] =
            [0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0]
            + [orientation, 0, 0, 0, 0, 0, 0]
        let body = Array("Exif\0\0".utf8) + tiff
        return Array(jpeg[..<2]) + [0xFF, 0xE1, 0, UInt8(body.count + 2)] + body + jpeg[2...]
    }

    @Test("A JPEG that was taken sideways is looked at upright")
    func rotatedJPEG() throws {
        ffmpeg("\(halves) -frames:v 1 '\(folder("flat.jpg"))'")
        let path = folder.write(turned(readBytes(folder("flat.jpg")), 6), to: "turned.jpg")
        let picture = try #require(try load(path).first)
        #expect(picture.width == 32 && picture.height == 64 && picture.time == nil)
        #expect(isRed(picture, 16, 8) && !isRed(picture, 16, 56))
    }

    @Test(
        "A large JPEG is read as small as the detector needs, at its own size for others",
        arguments: ["yuvj420p", "yuvj444p", "gray", "yuvj440p"], [UInt8(1), 6])
    func largeJPEG(format: String, orientation: UInt8) throws {
        ffmpeg(
            "-f lavfi -i testsrc2=s=1300x700 -frames:v 1 -q:v 1 -pix_fmt \(format) "
                + "'\(folder("flat.jpg"))'")
        let path = folder.write(turned(readBytes(folder("flat.jpg")), orientation), to: "t.jpg")
        let eye = DetectorEye(side: 160, input: .plain)
        var options = PictureFeed.Options()
        options.eye = eye
        func load() throws -> LoadedPicture {
            var pictures: [LoadedPicture] = []
            try PictureLoader(path, options).load { pictures.append($0) }
            return try #require(pictures.first)
        }
        let small = try load()
        let size = orientation == 1 ? (1300, 700) : (700, 1300)
        #expect((small.width, small.height) == size && small.pixels == nil)
        options.keepsPixels = true
        let drawn = try load()
        #expect(drawn.pixels?.width == size.0 && drawn.pixels?.height == size.1)
        #expect(drawn.view!.tensor == small.view!.tensor)
        // The same picture: means over its pixels are near to those of a view of all of it.
        let whole = eye.view(of: drawn.pixels!)
        #expect(small.view!.letterbox == whole.letterbox && small.view!.tensor != whole.tensor)
        func means(_ view: DetectorEye.View) -> [Float] {
            (0..<300).map { block in
                let (c, y, x) = (block / 100, block % 100 / 10, block % 10)
                var sum: Float = 0
                for row in 0..<8 {
                    for column in 0..<8 {
                        sum +=
                            view.tensor.elements[
                                c * 25_600 + (8 * y + row) * 160 + 8 * x + column]
                    }
                }
                return sum / 64
            }
        }
        let differences = zip(means(small.view!), means(whole)).map { abs($0 - $1) }.sorted()
        #expect(differences[150] < 3 && differences[285] < 20, "\(differences[285])")
    }

    @Test("What a photograph's colours mean goes along, into drawings too")
    func profile() throws {
        var photograph = picture(900, 40) { x, y, c in x ^ y ^ 40 * c }
        // A header, no tags, and something that is not packed to nothing.
        var profile = [UInt8](repeating: 0, count: 132)
        profile += (0..<268).map { UInt8(truncatingIfNeeded: $0 * $0 * 7 + 13) }
        (profile[2], profile[3]) = (1, 144)
        for (place, word) in [(12, "mntr"), (16, "RGB "), (20, "XYZ "), (36, "acsp")] {
            profile.replaceSubrange(place..<place + 4, with: Array(word.utf8))
        }
        // Version 2, and the illuminant that all profiles have.
        profile[8] = 2
        profile.replaceSubrange(
            68..<80, with: [0, 0, 0xF6, 0xD6, 0, 1, 0, 0, 0, 0, 0xD3, 0x2D])
        photograph.profile = profile
        for format in [StillFormat.png, .jpeg] {
            let path = folder.write(try photograph.encoded(as: format), to: "p.\(format)")
            #expect(try StillReader(path: path).metadata.icc == profile)
            let loaded = try #require(try load(path).first)
            #expect(loaded.pixels?.profile == profile)
        }
        // Read smaller for the detector, too.
        var options = PictureFeed.Options()
        (options.keepsPixels, options.eye) = (true, DetectorEye(side: 96, input: .plain))
        try PictureLoader(folder("p.jpeg"), options).load {
            #expect($0.pixels?.profile == profile && $0.pixels?.width == 900)
        }
        var wrong = photograph
        wrong.profile![3] = 99
        let plain = folder.write(try wrong.encoded(as: .png), to: "wrong.png")
        #expect(try StillReader(path: plain).metadata.icc == nil)
        profile.replaceSubrange(16..<20, with: Array("GRAY".utf8))
        photograph.profile = profile
        let grey = folder.write(try photograph.encoded(as: .jpeg), to: "grey.jpg")
        #expect(try StillReader(path: grey).metadata.icc == nil)
    }

    @Test("A photograph of which boxes are known is read for its size alone")
    func onlySize() throws {
        ffmpeg(
            "-f lavfi -i testsrc2=s=1300x700 -frames:v 1 -q:v 1 -pix_fmt yuvj420p "
                + "'\(folder("flat.jpg"))'")
        var pictures: [LoadedPicture] = []
        try PictureLoader(folder("flat.jpg"), PictureFeed.Options()).load { pictures.append($0) }
        #expect(pictures.count == 1 && pictures[0].width == 1300 && pictures[0].height == 700)
        #expect(pictures[0].view == nil && pictures[0].pixels == nil)
    }

    @Test("A phone's portrait video is looked at upright, about twice a second, with times")
    func portraitVideo() throws {
        ffmpeg("\(halves) -t 2 -c:v libx264 -pix_fmt yuv420p '\(folder("flat.mp4"))'")
        ffmpeg("-i '\(folder("flat.mp4"))' -c copy -metadata:s:v:0 rotate=90 '\(folder("p.mp4"))'")
        let pictures = try load(folder("p.mp4"))
        #expect(pictures.count == 4)
        #expect(pictures.allSatisfy { $0.width == 32 && $0.height == 64 })
        let top = isRed(pictures[0], 16, 8), bottom = isRed(pictures[0], 16, 56)
        #expect(top != bottom)
        #expect(pictures.map { ($0.time! * 100).rounded() } == [0, 52, 104, 156])
    }

    @Test("A DVD's pixels are made square")
    func anamorphic() throws {
        ffmpeg(
            "-f lavfi -i testsrc2=s=720x576:r=25 -frames:v 2 -aspect 16:9 -c:v mpeg2video "
                + "'\(folder("dvd.mpg"))'")
        let picture = try #require(try load(folder("dvd.mpg")).first)
        #expect(picture.width == 1024 && picture.height == 576)
    }

    @Test("HLG is brought to a common screen: white is bright, and grey is not")
    func hlg() throws {
        let tags =
            "-color_primaries bt2020 -color_trc arib-std-b67 -colorspace bt2020nc -color_range tv"
        for (name, luma) in [("white", 721), ("grey", 300)] {
            ffmpeg(
                "-f lavfi -i color=black:s=64x64:r=25 -frames:v 2 -vf "
                    + "format=yuv420p10le,geq=lum=\(luma):cb=512:cr=512 -c:v libx265 -x265-params "
                    + "log-level=none -pix_fmt yuv420p10le \(tags) '\(folder("\(name).mp4"))'")
        }
        let white = try #require(try load(folder("white.mp4")).first?.pixels)[32, 32]
        let grey = try #require(try load(folder("grey.mp4")).first?.pixels)[32, 32]
        // Signal 0.75 is diffuse white; the map leaves room above it, so it is not the brightest.
        #expect(white.green > 150 && white.green < 240)
        #expect(grey.green < 130 && grey.green > 20)
    }

    @Test("Every Nth frame, or the key frames, with their times")
    func frames() throws {
        ffmpeg(
            "-f lavfi -i testsrc2=s=64x64:r=10 -frames:v 20 -c:v libx264 -g 5 -keyint_min 5 "
                + "-sc_threshold 0 -bf 2 '\(folder("k.mp4"))'")
        func times(_ choice: FrameChoice) throws -> [Double] {
            try load(folder("k.mp4"), choice).map { ($0.time! * 10).rounded() }
        }
        #expect(try times(.keyFrames) == [0, 5, 10, 15])
        #expect(try times(.every(6)) == [0, 6, 12, 18])
        #expect(try times(.every(1)).count == 20)
        // One key frame is still a video's.
        ffmpeg(
            "-f lavfi -i testsrc2=s=64x64:r=10 -frames:v 8 -c:v libx264 -g 50 "
                + "'\(folder("one.mp4"))'")
        #expect(try load(folder("one.mp4"), .keyFrames).map(\.time) == [0])
    }

    @Test("Key frames of AV1 are those of the file, though its decoder hands out all frames")
    func keyFramesOfAV1() throws {
        ffmpeg(
            "-f lavfi -i testsrc2=s=128x96:r=10 -frames:v 20 -c:v libsvtav1 -g 5 "
                + "'\(folder("a.mkv"))' 2> /dev/null")
        let times = try load(folder("a.mkv"), .keyFrames).map { ($0.time! * 10).rounded() }
        #expect(times == [0, 5, 10, 15])
    }

    @Test("A video ends where its last frame does, however few are looked at")
    func end() throws {
        ffmpeg("-f lavfi -i testsrc2=s=64x64:r=10 -frames:v 23 -c:v libx264 '\(folder("e.mp4"))'")
        for choice in [FrameChoice.automatic, .every(7), .keyFrames] {
            var options = PictureFeed.Options()
            options.frames = choice
            let end = try PictureLoader(folder("e.mp4"), options).load { _ in }
            #expect(abs(try #require(end) - 2.3) < 0.11, "\(choice)")
        }
    }

    @Test("Animations are videos; one frame of any format is a photograph")
    func animations() throws {
        ffmpeg("-f lavfi -i testsrc2=s=32x32:r=4 -frames:v 4 '\(folder("a.gif"))'")
        #expect(try load(folder("a.gif")).map { $0.time! } == [0, 0.5])
        for name in ["one.gif", "one.bmp", "one.tif", "one.webp"] {
            ffmpeg("-f lavfi -i testsrc2=s=48x32 -frames:v 1 '\(folder(name))'")
            let pictures = try load(folder(name))
            #expect(pictures.count == 1 && pictures[0].time == nil, "\(name)")
            #expect(pictures[0].width == 48 && pictures[0].height == 32, "\(name)")
        }
    }

    @Test("Grey, 16-bit, transparent, tiny and very large pictures are pictures")
    func kinds() throws {
        for (name, format) in [
            ("g.png", "gray"), ("g16.png", "gray16be"), ("rgb16.png", "rgb48be"),
            ("a.png", "rgba"), ("ga.png", "ya8"), ("g.jpg", "gray"),
        ] {
            ffmpeg("-f lavfi -i testsrc2=s=40x30 -frames:v 1 -pix_fmt \(format) '\(folder(name))'")
            let picture = try #require(try load(folder(name)).first)
            #expect(picture.width == 40 && picture.height == 30, "\(name)")
        }
        ffmpeg(
            "-f lavfi -i testsrc2=s=40x30 -vf format=rgb24,crop=1:1 -frames:v 1 "
                + "'\(folder("one.png"))'")
        #expect(try load(folder("one.png")).first?.width == 1)
        ffmpeg("-f lavfi -i testsrc2=s=5472x3648 -frames:v 1 '\(folder("large.jpg"))'")
        #expect(try load(folder("large.jpg")).first?.width == 5472)
    }

    @Test("Damaged, cut-off, empty and foreign files are refused in one line; lenience keeps half")
    func damaged() throws {
        ffmpeg("-f lavfi -i testsrc2=s=320x240 -frames:v 1 '\(folder("p.jpg"))'")
        let bytes = readBytes(folder("p.jpg"))
        let cut = folder.write(Array(bytes[..<(bytes.count / 2)]), to: "cut.jpg")
        #expect { try load(cut) } throws: { ($0 as? MediaError)?.exitCode == 65 }
        #expect(try load(cut, isLenient: true).count == 1)
        for (name, bytes) in [
            ("text.jpg", Array("hello".utf8)), ("empty.png", []), ("half.png", [0x89, 0x50]),
        ] {
            let path = folder.write(bytes, to: name)
            #expect {
                try load(path)
            } throws: {
                ($0 as? MediaError)?.exitCode == 65 && !"\($0)".contains("\n")
            }
        }
        #expect { try load(folder("none.jpg")) } throws: { ($0 as? MediaError)?.exitCode == 66 }
        // A pipe that nobody writes to must not be waited for.
        shell("mkfifo '\(folder("pipe"))'")
        #expect { try load(folder("pipe")) } throws: { ($0 as? MediaError)?.exitCode == 65 }
    }
}
