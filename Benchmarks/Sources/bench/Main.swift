// Prints what this machine reaches; see `make bench`.
import Compute
import Enhancement
import Glibc
import Tensors

@main
struct Benchmark {
    static let usage = """
        usage: bench [NAME...] [-v]   measure networks (all unless named); -v lists steps and times
               bench serve            answer requests on standard input, for the peers' runner
               bench export FOLDER    write the networks as ONNX, and a list of them
               bench names            print the networks' names
               bench frames CLIP MODEL.safetensors [PROGRAM]
                                      frames/s at the usual sizes, from a pristine clip

        """

    static func main() throws {
        var arguments = CommandLine.arguments.dropFirst()
        let isVerbose = arguments.contains("-v")
        arguments.removeAll { $0 == "-v" }
        switch arguments.first {
        case "serve": try Server().run()
        case "export": try exportGraphs(to: arguments.dropFirst().first ?? ".")
        case "frames" where arguments.count >= 3:
            let words = Array(arguments)
            try FrameRates.report(
                source: words[1], model: EnhancementModel(contentsOf: words[2]),
                program: words.count > 3 ? words[3] : nil)
        case "names": measuredNetworks.forEach { print($0.name) }
        case "-h", "--help": print(usage, terminator: "")
        default: try report(Array(arguments), isVerbose)
        }
    }

    /// Prints a line for each network and precision, and what was expected of it.
    static func report(_ names: [String], _ isVerbose: Bool) throws {
        print("\(Processor.name), oneDNN \(Processor.libraryVersion), 2 threads")
        var measured: [String: Double] = [:]
        for network in measuredNetworks where names.isEmpty || names.contains(network.name) {
            for precision in Precision.allCases {
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
        try Thresholds.check(measured)
    }
}
