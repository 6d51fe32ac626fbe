// Measures and computes on request, so that runs can alternate with those of other programs.
import Compute
import Glibc
import Tensors

/// Answers a line on standard output for each line on standard input:
///
/// - `time INDEX PRECISION SECONDS`: the shortest run of network INDEX within SECONDS, in seconds.
/// - `compute INDEX PRECISION INPUT OUTPUT`: reads the input "x" as raw Float32 from a file, writes
///   the output "y" to another, and answers `done`.
/// - `training-compute INDEX PRECISION INPUT TARGET OUTPUT`: the loss, then all gradients in order of
///   their parameters' names.
/// - `learning-compute INDEX INPUT TARGET PARAMETERS OUTPUT`: the gradients that predictive coding yields on case INDEX
///   of `LearningStep`, in order of their parameters' names, as the parameters are.
/// - `learning-time INDEX SECONDS`: the shortest whole step of learning, on what was computed last.
/// - `network-time MODEL WIDTH HEIGHT PRECISION SECONDS`, `network-compute MODEL WIDTH HEIGHT PRECISION
///   INPUT OUTPUT`: a model's network alone, from packets to packets, for frames of that size;
///   `network-time-row-major` reads and writes packets row-major, as other programs do.
/// - `planes-time MODEL WIDTH HEIGHT PRECISION SECONDS`: the same from planes to planes, in seconds.
/// - `planes-compute MODEL WIDTH HEIGHT PRECISION INPUT OUTPUT MAPS`: one frame.
/// - `planes-export MODEL WIDTH HEIGHT PRECISION OUTPUT`: the network as ONNX.
final class Server {
    private var plans: [String: Plan] = [:]
    private var learning: [Int: LearningStep] = [:]

    func run() throws {
        answer("ready")
        while let line = readLine() {
            let words = line.split(separator: " ").map(String.init)
            if let word = words.first, word.hasPrefix("planes-") || word.hasPrefix("network-") {
                try planes(words)
                continue
            }
            if let word = words.first, word.hasPrefix("learning-") {
                try learn(words)
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
                try compute(
                    network, precision, ["x": words[3]], outputs: ["y"], to: words[4])
            case ("training-compute", 6):
                let names = network.parameters.keys.sorted().map { "gradient of \($0)" }
                try compute(
                    network, precision, ["x": words[3], "target": words[4]],
                    outputs: ["loss"] + names, to: words[5])
            default: answer("error: no request '\(words[0])'")
            }
        }
    }

    private func planes(_ words: [String]) throws {
        guard words.count > 5, let work = try PlaneWork(Array(words[1...4])) else {
            return answer("error: expected a model, a size and a precision: \(words)")
        }
        switch (words[0], words.count) {
        case ("network-time", 6), ("network-time-row-major", 6):
            let key = words[...4].joined(separator: " ")
            let isBlocked = words[0] == "network-time"
            let plan =
                try plans[key]
                ?? work.plan(
                    isBlocked ? ["packets": .blocked, "residual": .blockedFloat] : [:])
            plans[key] = plan
            answer("\(try time(plan, Double(words[5]) ?? 1))")
        case ("network-compute", 7):
            try compute(
                work.plan([:]), ["packets": words[5]], outputs: ["residual"], to: words[6])
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

    private func learn(_ words: [String]) throws {
        guard words.count > 2, let index = Int(words[1]), LearningStep.names.indices.contains(index)
        else { return answer("error: expected the number of a case: \(words)") }
        let step = try learning[index] ?? LearningStep(index)
        learning[index] = step
        switch (words[0], words.count) {
        case ("learning-time", 3):
            answer("\(try time(Double(words[2]) ?? 1) { try step.learn() })")
        case ("learning-compute", 6):
            guard step.set(words[2], words[3], words[4]) else {
                return answer("error: cannot read \(words[2...4])")
            }
            let gradients = try step.gradients()
            guard let file = fopen(words[5], "wb") else {
                return answer("error: cannot write \(words[5])")
            }
            _ = gradients.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
            fclose(file)
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
        return try time(plan, duration)
    }

    private func time(_ plan: Plan, _ duration: Double) throws -> Double {
        try time(duration) { try plan.run() }
    }

    private func time(_ duration: Double, _ body: () throws -> Void) throws -> Double {
        let end = seconds() + duration
        var time = Double.infinity
        repeat { time = min(time, try best(of: 1, body)) } while seconds() < end
        return time
    }

    private func compute(
        _ network: MeasuredNetwork, _ precision: Precision, _ inputs: [String: String],
        outputs: [String], to target: String
    ) throws {
        let plan = try Plan(
            network.graph, shapes: network.shapes,
            options: PlanOptions(precision: precision, threads: benchmarkThreads))
        plan.setParameters(network.parameters)
        try compute(plan, inputs, outputs: outputs, to: target)
    }

    /// Runs a plan on inputs from files and writes its outputs to one, one after the other.
    private func compute(
        _ plan: Plan, _ inputs: [String: String], outputs: [String], to target: String
    ) throws {
        for (name, path) in inputs {
            let input = plan.input(name)
            guard let file = fopen(path, "rb") else { return answer("error: cannot read \(path)") }
            let count = fread(input.baseAddress, 1, input.count, file)
            fclose(file)
            guard count == input.count else { return answer("error: \(path) is too short") }
        }
        try plan.run()
        guard let file = fopen(target, "wb") else { return answer("error: cannot write \(target)") }
        for name in outputs {
            let output = plan.output(name)
            fwrite(output.baseAddress, 1, output.count, file)
        }
        fclose(file)
        answer("done")
    }

    /// A line at once: the other side waits for it.
    private func answer(_ line: String) {
        print(line)
        fflush(nil)
    }
}
