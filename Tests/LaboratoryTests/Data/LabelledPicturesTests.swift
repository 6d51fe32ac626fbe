// Sets of pictures: choosing from them, their targets, and which an experiment gets.
import TestSupport
import Tensors
import Testing

@testable import Laboratory

@Suite("Labelled pictures")
struct LabelledPicturesTests {
    private let three = LabelledPictures(
        Tensor([0, 1, 2, 3, 4, 5], shape: [3, 2]), labels: [2, 0, 1], width: 2, height: 1,
        origin: "test")

    @Test("Chosen pictures come in the order of their numbers, labels with them")
    func selecting() {
        let chosen = three.selecting([2, 0, 2])
        #expect(chosen.pictures.elements == [4, 5, 0, 1, 4, 5] && chosen.labels == [1, 2, 1])
        #expect(three.prefix(2).labels == [2, 0] && three.prefix(9).count == 3)
        #expect(three.prefix(0).pictures.shape == [0, 2])
    }

    @Test("Targets are 1 at the label and 0 elsewhere")
    func targets() {
        #expect(three.targets(classes: 3).elements == [0, 0, 1, 1, 0, 0, 0, 1, 0])
    }

    @Test("Without data an experiment gets rendered digits, none in both halves")
    func rendered() throws {
        let (training, test) = try ExperimentSetting().pictures(training: 200, test: 100)
        #expect(training.count == 200 && test.count == 100)
        #expect(training.origin == "rendered digits")
        let learned = Set((0..<200).map { training.selecting([$0]).pictures.elements })
        #expect((0..<100).allSatisfy { !learned.contains(test.selecting([$0]).pictures.elements) })
        #expect(try ExperimentSetting().photographs()?.count == nil)
    }

    @Test("With data it gets MNIST, as much as is there")
    func given() throws {
        let fixture = DataFixture()
        fixture.writeMNIST(suffix: ".gz")
        var setting = ExperimentSetting()
        setting.data = fixture.folder.path
        let (training, test) = try setting.pictures(training: 2)
        #expect(training.labels == [4, 5] && test.labels == [4, 5] && test.origin == "MNIST")
        #expect(throws: DataError.self) { try setting.photographs() }
    }
}
