// Units on a cluster: as a rehearsal always, on an emulated one with `make soak` where Slurm is installed.
import Glibc
import Terminal
import TestSupport
import Testing

@Suite("pipeline submit", .serialized)
struct ClusterTests {
    @Test("The rehearsal shows arrays over what is missing, and a merge behind them")
    func rehearsal() throws {
        let place = try PipelinePlace()
        place.clip("a.mp4", frames: 60)
        place.clip("b.mp4", frames: 60, hue: 90)
        let plan = try place.pipeline.run(["plan"] + place.words + ["--segment", "0.2", "-q"])
        #expect(plan.status == 0)
        for index in [1, 2, 5] {
            #expect(
                try place.pipeline.run("unit", place.manifest, "--index", "\(index)", "-q").status
                    == 0)
        }
        let result = try place.pipeline.run(
            "submit", place.manifest, "--max-parallel", "4", "--dry-run", "--", "--partition=short",
            "--comment=two words")
        #expect(result.status == 0, "\(result.errors)")
        let lines = result.text.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0].hasPrefix("sbatch --job-name=pipeline-"))
        #expect(lines[0].contains("--array=0,3-4,6-23%4"))
        #expect(lines[0].contains("--partition=short '--comment=two words' --parsable"))
        #expect(lines[1].contains("--dependency=afterany:ARRAY1"))
        #expect(lines[1].contains("-- --partition=short '--comment=two words'"))
        #expect(!place.folder.names.contains("slurm"))
    }

    @Test("Where nothing is missing nothing is submitted; where there is no Slurm it is said")
    func nothing() throws {
        let place = try PipelinePlace()
        place.clip("a.mp4")
        #expect(try place.pipeline.run(["plan"] + place.words + ["-q"]).status == 0)
        let without = try place.pipeline.run(
            ["submit", place.manifest], environment: ["PATH": "/nowhere"])
        #expect(without.status == 69)
        #expect(without.errors.contains("is Slurm installed here?"))
        #expect(try place.run().status == 0)
        let result = try place.pipeline.run(
            ["submit", place.manifest], environment: ["PATH": "/nowhere"])
        #expect(result.status == 0)
        #expect(result.errors.contains("nothing is missing"))
    }

    private static let hasSlurm = shell("command -v slurmctld && command -v slurmd").status == 0

    /// A cluster of two nodes that goes away with the object.
    private final class Cluster {
        let folder = TemporaryFolder()
        let script: String
        init() throws {
            // This file is in Tests/CommandTests.
            let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
            script = "/\(root)/Scripts/slurm-sandbox.sh"
            try #require(shell("'\(script)' start '\(folder.path)'").status == 0)
        }
        var environment: [String: String] { ["SLURM_CONF": folder("slurm.conf")] }
        func ask(_ command: String) -> String {
            String(
                decoding: shell("SLURM_CONF='\(folder("slurm.conf"))' \(command)").output,
                as: UTF8.self)
        }
        deinit { shell("'\(script)' stop '\(folder.path)' > /dev/null 2>&1") }
    }

    /// Waits until no job is queued.
    private func wait(_ cluster: Cluster, seconds: Int) -> Bool {
        for _ in 0..<seconds {
            if cluster.ask("squeue --noheader").isEmpty { return true }
            sleep(1)
        }
        return false
    }

    @Test(
        "Forty units on two nodes, ten killed and a node lost: the same frames as here",
        .enabled(if: isSoaking && hasSlurm, "make soak, with slurm-wlm installed"))
    func kills() throws {
        let place = try PipelinePlace()
        for number in 0..<4 { place.clip("\(number).mp4", frames: 250, hue: 60 * number) }
        let words = place.words + ["--segment", "0.9"]
        let local = try place.pipeline.run(["run"] + words + ["-q"])
        #expect(local.status == 0, "\(local.errors)")
        let wanted = place.samples()
        shell("rm -r '\(place.output)'")
        #expect(try place.pipeline.run(["plan"] + words + ["-q"]).status == 0)
        let status = try place.pipeline.run("status", place.manifest, "--json")
        let units = try #require(try JSONValue(parsing: status.text)["units"]?.integer)
        #expect(units >= 36, "\(units)")

        let cluster = try Cluster()
        // Units that take long enough to be killed.
        let slow = place.folder("slow.sh")
        place.folder.write(
            Array(
                "#!/bin/sh\ncase $1 in unit) sleep 1;; esac\nexec '\(place.pipeline.path)' \"$@\"\n"
                    .utf8),
            to: "slow.sh")
        chmod(slow, 0o755)
        let submitted = try place.pipeline.run(
            ["submit", place.manifest, "--cores", "1", "--program", slow, "--", "--mem=100"],
            environment: cluster.environment)
        #expect(submitted.status == 0, "\(submitted.errors)")
        var killed = 0
        for _ in 0..<600 where killed < 10 {
            usleep(300_000)
            let running = shell("pgrep -f '^/bin/sh \(slow) unit'").output.split(separator: 10)
            guard let victim = running.randomElement() else { continue }
            killed +=
                shell("kill -9 \(String(decoding: victim, as: UTF8.self))").status == 0 ? 1 : 0
            if killed == 6 { shell("kill -9 $(cat '\(cluster.folder("node1.pid"))')") }
        }
        #expect(killed == 10)
        #expect(wait(cluster, seconds: 400), "\(cluster.ask("squeue"))")
        let end = try place.pipeline.run("status", place.manifest)
        #expect(end.status == 0, "\(end.text)\(end.errors)")
        #expect(place.samples() == wanted)
    }

    @Test(
        "1,500 trivial units in more arrays than one",
        .enabled(if: isSoaking && hasSlurm, "make soak, with slurm-wlm installed"))
    func many() throws {
        let place = try PipelinePlace()
        ffmpeg("-f lavfi -i testsrc2=size=16x16 -frames:v 1 '\(place.folder("tiny.jpg"))'")
        shell(
            "cd '\(place.folder.path)' && for i in $(seq 1500); do cp tiny.jpg in/$i.jpg; done")
        let plan = try place.pipeline.run(
            ["plan"] + place.words + ["--strength", "0", "-q"])
        #expect(plan.status == 0, "\(plan.errors)")
        let cluster = try Cluster()
        let submitted = try place.pipeline.run(
            ["submit", place.manifest, "--cores", "1", "--", "--mem=100"],
            environment: cluster.environment)
        #expect(submitted.text.contains("1500 units in 2 arrays"), "\(submitted.errors)")
        #expect(wait(cluster, seconds: 900))
        #expect(try place.pipeline.run("status", place.manifest).status == 0)
    }
}
