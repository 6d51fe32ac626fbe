// Prints what this machine reaches; see `make bench`.
import Compute
import Glibc
import Tensors

func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// The best of several runs, in seconds.
func best(of runs: Int, _ body: () throws -> Void) rethrows -> Double {
    var result = Double.infinity
    for _ in 0..<runs {
        let start = seconds()
        try body()
        result = min(result, seconds() - start)
    }
    return result
}

@main
struct Benchmark {
    static func main() throws {
        let threads = 2
        let networks = [
            MeasuredNetwork.convolution(channels: 64, height: 135, width: 240),
            .convolution(channels: 16, height: 180, width: 320),
            .denseStack(blocks: 6, height: 135, width: 240),
            .chain(channels: 16, blocks: 6, height: 180, width: 320),
            .chain(channels: 16, blocks: 6, height: 360, width: 640),
        ]
        for network in networks {
            for precision in Precision.allCases {
                let plan = try Plan(
                    network.graph, shapes: network.shapes,
                    options: PlanOptions(
                        precision: precision, threads: threads,
                        formats: ["x": .blocked, "y": .blocked]))
                plan.setParameters(network.parameters)
                try plan.run()
                let time = try best(of: 10) { try plan.run() }
                print(
                    network.name, precision.rawValue, Int(network.operations / time * 1e-9),
                    "GFLOP/s", Int(time * 1e6), "us", plan.byteCount >> 20, "MiB")
                if CommandLine.arguments.contains("-v") {
                    plan.listing.forEach { print("   ", $0) }
                }
            }
        }
    }
}
