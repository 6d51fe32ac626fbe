// Measures and computes on request, so that runs can alternate with those of other programs.
import Compute
import Glibc
import Tensors

/// Answers a line on standard output for each line on standard input:
///
/// - `time INDEX PRECISION SECONDS`: the shortest run of network INDEX within SECONDS, in seconds.
/// - `compute INDEX PRECISION INPUT OUTPUT`: reads the input "x" as raw Float32 from a file, writes
///   the output "y" to another, and answers `done`.
/// - `planes-time MODEL WIDTH HEIGHT PRECISION SECONDS`: the same from planes to planes, in seconds.
/// - `planes-compute MODEL WIDTH HEIGHT PRECISION INPUT OUTPUT MAPS`: one frame.
/// - `planes-export MODEL WIDTH HEIGHT PRECISION OUTPUT`: the network as ONNX.
final class Server {
    private var plans: [String: Plan] = [:]

    func run() throws {
        answer("ready")
        while let line = readLine() {
            let words = line.split(separator: " ").map(String.init)
            if words.first?.hasPrefix("planes-") == true {
                try planes(words)
                continue
            }
            guard words.count >= 4, let index = Int(words[1]),
                measuredNetworks.indices.contains(index),
                let precision = Precision(rawValue: words[2])
            else {
                answer("error: expected time or compute, an index, a precision: \(line)")
                continue
            }
            let network = measuredNetworks[index]
            switch (words[0], words.count) {
            case ("time", 4): answer("\(try time(network, precision, Double(words[3]) ?? 1))")
            case ("compute", 5):
                try compute(network, precision, words[3], words[4])
                answer("done")
            default: answer("error: no request '\(words[0])'")
            }
        }
    }

    private func planes(_ words: [String]) throws {
        guard words.count > 5, let work = try PlaneWork(Array(words[1...4])) else {
            return answer("error: expected a model, a size and a precision: \(words)")
        }
        switch (words[0], words.count) {
        case ("planes-time", 6): answer("\(try work.time(Double(words[5]) ?? 1))")
        case ("planes-compute", 8):
            try work.compute(words[5], words[6], words[7])
            answer("done")
        case ("planes-export", 6):
            try work.export(to: words[5])
            answer("done")
        default: answer("error: no request '\(words[0])'")
        }
    }

    private func time(
        _ network: MeasuredNetwork, _ precision: Precision, _ duration: Double
    ) throws -> Double {
        let key = "\(network.name) \(precision.rawValue)"
        let plan = try plans[key] ?? network.plan(precision)
        plans[key] = plan
        let end = seconds() + duration
        var time = Double.infinity
        repeat { time = min(time, try best(of: 1) { try plan.run() }) } while seconds() < end
        return time
    }

    private func compute(
        _ network: MeasuredNetwork, _ precision: Precision, _ source: String, _ target: String
    ) throws {
        let plan = try Plan(
            network.graph, shapes: network.shapes,
            options: PlanOptions(precision: precision, threads: 2))
        plan.setParameters(network.parameters)
        let input = plan.input("x")
        guard let file = fopen(source, "rb") else { return answer("error: cannot read \(source)") }
        let count = fread(input.baseAddress, 1, input.count, file)
        fclose(file)
        guard count == input.count else { return answer("error: \(source) is too short") }
        try plan.run()
        let output = plan.output("y")
        guard let file = fopen(target, "wb") else { return answer("error: cannot write \(target)") }
        fwrite(output.baseAddress, 1, output.count, file)
        fclose(file)
    }

    /// A line at once: the other side waits for it.
    private func answer(_ line: String) {
        print(line)
        fflush(nil)
    }
}
