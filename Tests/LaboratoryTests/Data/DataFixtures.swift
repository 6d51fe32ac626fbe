// Hand-made data sets for tests.
import CZLIB
import Glibc
import TestSupport

/// A folder with data sets that a test may damage.
struct DataFixture {
    let folder = TemporaryFolder()

    /// An empty place for data sets.
    init() {
        mkdir(folder("mnist"), 0o755)
        mkdir(folder("cifar10"), 0o755)
    }

    /// Unsigned bytes with the header of an idx file.
    static func idx(_ extents: [Int], _ bytes: [UInt8], type: UInt8 = 8) -> [UInt8] {
        [0, 0, type, UInt8(extents.count)]
            + extents.flatMap { extent in
                [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: extent >> $0) }
            } + bytes
    }

    /// Writes a file, compressed where its name ends in gz.
    @discardableResult
    func write(_ bytes: [UInt8], to name: String) -> String {
        guard name.hasSuffix(".gz") else { return folder.write(bytes, to: name) }
        let file = gzopen(folder(name), "wb")
        precondition(gzwrite(file, bytes, UInt32(bytes.count)) == bytes.count)
        precondition(gzclose(file) == Z_OK)
        return folder(name)
    }

    /// Writes four idx files of 3 and 2 pictures; picture i shows i + 4, its pixels all 51 i.
    func writeMNIST(suffix: String = "") {
        for (name, count) in [("train", 3), ("t10k", 2)] {
            let pixels = (0..<count).flatMap { [UInt8](repeating: UInt8(51 * $0), count: 784) }
            write(
                Self.idx([count, 28, 28], pixels), to: "mnist/\(name)-images-idx3-ubyte\(suffix)")
            write(
                Self.idx([count], (0..<count).map { UInt8($0 + 4) }),
                to: "mnist/\(name)-labels-idx1-ubyte\(suffix)")
        }
    }

    /// The bytes of `count` photographs; photograph i shows i, its planes are i, i + 1 and i + 2.
    static func photographs(_ count: Int) -> [UInt8] {
        (0..<count).flatMap { index -> [UInt8] in
            [UInt8(index)]
                + (0..<3).flatMap { [UInt8](repeating: UInt8(index + $0), count: 1024) }
        }
    }
}
