// mwgan enhance in parts, as a person runs it: stopped, killed, gone on with.
import Glibc
import Media
import Terminal
import TestSupport
import Testing

@Suite(.serialized) struct EnhancePartsTests {
    private let mwgan = BuiltProgram(name: "mwgan")
    private let folder = TemporaryFolder()

    /// Frames of video and sound, a key frame every twelve.
    private func source(_ name: String = "in.mp4", frames: Int = 96) -> String {
        let path = folder(name)
        ffmpeg(
            "-f lavfi -i testsrc2=s=128x96:r=25 -f lavfi -i sine=d=20 -frames:v \(frames)"
                + " -c:v libx264 -qp 37 -g 12 -pix_fmt yuv420p -c:a aac -shortest '\(path)'")
        return path
    }

    private func words(_ input: String, _ output: String, _ more: String...) -> [String] {
        ["enhance", input, "-o", output, "--model", "fast", "--encoder", "ffv1", "--threads", "1"]
            + ["--progress", "none"] + more
    }

    @Test("Killed at any moment, the same command goes on, and the result is the same")
    func killed() throws {
        let input = source(), name = "a b\"c $HOME.mkv", output = folder(name)
        #expect(try mwgan.run(words(input, folder("whole.mkv"), "--segment", "off")).status == 0)
        let expected = frameHashes(folder("whole.mkv"))
        #expect(expected.count == 96)
        let command = words(input, output, "--segment", "0.48")
        var kills = 0
        // Each run is killed a little later; those that come far enough finish parts.
        for tenth in 1... {
            let process = try mwgan.start(command)
            usleep(UInt32(tenth) * 40_000)
            process.send(SIGKILL)
            let status = process.wait().status
            // Killed as late as after the output got its name, it is done but for clearing up.
            if status == 0 { break }
            if folder.names.contains(name) {
                #expect(frameHashes(output) == expected)
                #expect(try mwgan.run(command + ["-y"]).status == 0)
                break
            }
            kills += 1
            try #require(kills < 200)
        }
        #expect(kills > 2, "\(kills)")
        #expect(frameHashes(output) == expected)
        #expect(!folder.names.contains(name + ".part"))
    }

    @Test("Ctrl-C keeps finished parts and says how to go on; what there is can be joined")
    func stopped() throws {
        let input = source(frames: 240), output = folder("out.mkv")
        let command = words(input, output, "--segment", "0.48")
        let process = try mwgan.start(command)
        for _ in 0..<400 where !folder.names.contains("out.mkv.part") { usleep(10_000) }
        for _ in 0..<800 where !Self.holds(output + ".part", "0001.json") { usleep(10_000) }
        process.send(SIGINT)
        let stopped = process.wait()
        #expect(stopped.status == 130 && stopped.errors.contains("parts are kept in"))
        #expect(stopped.errors.contains("--segment 0.48"), "\(stopped.errors)")
        #expect(!folder.names.contains("out.mkv") && folder.names.contains("out.mkv.part"))

        let partial = try mwgan.run(command + ["--keep-partial"])
        #expect(partial.status == 0, "\(partial.errors)")
        let count = frameHashes(output).count
        #expect(count >= 24 && count < 240 && count % 12 == 0, "\(count)")

        // It is an output like any other: not replaced unless one says so.
        #expect(try mwgan.run(command).status == 73)
        let rest = try mwgan.run(command + ["-y", "-v"])
        #expect(rest.status == 0 && rest.errors.contains("goes on;"), "\(rest.errors)")
        #expect(frameHashes(output).count == 240 && !folder.names.contains("out.mkv.part"))
    }

