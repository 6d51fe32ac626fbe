// What a batch costs beside the same files one by one.
import Glibc
import Terminal

/// Measures `pipeline run` on short clips beside `mwgan enhance` on each of them.
struct Batches {
    /// The programs and a pristine clip, which is compressed differently for each input.
    let mwgan: String, pipeline: String, source: String
    static let clips = 8

    /// Prints processor and wall seconds of both, and what a unit takes before its first frame.
    ///
    /// - Returns: Seconds by name, for `Thresholds`.
    func report() throws -> [String: Double] {
        let folder = BenchmarkFolder.path
        let input = folder + "/batch", output = folder + "/batched", single = folder + "/single"
        try shell("rm -rf '\(input)' '\(output)' '\(single)' && mkdir '\(input)' '\(single)'")
        for number in 0..<Self.clips {
            try shell(
                "ffmpeg -v error -y -i '\(source)' -vf scale=416:240 -an -pix_fmt yuv420p -c:v libx264 "
                    + "-preset veryfast -crf \(28 + number) -frames:v 48 '\(input)/\(number).mp4'")
        }
        // The same options: two files at a time, a thread each, beside one file after the other.
        var alone = (processor: 0.0, wall: 0.0)
        for number in 0..<Self.clips {
            let time = try measured(
                "'\(mwgan)' enhance -q -y --threads 1 '\(input)/\(number).mp4' -o "
                    + "'\(single)/\(number).mp4'")
            alone.processor += time.processor
            alone.wall += time.wall
        }
        let batch = try measured(
            "'\(pipeline)' run '\(input)' -o '\(output)' --stages enhance --jobs 2 --threads 1 -q")
        print("\n\(Self.clips) clips of 48 frames, 416x240, default options, a thread each")
        func line(_ name: String, _ time: (processor: Double, wall: Double)) {
            print(
                "  \(name): \(fixed(time.processor, decimals: 2)) s of processors, "
                    + "\(fixed(time.wall, decimals: 2)) s by the clock")
        }
        line("mwgan enhance, one by one", alone)
        line("pipeline run, two at a time", batch)
        print(
            "  the batch takes \(fixed(batch.processor / alone.processor, decimals: 2)) of the single "
                + "runs' processor time, and \(fixed(batch.wall / alone.processor, decimals: 2)) of it by "
                + "the clock")
        try shell(
            "rm -rf '\(output)' && '\(pipeline)' plan '\(input)' -o '\(output)' --stages enhance -q"
        )
        for unit in 0..<2 {
            // What it says of itself: plan and weights, the first frame, compiling.
            try shell(
                "'\(pipeline)' unit '\(output)/manifest.jsonl' --index \(unit) -v --progress none "
                    + "2>&1 | sed -n 's/^started/  a unit started/p'")
        }
        return [
            "single runs, processor": alone.processor, "batch, processor": batch.processor,
            "batch, clock": batch.wall,
        ]
    }

    /// Seconds of a command and all that it starts.
    private func measured(_ command: String) throws -> (processor: Double, wall: Double) {
        let before = Self.children, start = seconds()
        try shell(command + " > /dev/null 2>&1")
        return (Self.children - before, seconds() - start)
    }

    /// Processor seconds of all children that have ended.
    private static var children: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage)
        func value(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
        return value(usage.ru_utime) + value(usage.ru_stime)
    }
}
