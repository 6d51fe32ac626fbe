// MNIST as its four idx files, plain or gzip.
import FileNames
import Glibc
import Tensors

/// Handwritten digits, 28x28, black ground (LeCun, Cortes and Burges).
public struct MNIST: Sendable {
    /// To learn from: 60000.
    public let training: LabelledPictures
    /// To measure with: 10000.
    public let test: LabelledPictures

    /// Reads `train-images-idx3-ubyte` and the other three in a folder, with or without `.gz`.
    ///
    /// - Throws: ``DataError``.
    public init(contentsOf folder: String) throws(DataError) {
        training = try Self.half("train", in: folder)
        test = try Self.half("t10k", in: folder)
    }

    private static func half(
        _ name: String, in folder: String
    ) throws(DataError) -> LabelledPictures {
        let picturesPath = try path("\(name)-images-idx3-ubyte", in: folder)
        let labelsPath = try path("\(name)-labels-idx1-ubyte", in: folder)
        let pictures = try IndexedFile(contentsOf: picturesPath, rank: 3)
        let labels = try IndexedFile(contentsOf: labelsPath, rank: 1).bytes.map(Int.init)
        guard pictures.extents[0] > 0, pictures.extents[1...] == [28, 28] else {
            throw DataError(
                picturesPath, .malformed("holds \(pictures.extents); [N, 28, 28] is wanted"))
        }
        guard labels.count == pictures.extents[0] else {
            throw DataError(
                labelsPath,
                .malformed("holds \(labels.count) labels for \(pictures.extents[0]) pictures"))
        }
        if let odd = labels.first(where: { $0 > 9 }) {
            throw DataError(labelsPath, .malformed("has a label \(odd); 0 to 9 are wanted"))
        }
        return LabelledPictures(
            unitInterval(pictures.bytes, shape: [labels.count, 784]), labels: labels, width: 28,
            height: 28, origin: "MNIST")
    }

    private static func path(_ name: String, in folder: String) throws(DataError) -> String {
        let path = "\(folder)/\(name)"
        for candidate in [path, path + ".gz"] where access(candidate.fileName, F_OK) == 0 {
            return candidate
        }
        throw DataError(folder, .holdsNone(of: ["\(name)[.gz]"]))
    }
}

/// Bytes as numbers from 0 to 1.
func unitInterval(_ bytes: [UInt8], shape: Shape) -> Tensor<Float> {
    Tensor(shape: shape) { to in
        for index in bytes.indices { to[index] = Float(bytes[index]) / 255 }
    }
}
