// The built pipeline, as people use it.
import Glibc
import Media
import Terminal
import TestSupport
import Testing

@Suite("pipeline", .serialized)
struct PipelineTests {
    @Test(
        "A folder with everything in it: what can be done is, the rest is listed, and nothing is done twice"
    )
    func everything() throws {
        let place = try PipelinePlace()
        place.clip("a.mp4")
        place.clip("it's \"odd\"\n—ü.mp4", hue: 40)
        shell("mkdir '\(place.folder("in/sub"))'")
        place.clip("sub/long.mp4", frames: 30, hue: 80)
        ffmpeg("-f lavfi -i testsrc2=size=80x64 -frames:v 1 '\(place.folder("in/photo.jpg"))'")
        place.folder.write([], to: "in/empty.mp4")
        place.folder.write(Array("no video".utf8), to: "in/text.mkv")
        // A film whose end is missing.
        place.clip("cut.mkv", frames: 60, hue: 120)
        let whole = readBytes(place.folder("in/cut.mkv"))
        place.folder.write(Array(whole.prefix(whole.count * 2 / 3)), to: "in/cut.mkv")
        symlink("..", place.folder("in/loop"))

        let result = try place.run("--segment", "0.4")
        #expect(result.status == 1, "\(result.errors)")
        #expect(result.errors.contains("2 of 7 failed"))
        #expect(result.errors.contains("empty.mp4: not a video or picture"))
        #expect(result.errors.contains("leads back to a folder"))
        #expect(result.text.hasSuffix("/out/index.html\n"))
        let samples = place.samples()
        #expect(
            Set(samples.keys) == [
                "a.enhanced.mkv", "it's \"odd\"\n—ü.enhanced.mkv", "sub/long.enhanced.mkv",
                "photo.enhanced.jpg", "cut.enhanced.mkv",
            ])
        let report = try String(
            decoding: readBytes(place.folder("out/report.jsonl")), as: UTF8.self
        )
        .split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        #expect(report.count == 7)
        let cut = try #require(report.first { $0["name"]?.text == "cut.mkv" })
        #expect("\(cut)".contains("truncated"))