    @Test(
        "Shots keep what the first run planned: all of it, or with a deadline how fine they are coded",
        arguments: [["--auto"], ["--deadline", "10m", "--size", "200k"]])
    func planned(_ wish: [String]) throws {
        let isDated = wish.count > 1
        let input = source(frames: 180), output = folder("out.mkv"), report = folder("r.json")
        let command =
            ["enhance", input, "-o", output, "--encoder", isDated ? "x264" : "ffv1"]
            + ["--threads", "1", "--segment", "0.48", "--progress", "json"]
            + ["--report", report, "-y"] + wish
        let process = try mwgan.start(command)
        for _ in 0..<2000 where !Self.holds(output + ".part", "0000.json") { usleep(10_000) }
        process.send(SIGINT)
        let stopped = process.wait()
        #expect(stopped.status == 130 && stopped.errors.contains("survey"), "\(stopped.errors)")
        // Had it planned something else, that would be done.
        let path = output + ".part/job.json"
        let kept = String(decoding: readBytes(path), as: UTF8.self)
        let other = kept.replacing(
            #/"shots":\s*\[\s*\{\s*"start":\s*0,\s*"model"[^\]]*\]/#,
            with: #""shots":[{"start":0,"model":"skip","coarser":1.5}]"#)
        #expect(other != kept)
        writeBytes(Array(other.utf8), to: path)
        let rest = try mwgan.run(command)
        #expect(rest.status == 0 && rest.errors.contains("goes on;"), "\(rest.errors)")
        #expect(!rest.errors.contains("survey"), "\(rest.errors)")
        let shots = try #require(try JSONValue(parsing: readBytes(report))["plan"]?.elements)
        #expect(shots.count == 1 && shots[0]["coarser"]?.double == 1.5)
        #expect((shots[0]["model"]?.text == "skip") == !isDated)
        #expect(frameHashes(output).count == 180)
    }

    @Test(
        "A named size is kept by parts, and a run that goes on makes the file of one that never stopped"
    )
    func sized() throws {
        let input = source(frames: 300)
        func command(_ output: String) -> [String] {
            ["enhance", input, "-o", folder(output), "--model", "fast", "--encoder", "x264"]
                + ["--threads", "1", "--size", "200k", "--progress", "none", "-y"]
        }
        #expect(try mwgan.run(command("whole.mp4")).status == 0)
        let whole = readBytes(folder("whole.mp4"))
        #expect(whole.count > 160_000 && whole.count <= 200_000, "\(whole.count)")
        let process = try mwgan.start(command("out.mp4"))
        for _ in 0..<2000 where !Self.holds(folder("out.mp4.part"), "0003.json") { usleep(10_000) }
        process.send(SIGINT)
        #expect(process.wait().status == 130)
        let rest = try mwgan.run(command("out.mp4") + ["-v"])
        #expect(rest.status == 0 && rest.errors.contains("goes on;"), "\(rest.errors)")
        #expect(readBytes(folder("out.mp4")) == whole)
    }

    private enum Spoilt: CaseIterable { case survey, shots, options }

    @Test(
        "What is no plan, one of other shots, and what was planned for something else are made anew",
        arguments: Spoilt.allCases)
    private func spoilt(_ what: Spoilt) throws {
        let input = source(frames: 120), output = folder("out.mkv")
        let command =
            ["enhance", input, "-o", output, "--encoder", "ffv1", "--threads", "1", "--auto"]
            + ["--segment", "0.48", "--progress", "json", "-y"]
        let process = try mwgan.start(command)
        for _ in 0..<2000 where !Self.holds(output + ".part", "0000.json") { usleep(10_000) }
        process.send(SIGINT)
        #expect(process.wait().status == 130)
        let path = output + ".part/job.json"
        let kept = String(decoding: readBytes(path), as: UTF8.self)
        let spoilt =
            switch what {
            case .survey: kept.replacing(#/"survey":\s*\{/#, with: #""surveyed":{"#)
            case .shots:
                kept.replacing(
                    #/"shots":\s*\[\s*\{\s*"start":\s*0,\s*"model"[^\]]*\]/#,
                    with: #""shots":[{"start":0,"model":"skip"},{"start":2,"model":"skip"}]"#)
            case .options: kept
            }
        #expect((spoilt == kept) == (what == .options))
        writeBytes(Array(spoilt.utf8), to: path)
        let rest = try mwgan.run(command + (what == .options ? ["--strength", "0.5"] : []))
        #expect(rest.status == 0 && rest.errors.contains("survey"), "\(rest.errors)")
        #expect(
            rest.errors.contains(what == .options ? "begins anew" : "goes on;"), "\(rest.errors)")
        #expect(frameHashes(output).count == 120)
    }

    private static func holds(_ folder: String, _ name: String) -> Bool {
        ((try? Folder.names(in: folder)) ?? []).contains(name)
    }

    @Test("Nothing finished, nothing to join; and two at once do not meet")
    func errors() throws {
        let input = source()
        let nothing = try mwgan.run(words(input, folder("out.mkv"), "--keep-partial"))
        #expect(nothing.status == 64 && nothing.errors.contains("no part of"), "\(nothing.errors)")
        let command = words(input, folder("two.mkv"), "--segment", "0.48")
        let first = try mwgan.start(command)
        for _ in 0..<400 where !Self.holds(folder("two.mkv.part"), "lock") { usleep(5_000) }
        let second = try mwgan.run(command)
        // On a slow machine the first may be done; then its output is there.
        #expect([75, 73].contains(second.status), "\(second.status) \(second.errors)")
        #expect(first.wait().status == 0 && frameHashes(folder("two.mkv")).count == 96)
        // What stops before anything is finished leaves nothing.
        let early = try mwgan.start(words(input, folder("x.mkv"), "--segment", "1"))
        for _ in 0..<400 where !Self.holds(folder("x.mkv.part"), "job.json") { usleep(5_000) }
        early.send(SIGINT)
        let ended = early.wait()
        let keepsParts = ended.errors.contains("parts are kept")
        #expect(keepsParts == folder.names.contains("x.mkv.part"), "\(ended.errors)")
        #expect(!ended.errors.contains("0 of"))
        let bad = try mwgan.run(words(input, folder("x.mkv"), "--segment", "never"))
        #expect(bad.status == 64 && bad.errors.contains("auto, off or a number of seconds"))
    }
}
