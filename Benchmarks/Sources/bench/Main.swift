// Prints what this machine reaches; see `make bench`.
import Compute
import Glibc
import Tensors

@main
struct Benchmark {
    static let usage = """
        usage: bench                   measure everything
               bench NAME... [-v]      measure networks by name; -v lists steps and times
               bench networks|int8|haar|start-up|batch|joints
                                       measure only that
               bench conceal [CODEC...] [3%...] [3%p...] [24f] [others] [recall] [CLIP...|5] [-v]
                                       lose slices (%) or packets of transport streams (%p) and compare repairs;
                                       codecs are h264, mpeg2, mpeg4; -v has a line for each clip; others are the
                                       clips that constants were chosen on; recall has memories of patches, too
               bench frames [1920x1080...]
                                       measure the whole command, at some sizes or all
               bench learning [-v]     measure a training step by predictive coding; -v lists steps and times
               bench finding [tune|copies|compare|speed] [-v]
                                       how surely copies of clips are found again; -v tells each that is not first; needs PERCEPT_DATA
               bench serve             answer requests on standard input, for the peers' runner
               bench memory-serve      the same, for searches in memories
               bench export FOLDER     write the networks as ONNX, and a list of them
               bench names             print the networks' names

        The program is .build/release/mwgan, or what PERCEPT_PROGRAM names. PERCEPT_THREADS says how
        many threads networks get (2). With PERCEPT_CPU_TIME=1 time is the processor's, not the clock's:
        on a busy machine, with one thread, that is what a quiet one would show.

        """

    private static var program: String {
        getenv("PERCEPT_PROGRAM").map { String(cString: $0) } ?? ".build/release/mwgan"
    }

    private static var frameRates: FrameRates {
        FrameRates(program: program, source: "samples/canal.reference.mkv")
    }

    private static var batches: Batches {
        let folder = program.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        return Batches(
            mwgan: program, pipeline: (folder + ["pipeline"]).joined(separator: "/"),
            source: "samples/canal.reference.mkv")
    }

    /// Real clips where `PERCEPT_DATA` has them, else the sample several times.
    private static var joints: Joints {
        let names = [
            "davis_breakdance", "davis_dog", "openh264_flower", "davis_parkour", "davis_cows",
        ]
        let data = getenv("PERCEPT_DATA").map { String(cString: $0) }
        let clips: [String] = names.map { "\(data ?? "")/video/\($0)_416x240.mkv" }
            .filter { data != nil && access($0, R_OK) == 0 }
        let sample = "samples/canal.reference.mkv"
        return Joints(
            mwgan: program,
            // Twice over: the clips are short.
            clips: clips.isEmpty ? Array(repeating: sample, count: 8) : clips + clips)
    }

    /// Small clips of `PERCEPT_DATA`, else the sample.
    private static var concealedClips: [String] {
        let clips = clips([
            "aot_market_480x272", "aot_stall_480x272", "cut3r_hall_512x264",
            "davis_bike-packing_448x240", "davis_blackswan_416x240", "davis_breakdance_416x240",
            "davis_car-roundabout_416x240", "davis_dog_416x240", "davis_drift-chicane_416x240",
            "davis_goat_416x240", "davis_lady-running_416x240", "davis_motocross-jump_416x240",
            "davis_paragliding-launch_416x240", "davis_parkour_416x240", "davis_tennis_416x240",
            "liveportrait_d0_256x256", "openh264_flower_416x240", "pexels_woman-running_256x256",
            "sam2_blocks_416x240", "sam2_dog_416x240",
        ])
        return clips.isEmpty ? ["samples/canal.reference.mkv"] : clips
    }

    /// Those that constants of the repair are chosen on, none of the former.
    private static var tunedClips: [String] {
        clips([
            "davis_camel_416x240", "davis_cows_416x240", "davis_libby_416x240",
            "davis_soapbox_416x240", "kitti_motorway_640x352", "ntia_aspen_640x352",
            "pexels_face_480x360", "sam2_cups_416x240",
        ])
    }

    /// Which of these clips `PERCEPT_DATA` has.
    private static func clips(_ names: [String]) -> [String] {
        guard let data = getenv("PERCEPT_DATA") else { return [] }
        return names.map { "\(String(cString: data))/video/\($0).mkv" }
            .filter { access($0, R_OK) == 0 }
    }

    static func main() throws {
        var arguments = CommandLine.arguments.dropFirst()
        let isVerbose = arguments.contains("-v")
        arguments.removeAll { $0 == "-v" }
        switch arguments.first {
        case "serve": try Server().run()
        case "memory-serve": MemorySearchServer().run()
        case "export": try exportGraphs(to: arguments.dropFirst().first ?? ".")
        case "frames":
            var rates = frameRates
            rates.wanted = Array(arguments.dropFirst())
            try Thresholds.check(rates.report())
        case "int8": try Thresholds.check(EightBits.report())
        case "haar": try Thresholds.check(WaveletRate.report())
        case "batch": try Thresholds.check(batches.report())
        case "joints": try Thresholds.check(joints.report())
        case "learning": try learning(isVerbose)
        case "conceal":
            var concealment = try Concealment(
                arguments.dropFirst(), clips: concealedClips, others: tunedClips)
            concealment.isVerbose = isVerbose
            try concealment.report()
        case "finding":
            var finding = try FindingBenchmark()
            finding.isVerbose = isVerbose
            try finding.report(arguments.dropFirst().first)
        case "start-up": try StartUp(program: program).report()
        case "names": measuredNetworks.forEach { print($0.name) }
        case "-h", "--help": print(usage, terminator: "")
        case "networks": try Thresholds.check(networks([], isVerbose))
        case .some: try Thresholds.check(networks(Array(arguments), isVerbose))
        case nil:
            var measured = try networks([], isVerbose)
            measured.merge(try EightBits.report()) { $1 }
            measured.merge(WaveletRate.report()) { $1 }
            try StartUp(program: program).report()
            measured.merge(try frameRates.report()) { $1 }
            measured.merge(try batches.report()) { $1 }
            measured.merge(try joints.report()) { $1 }
            try Thresholds.check(measured)
        }
    }

    /// Prints a line for each network that learns by predictive coding.
    static func learning(_ isVerbose: Bool) throws {
        for (index, name) in LearningStep.names.enumerated() {
            let step = try LearningStep(index)
            try step.learn()
            let time = try best(of: 10) { try step.learn() }
            print("predictive coding, \(name):", Int(time * 1e6), "us a training step")
            if isVerbose { try step.report() }
        }
    }

    /// Prints a line for each network and precision.
    ///
    /// - Returns: GFLOP/s by name, for `Thresholds`.
    static func networks(_ names: [String], _ isVerbose: Bool) throws -> [String: Double] {
        print("\(Processor.name), oneDNN \(Processor.libraryVersion), \(benchmarkThreads) threads")
        var measured: [String: Double] = [:]
        for network in measuredNetworks where names.isEmpty || names.contains(network.name) {
            for precision in Precision.floats {
                let plan = try network.plan(precision)
                let time = try best(of: 20) { try plan.run() }
                let rate = network.operations / time * 1e-9
                measured["\(network.name) \(precision.rawValue)"] = rate
                print(
                    "\(network.name) \(precision.rawValue):", Int(rate.rounded()), "GFLOP/s,",
                    Int(time * 1e6), "us,", plan.byteCount >> 20, "MiB")
                fflush(nil)
                guard isVerbose else { continue }
                for (step, time) in try plan.profile(runs: 20) {
                    print("    \(Int(time * 1e6)) us  \(step)")
                }
            }
        }
        return measured
    }
}
