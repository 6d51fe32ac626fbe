// The course of a training run as CSV, one line a step.
import Glibc
import Networks

/// A CSV file that grows by a line at a time, whose first column is the step.
public final class TrainingLog {
    private let path: String
    private let descriptor: Int32
    /// The columns of a log of every step.
    public static let everyStep = "step,seconds,rate,loss,gradient_norm,taken"

    /// Opens the log for a run that has done `step` steps; lines beyond that, of a run that was
    /// killed after its last checkpoint, are dropped.
    ///
    /// - Throws: `FileWriteError`.
    public init(
        _ path: String, header: String = TrainingLog.everyStep, resumingAt step: Int
    ) throws(FileWriteError) {
        self.path = path
        var kept = [header]
        if step > 0, let text = Self.read(path) {
            kept += text.split(separator: "\n").dropFirst().filter {
                guard let field = $0.split(separator: ",").first, let number = Int(field) else {
                    return false
                }
                return number <= step
            }.map(String.init)
        }
        var failure: FileWriteError?
        let text = kept.joined(separator: "\n") + "\n"
        Array(text.utf8).withUnsafeBytes { bytes in
            do throws(FileWriteError) { try writeAtomically([bytes], to: path) } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileWriteError(file: path, step: "open", code: errno) }
    }

    /// Appends a line of a log of every step.
    ///
    /// - Throws: `FileWriteError`.
    public func append(
        step: Int, seconds: Double, rate: Double, loss: Double, norm: Double, isTaken: Bool
    ) throws(FileWriteError) {
        let time = (seconds * 1000).rounded() / 1000
        try append("\(step),\(time),\(rate),\(loss),\(Float(norm)),\(isTaken ? 1 : 0)")
    }

    /// Appends a line, which begins with the step.
    ///
    /// - Throws: `FileWriteError`.
    public func append(_ line: String) throws(FileWriteError) {
        let bytes = Array((line + "\n").utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw FileWriteError(file: path, step: "append", code: errno)
        }
    }

    deinit { close(descriptor) }

    private static func read(_ path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 {
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
