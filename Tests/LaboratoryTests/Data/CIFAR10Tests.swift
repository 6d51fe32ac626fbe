// Reading CIFAR-10: hand-made files, broken ones, and real ones where they lie.
import TestSupport
import Testing

@testable import Laboratory

@Suite("CIFAR-10")
struct CIFAR10Tests {
    private let fixture = DataFixture()

    @Test("Files are read in order of their names, planes red, green, blue; test apart")
    func reading() throws {
        fixture.write(DataFixture.photographs(3), to: "cifar10/data_batch_2.bin")
        fixture.write(DataFixture.photographs(2), to: "cifar10/data_batch_1.bin")
        fixture.write(Array("airplane\n".utf8), to: "cifar10/batches.meta.txt")
        let alone = try DataFolder(fixture.folder.path).cifar10()
        #expect(alone.training.labels == [0, 1, 0, 1, 2] && alone.test == nil)
        #expect(alone.training.pictures.shape == [5, 3072] && alone.training.channels == 3)
        #expect(alone.training.pictures[4, 0] == Float(2) / 255)
        #expect(alone.training.pictures[4, 1024] == Float(3) / 255)
        #expect(alone.training.pictures[4, 3071] == Float(4) / 255)
        fixture.write(DataFixture.photographs(1), to: "cifar10/test_batch.bin")
        let both = try DataFolder(fixture.folder.path).cifar10()
        #expect(both.training.count == 5 && both.test?.count == 1)
    }

    @Test("A file that is cut, or labelled beyond 9, is refused with its path")
    func refusals() throws {
        let whole = DataFixture.photographs(2)
        for (bytes, hint) in [
            (Array(whole.dropLast()), "6145 bytes"), ([], "0 bytes"),
            ([10] + whole.dropFirst(), "label 10"),
        ] {
            let path = fixture.write(bytes, to: "cifar10/data_batch_1.bin")
            let error = #expect(throws: DataError.self) {
                try DataFolder(fixture.folder.path).cifar10()
            }
            #expect(error?.path == path && error?.exitCode == 65)
            #expect(error?.description.contains(hint) == true, "\(String(describing: error))")
        }
    }

    @Test("A folder without a file to learn from is 66")
    func missing() throws {
        fixture.write(DataFixture.photographs(1), to: "cifar10/test_batch.bin")
        let error = #expect(throws: DataError.self) {
            try DataFolder(fixture.folder.path).cifar10()
        }
        #expect(error?.exitCode == 66)
    }

    @Test("The real file holds a hundred of each kind", .enabled(if: dataFolder != nil))
    func real() throws {
        let photographs = try DataFolder(try #require(dataFolder)).cifar10().training
        #expect(photographs.count >= 1000)
        for kind in 0..<10 { #expect(photographs.labels.count { $0 == kind } >= 100) }
    }
}
