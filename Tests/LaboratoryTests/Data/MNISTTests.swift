// Reading MNIST: hand-made files, plain and gzip; broken ones; the real ones where they lie.
import TestSupport
import Testing

@testable import Laboratory

@Suite("MNIST")
struct MNISTTests {
    private let fixture = DataFixture()

    @Test(
        "Plain and gzip files read alike: pixels from 0 to 1, labels in order",
        arguments: ["", ".gz"])
    func reading(suffix: String) throws {
        fixture.writeMNIST(suffix: suffix)
        let mnist = try DataFolder(fixture.folder.path).mnist()
        #expect(mnist.training.labels == [4, 5, 6] && mnist.test.labels == [4, 5])
        #expect(mnist.training.pictures.shape == [3, 784])
        for (index, value) in [Float(0), 0.2, 0.4].enumerated() {
            #expect(mnist.training.pictures[index, 0] == value)
            #expect(mnist.training.pictures[index, 783] == value)
        }
    }

    @Test("The folder may be the one above, with small/ in it")
    func above() throws {
        let path = fixture.folder.path
        shell("mkdir '\(path)/all' && mv '\(path)/mnist' '\(path)/cifar10' -t '\(path)/all'")
        shell("mkdir '\(path)/root' && mv '\(path)/all' '\(path)/root/small'")
        #expect(try DataFolder("\(path)/root").path == "\(path)/root/small")
        #expect(try DataFolder("\(path)/root/small").path == "\(path)/root/small")
    }

    @Test("A file that is cut anywhere says so in one line with its path", arguments: ["", ".gz"])
    func truncated(suffix: String) throws {
        fixture.writeMNIST(suffix: suffix)
        let path = fixture.folder("mnist/train-images-idx3-ubyte\(suffix)")
        let whole = readBytes(path)
        for length in [0, 1, 3, 7, whole.count / 2, whole.count - 9, whole.count - 1] {
            writeBytes(whole.prefix(length), to: path)
            let error = #expect(throws: DataError.self) {
                try MNIST(contentsOf: fixture.folder("mnist"))
            }
            #expect(
                error?.path == path && error?.exitCode == 65,
                "\(length): \(String(describing: error))")
            #expect(error?.description.contains("\n") == false)
        }
        writeBytes(whole, to: path)
        #expect(throws: Never.self) { try MNIST(contentsOf: fixture.folder("mnist")) }
    }

    @Test("A gzip file with a wrong byte is refused")
    func damaged() throws {
        fixture.writeMNIST(suffix: ".gz")
        let path = fixture.folder("mnist/train-images-idx3-ubyte.gz")
        var bytes = readBytes(path)
        // The checksum behind the data.
        bytes[bytes.count - 6] ^= 1
        writeBytes(bytes, to: path)
        let error = #expect(throws: DataError.self) {
            try MNIST(contentsOf: fixture.folder("mnist"))
        }
        #expect(error?.path == path && error?.exitCode == 65)
    }

    @Test("A file that is something else is refused, and the line says why")
    func refusals() throws {
        let zeros = [UInt8](repeating: 0, count: 784)
        let idx = DataFixture.idx
        let cases: [(name: String, bytes: [UInt8], hint: String)] = [
            ("train-images-idx3-ubyte", Array("GIF89a, and more of it".utf8), "no idx file"),
            ("train-images-idx3-ubyte", idx([3, 28, 28], zeros, 13), "type 13"),
            ("train-images-idx3-ubyte", idx([784], zeros, 8), "1 axes"),
            ("train-images-idx3-ubyte", idx([1, 784, 1], zeros, 8), "[1, 784, 1]"),
            ("train-images-idx3-ubyte", idx([0, 28, 28], [], 8), "[0, 28, 28]"),
            ("train-images-idx3-ubyte", idx([1, 28, 28], zeros, 8), "3 labels for 1"),
            ("train-images-idx3-ubyte", idx([1, 28, 28], zeros + [0], 8), "follows"),
            ("train-images-idx3-ubyte", idx([4_294_967_295, 28, 28], zeros, 8), "too large"),
            (
                "train-images-idx3-ubyte",
                idx([4_294_967_295, 4_294_967_295, 4_294_967_295], zeros, 8), "too large"
            ),
            ("train-labels-idx1-ubyte", idx([3], [1, 10, 2], 8), "label 10"),
            ("train-labels-idx1-ubyte", idx([3], [1, 2], 8), "ends too early"),
        ]
        for (name, bytes, hint) in cases {
            fixture.writeMNIST()
            fixture.write(bytes, to: "mnist/\(name)")
            let error = #expect(throws: DataError.self) {
                try MNIST(contentsOf: fixture.folder("mnist"))
            }
            #expect(
                error?.description.contains(hint) == true, "\(hint): \(String(describing: error))")
            #expect(error?.exitCode == 65)
        }
    }

    @Test("What is not there is 66, and the line says what is looked for")
    func missing() throws {
        let absent = #expect(throws: DataError.self) { try DataFolder("/nonexistent/data") }
        #expect(absent?.exitCode == 66 && absent?.description.contains("No such file") == true)
        let path = fixture.folder.path
        let empty = #expect(throws: DataError.self) { try DataFolder(path + "/mnist") }
        #expect(empty?.exitCode == 66 && empty?.description.contains("mnist/") == true)
        let noFile = #expect(throws: DataError.self) { try DataFolder(path).mnist() }
        #expect(noFile?.exitCode == 66)
        #expect(noFile?.description.contains("train-images-idx3-ubyte[.gz]") == true)
        shell("rmdir '\(path)/mnist'")
        let noSet = #expect(throws: DataError.self) { try DataFolder(path).mnist() }
        #expect(noSet?.exitCode == 66)
        shell("mkdir -p '\(path)/mnist/train-images-idx3-ubyte'")
        fixture.write(DataFixture.idx([1], [1]), to: "mnist/train-labels-idx1-ubyte")
        let folder = #expect(throws: DataError.self) { try DataFolder(path).mnist() }
        #expect(folder?.exitCode == 66 && folder?.description.contains("directory") == true)
    }

    @Test(
        "The real files hold 60000 and 10000 digits, the first a 5", .enabled(if: dataFolder != nil)
    )
    func real() throws {
        let mnist = try DataFolder(try #require(dataFolder)).mnist()
        #expect(mnist.training.count == 60_000 && mnist.test.count == 10_000)
        #expect(mnist.training.labels.prefix(5) == [5, 0, 4, 1, 9])
        #expect(mnist.test.labels.first == 7)
        // The mean that is known of it.
        let sum = mnist.training.pictures.withUnsafeBufferPointer { pixels in
            pixels.reduce(0.0) { $0 + Double($1) }
        }
        #expect(abs(sum / Double(60_000 * 784) - 0.1307) < 1e-4)
    }
}