        // Again: nothing is made anew.
        let stamps = shell("cd '\(place.output)' && stat -c '%i %n' *.enhanced.* */*.enhanced.*")
        let again = try place.run("--segment", "0.4")
        #expect(again.status == 1)
        #expect(again.errors.contains("5 of 7 done (5 were done before)"))
        #expect(
            shell("cd '\(place.output)' && stat -c '%i %n' *.enhanced.* */*.enhanced.*").output
                == stamps.output)

        // One input is exchanged, one is new.
        place.clip("a.mp4", hue: 200)
        place.clip("new.mp4", hue: 210)
        let third = try place.run("--segment", "0.4")
        #expect(third.errors.contains("6 of 8 done (4 were done before)"), "\(third.errors)")
        #expect(place.samples()["a.enhanced.mkv"] != samples["a.enhanced.mkv"])
    }

    @Test(
        "Twenty parts of a film of variable rate, done by units in any order, are the film in one piece"
    )
    func parts() throws {
        let place = try PipelinePlace()
        ffmpeg(
            "-f lavfi -i testsrc2=s=80x64:r=25 -f lavfi -i sine=d=8 -frames:v 200 -vf "
                + "\"select='not(eq(mod(n,7),3))'\" -fps_mode vfr -c:v libx264 -g 8 -bf 2 -qp 30 "
                + "-pix_fmt yuv420p -c:a aac -shortest '\(place.folder("in/vfr.mp4"))'")
        let plan = try place.pipeline.run(
            ["plan"] + place.words + ["--segment", "0.3", "-q", "--container", "mkv"])
        #expect(plan.status == 0 && plan.text == place.manifest + "\n", "\(plan.errors)")
        let status = try place.pipeline.run("status", place.manifest, "--json")
        #expect(status.status == 75)
        let units = try #require(try JSONValue(parsing: status.text)["units"]?.integer)
        #expect(units >= 20)
        for index in (0..<units).reversed() {
            let variable = ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX"][index % 2]
            let result = try place.pipeline.run(
                ["unit", place.manifest, "--index", "auto", "-q"],
                environment: [variable: "\(index)"])
            #expect(result.status == 0, "\(result.errors)")
        }
        let merged = try place.pipeline.run("merge", place.manifest, "-q", "--check")
        #expect(merged.status == 0, "\(merged.errors)")
        #expect(try place.pipeline.run("status", place.manifest).status == 0)

        let whole = place.folder("whole.mkv")
        let enhanced = try BuiltProgram.mwgan.run(
            "enhance", "--model", place.model, "--encoder", "ffv1", "--segment", "off", "-q", "-o",
            whole, place.folder("in/vfr.mp4"))
        #expect(enhanced.status == 0, "\(enhanced.errors)")
        let joined = place.folder("out/vfr.enhanced.mkv")
        func packets(_ path: String) -> String {
            // Of the sound, its packets too.
            let words =
                "ffprobe -v error -show_entries packet=stream_index,pts,duration,size -of csv "
            return String(decoding: shell(words + "'\(path)' | sort").output, as: UTF8.self)
        }
        #expect(!Workplace.samples(whole).isEmpty)
        #expect(Workplace.samples(joined) == Workplace.samples(whole))
        #expect(packets(joined) == packets(whole))
    }

    @Test(
        "A unit keeps to the instructions of the plan, and a machine that lacks them exits with 75")
    func instructions() throws {
        let place = try PipelinePlace()
        place.clip("a.mp4")
        let limited = ["ONEDNN_MAX_CPU_ISA": "SSE41"]
        let plan = try place.pipeline.run(
            ["plan"] + place.words + ["-q"], environment: limited)
        #expect(plan.status == 0, "\(plan.errors)")
        let there = try place.pipeline.run(
            ["unit", place.manifest, "--index", "0", "-q"], environment: limited)
        #expect(there.status == 0)
        let samples = place.samples()
        shell("rm '\(place.output)'/*.enhanced.mkv")
        let here = try place.pipeline.run("unit", place.manifest, "--index", "0", "-q")
        #expect(here.status == 0, "\(here.errors)")
        #expect(place.samples() == samples)

        let text = String(decoding: readBytes(place.manifest), as: UTF8.self)
        let other = text.replacing("SSE4.1 or AVX", with: "AVX-9000")
        #expect(other != text)
        let path = place.folder.write(Array(other.utf8), to: "other.jsonl")
        shell("rm '\(place.output)'/*.enhanced.mkv")
        let result = try place.pipeline.run("unit", path, "--index", "0", "-q")
        #expect(result.status == 75)
        #expect(result.errors.contains("the plan wants AVX-9000"))
    }

    @Test("Two runs on one folder: the second waits, and finds everything done")
    func two() throws {
        let place = try PipelinePlace()
        for number in 0..<4 { place.clip("\(number).mp4", frames: 300, hue: 50 * number) }
        let words = ["run"] + place.words + ["--progress", "none"]
        let first = try place.pipeline.start(words)
        usleep(150_000)
        let second = try place.pipeline.start(words)
        let results = (first.wait(), second.wait())
        #expect(results.0.status == 0 && results.1.status == 0)
        let both = results.0.errors + results.1.errors
        #expect(both.contains("another run works in"), "\(both)")
        #expect(both.contains("4 of 4 done (4 were done before)"), "\(both)")
        #expect(place.samples().count == 4)
    }

    @Test("Ctrl-C keeps what is finished, ends with 130, and says the line that goes on")
    func stop() throws {
        let place = try PipelinePlace()
        for number in 0..<6 { place.clip("\(number).mp4", frames: 300, hue: 50 * number) }
        let program = try place.pipeline.start(["run"] + place.words + ["--jobs", "1"])
        for _ in 0..<3000 {
            if shell("ls '\(place.output)'/*.enhanced.mkv 2> /dev/null").status == 0 { break }
            usleep(10_000)
        }
        program.send(SIGINT)
        let result = program.wait()
        #expect(result.status == 130, "\(result.errors)")
        #expect(result.errors.contains("pipeline run"))
        let left = String(
            decoding: shell("find '\(place.output)' -name '*.part'").output, as: UTF8.self)
        #expect(left.isEmpty, "\(left)")
        let done = place.samples()
        #expect(done.count >= 1 && done.count < 6)
        #expect(try place.run().status == 0)
        #expect(place.samples().count == 6)
    }

    @Test("A rehearsal says what would be done and writes nothing")
    func rehearsal() throws {
        let place = try PipelinePlace()
        place.clip("a.mp4", frames: 30)
        let result = try place.run("--dry-run")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.text.contains("a.mp4: 80x64, 30 frames"))
        #expect(result.text.contains("hours"))
        #expect(place.samples().isEmpty)
    }

    @Test("Options come from a file, and what is in force is printed as such a file")
    func configuration() throws {
        let place = try PipelinePlace()
        place.clip("a.mp4")
        let text = """
            input = "\(place.folder("in"))"
            output = "\(place.output)"
            stages = "enhance"
            model = "\(place.model)"
            encoder = "x264"
            crf = 30
            """
        let path = place.folder.write(Array(text.utf8), to: "night.toml")
        let result = try place.pipeline.run(
            "run", "--config", path, "--container", "mkv", "--progress", "none")
        #expect(result.status == 0, "\(result.errors)")
        #expect(Workplace.probe(place.folder("out/a.enhanced.mkv"), "codec_name") == "h264")
        let printed = try place.pipeline.run("run", "--config", path, "--print-config")
        #expect(printed.status == 0)
        #expect(printed.text.contains("crf = 30"))
    }

    @Test("What makes no sense is one line and a status of its own")
    func nonsense() throws {
        let place = try PipelinePlace()
        place.clip("a.mp4")
        func status(_ words: String...) throws -> Int32 {
            let result = try place.pipeline.run(words)
            #expect(result.status != 0)
            #expect(result.errors.split(separator: "\n").count <= 2, "\(result.errors)")
            return result.status
        }
        let input = place.folder("in")
        #expect(try status("run", input) == 64)
        #expect(try status("run", input, "-o", place.output, "--stages", "enhance,sing") == 64)
        #expect(try status("run", place.folder("none"), "-o", place.output) == 66)
        #expect(try status("run", input, "-o", "/proc/none", "-q") == 73)
        #expect(try status("unit", place.folder("none.jsonl"), "--index", "0") == 66)
        #expect(try status("unit", place.model, "--index", "0") == 65)
        #expect(try place.pipeline.run(["plan"] + place.words + ["-q"]).status == 0)
        #expect(try status("unit", place.manifest) == 64)
        #expect(try status("unit", place.manifest, "--index", "7") == 64)
        #expect(try status("unit", place.manifest, "--index", "auto") == 64)
        unlink(place.folder("in/a.mp4"))
        #expect(try status("unit", place.manifest, "--index", "0", "-q") == 66)
    }
}
