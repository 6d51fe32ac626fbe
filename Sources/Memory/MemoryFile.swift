// A predictive-coding memory as one safetensors file.
import Networks
import Tensors

extension PredictiveCodingMemory {
    private static let format = "predictive-coding-memory"

    /// Writes weights and settings, replacing the file at once or not at all.
    ///
    /// - Throws: `FileWriteError`.
    public func write(to path: String) throws(FileWriteError) {
        try parameters.write(
            to: path,
            metadata: [
                "format": Self.format,
                "widths": network.widths.map(String.init).joined(separator: " "),
                "priorPrecision": "\(priorPrecision)",
            ])
    }

    /// Reads a memory.
    ///
    /// - Throws: `SafetensorsError` naming what is missing or does not fit.
    public init(contentsOf path: String) throws(SafetensorsError) {
        let file = try Safetensors(contentsOf: path)
        _ = try file.value("format", Self.format) { $0 == Self.format ? $0 : nil }
        let widths = try file.value("widths", "two numbers of units or more") { text -> [Int]? in
            let widths = text.split(separator: " ").map { Int($0) ?? 0 }
            let isPlausible = widths.count >= 2 && widths.allSatisfy { (1...1 << 24).contains($0) }
            return isPlausible ? widths : nil
        }
        let precision = try file.value("priorPrecision", "a positive number") { text in
            Double(text).flatMap { $0 > 0 && $0.isFinite ? $0 : nil }
        }
        let network = GenerativeNetwork(widths)
        self.init(
            network, try Parameters(reading: file, for: network), priorPrecision: precision)
    }
}
