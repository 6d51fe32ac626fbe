// How long things take.
import Compute
import Glibc
import Tensors

/// Threads that networks are measured with.
let benchmarkThreads = getenv("PERCEPT_THREADS").flatMap { Int(String(cString: $0)) } ?? 2

private let benchmarkClock =
    getenv("PERCEPT_CPU_TIME") == nil ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID

func seconds() -> Double {
    var time = timespec()
    clock_gettime(benchmarkClock, &time)
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

extension MeasuredNetwork {
    /// The plan that is measured, warm, on random input.
    func plan(_ precision: Precision) throws -> Plan {
        let formats: [String: BorderFormat] =
            hasBlockedBorders ? ["x": .blocked, "y": .blocked] : [:]
        let plan = try Plan(
            graph, shapes: shapes,
            options: PlanOptions(precision: precision, threads: benchmarkThreads, formats: formats))
        plan.setParameters(parameters)
        if !hasBlockedBorders {
            var random = RandomSource(seed: 2)
            for name in graph.inputs.keys.sorted() {
                plan.setInput(name, .uniform(shapes[name]!, using: &random))
            }
        }
        try plan.run()
        return plan
    }
}
