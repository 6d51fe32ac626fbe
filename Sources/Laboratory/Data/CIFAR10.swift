// CIFAR-10 in its binary layout: a label, then the red, green and blue plane.
import FileNames
import Glibc
import Tensors

/// Photographs of ten kinds of things, 32x32 in colour (Krizhevsky, 2009).
public struct CIFAR10: Sendable {
    /// Those of all `*.bin` whose names do not begin with `test`.
    public let training: LabelledPictures
    /// Those of `test*.bin`; nil where there is no such file.
    public let test: LabelledPictures?

    private static let pixels = 3 * 32 * 32
    /// Bytes beyond which a file is not read: ten times what the official ones have.
    private static let mostBytes = 10 * 10_000 * (1 + pixels)

    /// Reads a folder.
    ///
    /// - Throws: ``DataError``.
    public init(contentsOf folder: String) throws(DataError) {
        let names = try fileNames(in: folder).filter { $0.hasSuffix(".bin") }
        let testNames = names.filter { $0.hasPrefix("test") }
        let others = names.filter { !$0.hasPrefix("test") }
        guard !others.isEmpty else {
            throw DataError(folder, .holdsNone(of: ["data_batch_*.bin"]))
        }
        training = try Self.read(others.map { "\(folder)/\($0)" })
        test = testNames.isEmpty ? nil : try Self.read(testNames.map { "\(folder)/\($0)" })
    }

    private static func read(_ paths: [String]) throws(DataError) -> LabelledPictures {
        var labels: [Int] = [], planes: [UInt8] = []
        for path in paths {
            let bytes = try PackedFile(path).readAll(limit: mostBytes)
            guard !bytes.isEmpty, bytes.count % (1 + pixels) == 0 else {
                throw DataError(
                    path,
                    .malformed(
                        "has \(bytes.count) bytes; a multiple of \(1 + pixels) is wanted: is it whole?"
                    ))
            }
            for start in stride(from: 0, to: bytes.count, by: 1 + pixels) {
                guard bytes[start] <= 9 else {
                    throw DataError(
                        path, .malformed("has a label \(bytes[start]); 0 to 9 are wanted"))
                }
                labels.append(Int(bytes[start]))
                planes += bytes[(start + 1)...(start + pixels)]
            }
        }
        return LabelledPictures(
            unitInterval(planes, shape: [labels.count, pixels]), labels: labels, width: 32,
            height: 32, channels: 3, origin: "CIFAR-10")
    }
}
