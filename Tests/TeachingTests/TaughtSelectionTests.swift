import Interaction
import Networks
import Tensors
import Terminal
import TestSupport
import Testing

@testable import Teaching

@Suite("Taught selection")
struct TaughtSelectionTests {
    private let folder = TemporaryFolder()
    private let detector: String, space: LookSpace

    init() throws {
        detector = folder.write([1, 2, 3], to: "detector.safetensors")
        space = plainSpace(
            width: 4, known: [[0, 0, 0, 1]],
            detector: try PhotographPairs.source(files: [detector]))
        _ = try TaughtMemory(contentsOf: folder("m")).adding(
            [example("polish", "car", 1, detector: space.detectorName)],
            looks: [([1, 0, 0, 0], [1, 0, 0, 0])])
    }

    private func head(cells: Int? = nil) -> BranchedModel {
        func model(_ regions: RegionShape?) -> PredicateModel {
            PredicateModel(
                PredicateHead(verbCount: 1, regions: regions), parameters: Parameters([]),
                verbNames: ["hold"])
        }
        let regions = cells.flatMap { RegionShape("1 \($0) human") }
        return BranchedModel(
            model(nil),
            appearance: regions.map {
                BranchedModel.Appearance(
                    model($0), fusion: BranchFusion(geometry: 1, appearance: 1, offset: 0),
                    detector: "d")
            })
    }

    /// What is told, and what is warned of.
    private func chosen(
        _ named: String?, usual: String? = nil, side: Int = 416, detector other: String? = nil,
        cells: Int? = nil
    ) throws -> (taught: TaughtFindings?, warnings: [String]) {
        var warnings: [String] = []
        let taught = try TaughtFindings.chosen(
            named, "--taught", usual: usual, in: space, detector: other ?? detector, side: side,
            beside: head(cells: cells)
        ) { warnings.append($0) }
        return (taught, warnings)
    }

    @Test("A memory that is named is told, and none where that is said")
    func named() throws {
        let (taught, warnings) = try chosen(folder("m"), cells: 3)
        #expect(taught?.triplets.map(\.description) == ["polish car"] && warnings.isEmpty)
        #expect(taught?.memory.folder == folder("m"))
        #expect(try chosen("none").taught == nil)
    }

    @Test("What is wrong with a memory that is named is an error with its status")
    func errors() throws {
        let other = folder.write([9], to: "other.safetensors")
        #expect(problemLine { _ = try chosen(folder("nowhere")) }.hasPrefix("66 "))
        #expect(problemLine { _ = try chosen(folder("m"), side: 640) }.contains("--side 416"))
        #expect(problemLine { _ = try chosen(folder("m"), cells: 2) }.contains("3 x 3 cells"))
        #expect(problemLine { _ = try chosen(folder("m"), detector: other) }.hasPrefix("65 "))
    }

    @Test("What is wrong with one that nobody asked for is a warning, and nothing is told")
    func unasked() throws {
        let (none, silence) = try chosen(nil, usual: folder("nowhere"))
        #expect(none == nil && silence.isEmpty)
        #expect(try chosen(nil, usual: folder("m")).taught != nil)
        #expect(try chosen("none", usual: folder("m")).taught == nil)
        let (taught, warnings) = try chosen(nil, usual: folder("m"), side: 640)
        #expect(taught == nil && warnings.count == 1)
        #expect(warnings.first?.contains("(--taught none)") == true)
    }
}
