// mwgan enhance on sound input: what comes out, and what is said.
import TestSupport
import Testing

@Suite("mwgan enhance", .serialized)
struct EnhanceTests {
    @Test("Frames in are frames out, sound is kept, and only the path is printed")
    func video() throws {
        let place = try Workplace()
        let clip = place.clip()
        let result = try place.enhance(clip)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.text == place.folder("clip.enhanced.mp4") + "\n")
        let output = place.folder("clip.enhanced.mp4")
        #expect(Workplace.probe(output, "nb_read_frames") == "8")
        #expect(Workplace.samples(output) != Workplace.samples(clip))
        let audio = shell(
            "ffprobe -v error -select_streams a -show_entries stream=codec_name \(output)")
        #expect(String(decoding: audio.output, as: UTF8.self).contains("aac"))
    }

    @Test("Strength 0 hands a lossless encoder the decoder's samples, bit for bit")
    func identity() throws {
        let place = try Workplace()
        let clip = place.clip()
        let output = place.folder("same.mkv")
        let result = try place.mwgan.run(
            "enhance", "-q", "--strength", "0", "--encoder", "ffv1", "-o", output, clip)
        #expect(result.status == 0, "\(result.errors)")
        #expect(Workplace.samples(output) == Workplace.samples(clip))
    }

    @Test("The report says what the encoder was really told")
    func encoderOptions() throws {
        let place = try Workplace()
        let clip = place.clip(frames: 30), report = place.folder("r.json")
        for (words, expected) in [
            (["--crf", "21", "--preset", "fast"], ["\"crf\": \"21\"", "\"preset\": \"fast\""]),
            (["--encoder", "libx265", "--size", "max"], ["\"crf\": \"12\"", "x265-params"]),
            (["--size", "1x"], ["\"crf\": ", "\"preset\": \"medium\"", "\"psy\": \"0\""]),
        ] {
            let result = try place.mwgan.run(
                ["enhance", "--model", place.model, "-q", "-y", "--report", report, "-o"]
                    + [place.folder("out.mkv"), clip] + words)
            #expect(result.status == 0, "\(result.errors)")
            let json = String(decoding: readBytes(report), as: UTF8.self)
            let told = json.split(separator: "encoderOptions").last.map(String.init) ?? ""
            for text in expected {
                #expect(
                    told.contains(text) || told.contains(text.replacing(": ", with: ":")), "\(told)"
                )
            }
        }
    }

    @Test("A reference, a report and a picture say what was gained")
    func reports() throws {
        let place = try Workplace()
        let clip = place.clip()
        let pristine = place.clip("pristine.mkv", codec: "ffv1 -pix_fmt yuv420p")
        let (report, picture) = (place.folder("r.json"), place.folder("c.png"))
        let result = try place.enhance(
            clip, "--reference", pristine, "--report", report, "--compare", picture, "-o",
            place.folder("out.mkv"))
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.text.contains("gain, delivered file"))
        let json = String(decoding: readBytes(report), as: UTF8.self)
        for word in [
            "\"sha256\": \"", "\"framesIn\": 8", "\"framesOut\": 8", "peakMemoryBytes",
            "\"delivered\"", "\"network\"",
        ] {
            #expect(json.contains(word), "\(word)")
        }
        #expect(readBytes(picture).starts(with: [0x89, 0x50, 0x4E, 0x47]))
    }

    @Test("A part of a video has the frames of that part")
    func part() throws {
        let place = try Workplace()
        let clip = place.clip(frames: 50)
        let output = place.folder("part.mp4")
        let result = try place.enhance(clip, "--start", "0.4", "--end", "0.8", "-o", output)
        #expect(result.status == 0, "\(result.errors)")
        #expect(Workplace.probe(output, "nb_read_frames") == "10")
    }

    @Test("Depth 10 is written as 10 bits, with a model and without")
    func depth() throws {
        let place = try Workplace()
        let clip = place.clip()
        for strength in ["1", "0"] {
            let output = place.folder("deep\(strength).mkv")
            let result = try place.enhance(
                clip, "--depth", "10", "--strength", strength, "-o", output)
            #expect(result.status == 0, "\(result.errors)")
            #expect(Workplace.probe(output, "pix_fmt") == "yuv420p10le")
        }
    }

    @Test("Pictures stay pictures of their size")
    func stills() throws {
        let place = try Workplace()
        for name in ["photo.png", "photo.jpg"] {
            ffmpeg("-f lavfi -i testsrc2=size=90x70 -frames:v 1 '\(place.folder(name))'")
            let result = try place.enhance(place.folder(name))
            #expect(result.status == 0, "\(result.errors)")
            let output = place.folder("photo.enhanced." + name.suffix(3))
            #expect(Workplace.probe(output, "width") == "90")
            #expect(readBytes(output) != readBytes(place.folder(name)))
        }
    }

    @Test("yuv4mpeg goes through a pipe frame by frame")
    func pipe() throws {
        let place = try Workplace()
        let input = ffmpeg(
            "-f lavfi -i testsrc2=size=80x64:rate=25 -frames:v 5 -pix_fmt yuv420p -f yuv4mpegpipe -"
        )
        let result = try place.mwgan.run(
            ["enhance", "--model", place.model, "-q", "-", "-o", "-"], input: input)
        #expect(result.status == 0, "\(result.errors)")
        // The writer's header may differ from ffmpeg's; the frames are of equal size.
        #expect(result.output.starts(with: Array("YUV4MPEG2 ".utf8)))
        let frames = 5 * (6 + 80 * 64 * 3 / 2)
        #expect(result.output.count > frames && result.output.count < frames + 200)
    }

    @Test("What a pipe or pictures cannot hold is said once and stands in the report")
    func picturesOnly() throws {
        let place = try Workplace()
        let clip = place.clip(), report = place.folder("r.json")
        let line = "stream 1 (audio, aac) is left out"
        for output in ["-", place.folder("out.y4m"), place.folder("out-%02d.png")] {
            let words = [
                "enhance", "--model", place.model, "-y", "--progress", "none", "-o", output,
            ]
            let result = try place.mwgan.run(words + ["--report", report, clip])
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.errors.occurrences(of: line) == 1, "\(result.errors)")
            let json = String(decoding: readBytes(report), as: UTF8.self)
            #expect(json.contains("\"stream 1 (audio, aac)\"") && json.contains(line), "\(json)")
            let strict = try place.mwgan.run(words + ["--strict-streams", clip])
            #expect(strict.status == 64 && strict.output.isEmpty, "\(strict.errors)")
            #expect(strict.errors.contains(".mkv would hold it"))
        }
    }

    @Test("Numbered pictures become numbered pictures")
    func sequence() throws {
        let place = try Workplace()
        ffmpeg("-f lavfi -i testsrc2=size=80x64 -frames:v 3 '\(place.folder("in-%03d.png"))'")
        let result = try place.enhance(
            place.folder("in-%03d.png"), "--fps", "25", "-o", place.folder("out-%03d.png"))
        #expect(result.status == 0, "\(result.errors)")
        #expect(place.folder.names.filter { $0.hasPrefix("out-") }.count == 3)
    }

    @Test("Interlaced video stays interlaced, its fields enhanced as pictures")
    func interlaced() throws {
        let place = try Workplace()
        let clip = place.folder("fields.mkv")
        ffmpeg(
            "-f lavfi -i testsrc2=size=160x128:rate=50 -vf tinterlace=interleave_top "
                + "-frames:v 24 -c:v libx264 -qp 30 -flags +ildct+ilme -x264opts tff=1 '\(clip)'")
        let output = place.folder("out.mkv")
        let result = try place.enhance(clip, "-o", output)
        #expect(result.status == 0, "\(result.errors)")
        #expect(Workplace.probe(output, "nb_read_frames") == "24")
        #expect(["tt", "tb"].contains(Workplace.probe(output, "field_order")))
    }

    @Test("One bad file among several is reported; the others are done")
    func several() throws {
        let place = try Workplace()
        let clip = place.clip("a.mp4")
        let bad = place.folder.write(Array("no video".utf8), to: "b.mp4")
        let result = try place.enhance(clip, bad, "-o", place.folder("out/"))
        #expect(result.status == 1)
        #expect(result.errors.contains("b.mp4"))
        #expect(Workplace.probe(place.folder("out/a.enhanced.mp4"), "nb_read_frames") == "8")
        _ = shell("rm -r '\(place.folder("out"))'")
    }

    @Test("A rehearsal says what would come and writes nothing")
    func dryRun() throws {
        let place = try Workplace()
        let clip = place.clip()
        let before = place.folder.names
        let result = try place.mwgan.run(
            "enhance", "--model", place.model, "--dry-run", "--progress", "none", clip)
        #expect(result.status == 0 && result.errors.contains("frames/s"))
        #expect(place.folder.names == before)
    }

    @Test("A preview is at most five seconds long")
    func preview() throws {
        let place = try Workplace()
        let clip = place.clip(frames: 175)
        let result = try place.enhance(clip, "--preview")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.text == place.folder("clip.preview.mp4") + "\n")
        #expect(Workplace.probe(place.folder("clip.preview.mp4"), "nb_read_frames") == "125")
    }

    @Test("A name with a colon is a file")
    func colon() throws {
        let place = try Workplace()
        let clip = place.clip("12:30.mp4")
        let result = try place.enhance(clip)
        #expect(result.status == 0, "\(result.errors)")
    }
}

extension String {
    /// How often a text occurs.
    fileprivate func occurrences(of text: String) -> Int { split(separator: text).count - 1 }
}
