// The networks of the shipped models in 8 bits beside floats, at 1280x720.
import Compute
import Enhancement
import Glibc
import Tensors

/// Times a frame's network in each arithmetic that this processor has, in turn.
enum EightBits {
    private static let names = ["live", "studio"], rounds = 5

    /// Prints a line for each model.
    ///
    /// - Returns: frames/s by name, for `Thresholds`.
    static func report() throws -> [String: Double] {
        guard Processor.hasVNNI else {
            print("8 bits are not measured: this processor has no 8-bit dot products")
            return [:]
        }
        var measured: [String: Double] = [:]
        for name in names {
            let model = try EnhancementModel(contentsOf: "models/\(name).safetensors")
            let precisions: [Precision] =
                [.f32] + (Processor.multipliesBF16 ? [.bf16] : []) + [.int8]
            let plans = try precisions.map { try plan(model, $0) }
            var times = plans.map { _ in [Double]() }
            for _ in 0..<rounds {
                for (index, plan) in plans.enumerated() {
                    times[index].append(try best(of: 3) { try plan.run() })
                }
            }
            let medians = times.map { $0.sorted()[rounds / 2] }
            for (precision, time) in zip(precisions, medians) {
                measured["\(name), 1280x720 \(precision.rawValue)"] = 1 / time
            }
            let ratios = zip(precisions, medians).dropLast().map { precision, time in
                "\(rounded(time / medians.last!)) times \(precision.rawValue)"
            }
            let milliseconds = zip(precisions, medians).map {
                "\($0.rawValue) \(rounded($1 * 1000)) ms"
            }
            print(
                "\(name), network at 1280x720: \(milliseconds.joined(separator: ", ")); int8 is "
                    + ratios.joined(separator: ", "))
            fflush(nil)
        }
        return measured
    }

    private static func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }

    private static func plan(_ model: EnhancementModel, _ precision: Precision) throws -> Plan {
        var shapes = model.parameters.values.mapValues(\.shape)
        shapes["packets"] = [1, model.generator.shape.inputs, 360, 640]
        let plan = try Plan(
            model.generator.graph, shapes: shapes,
            options: PlanOptions(
                precision: precision, threads: benchmarkThreads,
                formats: ["packets": .blocked, "residual": .blockedFloat],
                calibration: model.calibration?.ranges))
        plan.setParameters(model.parameters.values)
        try plan.run()
        return plan
    }
}
