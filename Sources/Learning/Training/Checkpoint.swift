// A training run as one safetensors file, so that it can go on later, bit for bit.
import Networks
import Tensors

extension TrainingState {
    private static let version = "1"

    /// Writes the whole state, replacing the file at once or not at all.
    ///
    /// Tensors: "weights.PATH", "average.PATH", "optimiser.MOMENT.PATH"; all else is metadata.
    ///
    /// - Throws: `FileWriteError`.
    public func write(to path: String) throws(FileWriteError) {
        var tensors = parameters.map { (name: "weights.\($0.path)", tensor: $0.tensor) }
        var metadata = [
            "checkpoint.version": Self.version, "checkpoint.step": "\(step)",
            "checkpoint.refusals": "\(refusals)",
            "checkpoint.seconds": hexadecimal(seconds.bitPattern),
            "checkpoint.random": random.state.map(hexadecimal).joined(separator: " "),
            "optimiser": type(of: optimiser).kind, "optimiser.steps": "\(optimiser.memory.steps)",
            "optimiser.moments": optimiser.memory.moments.keys.sorted().joined(separator: " "),
        ]
        if let average {
            metadata["average.steps"] = "\(average.steps)"
            metadata["average.decay"] = hexadecimal(average.decay.bitPattern)
            tensors += average.parameters.map { ("average.\($0.path)", $0.tensor) }
        }
        for (moment, parameters) in optimiser.memory.moments.sorted(by: { $0.key < $1.key }) {
            tensors += parameters.map { ("optimiser.\(moment).\($0.path)", $0.tensor) }
        }
        for (key, value) in notes { metadata["note.\(key)"] = value }
        try Safetensors.write(tensors, metadata: metadata, to: path)
    }

    /// Reads a state for a run of the same network and optimiser; all but the optimiser's settings
    /// comes from the file.
    ///
    /// - Throws: `SafetensorsError` naming the tensor or the entry that does not fit.
    public init(
        contentsOf path: String, for module: some Module, optimiser: any Optimiser
    ) throws(SafetensorsError) {
        let file = try Safetensors(contentsOf: path)
        let metadata = file.metadata
        func count(_ text: String) -> Int? { Int(text).flatMap { $0 >= 0 ? $0 : nil } }
        func double(_ text: String) -> Double? { word(text).map(Double.init(bitPattern:)) }

        let kind = type(of: optimiser).kind
        _ = try file.value("checkpoint.version", "version \(Self.version) of a checkpoint") {
            $0 == Self.version ? $0 : nil
        }
        _ = try file.value("optimiser", kind) { $0 == kind ? $0 : nil }
        step = try file.value("checkpoint.step", "a number of steps", count)
        refusals = try file.value("checkpoint.refusals", "a number of steps", count)
        seconds = try file.value("checkpoint.seconds", "a bit pattern", double)
        random = RandomSource(seed: 0)
        random.state = try file.value("checkpoint.random", "four hexadecimal words") { text in
            let words = text.split(separator: " ").compactMap { word(String($0)) }
            return words.count == 4 ? words : nil
        }
        parameters = try Parameters(
            reading: file, for: module, prefix: "weights.", allowingOthers: true)

        var optimiser = optimiser
        optimiser.memory = OptimiserMemory()
        optimiser.memory.steps = try file.value("optimiser.steps", "a number of steps", count)
        let moments = try file.value("optimiser.moments", "names of moments") {
            $0.split(separator: " ")
        }
        for moment in moments.map(String.init) {
            optimiser.memory.moments[moment] = try Parameters(
                reading: file, for: module, prefix: "optimiser.\(moment).", allowingOthers: true)
        }
        self.optimiser = optimiser

        if metadata["average.steps"] != nil {
            let weights = try Parameters(
                reading: file, for: module, prefix: "average.", allowingOthers: true)
            let decay = try file.value("average.decay", "a bit pattern of a number in [0, 1)") {
                text in
                double(text).flatMap { (0..<1).contains($0) ? $0 : nil }
            }
            var average = MovingAverage(of: weights, decay: decay)
            average.steps = try file.value("average.steps", "a number of steps", count)
            self.average = average
        }
        let prefix = "note."
        for (key, value) in metadata where key.hasPrefix(prefix) {
            notes[String(key.dropFirst(prefix.count))] = value
        }
    }
}

private func hexadecimal(_ word: UInt64) -> String {
    let digits = String(word, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}

private func word(_ text: String) -> UInt64? { text.count == 16 ? UInt64(text, radix: 16) : nil }
