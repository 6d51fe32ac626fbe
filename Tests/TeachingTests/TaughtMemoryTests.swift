import Glibc
import Interaction
import Memory
import Tensors
import Terminal
import TestSupport
import Testing

@testable import Teaching

@Suite("Taught memory")
struct TaughtMemoryTests {
    private let folder = TemporaryFolder()
    private let space = plainSpace(width: 3, known: [[0, 0, 1]])

    private func taught(_ numbers: [Int], _ verb: String = "polish") throws -> TaughtMemory {
        let memory = try TaughtMemory(contentsOf: folder("data/percept/taught"))
        return try memory.adding(
            numbers.map { example(verb, "car", $0) },
            looks: numbers.map { ([1, Float($0) / 10, 0], [1, 0, Float($0) / 10]) })
    }

    @Test("What is taught is there when the folder is opened again, in order, with its looks")
    func round() throws {
        _ = try taught([1, 2])
        let all = try taught([3], "wax")
        let again = try TaughtMemory(contentsOf: folder("data/percept/taught"))
        #expect(again.examples == all.examples)
        #expect(
            again.examples
                == [
                    example("polish", "car", 1), example("polish", "car", 2),
                    example("wax", "car", 3),
                ])
        #expect(again.triplets.map(\.description) == ["polish car", "wax car"])
        let looks = try again.looks(in: space)
        #expect(looks.plain == Tensor([1, 0.1, 0, 1, 0.2, 0, 1, 0.3, 0], shape: [3, 3]))
        #expect(looks.mirrored == Tensor([1, 0, 0.1, 1, 0, 0.2, 1, 0, 0.3], shape: [3, 3]))
    }

    @Test("What is forgotten is gone from the disk, and the rest stays")
    func forgetting() throws {
        _ = try taught([1, 2])
        let left = try taught([3], "wax").forgetting { $0.triplet.verb == "polish" }
        #expect(left.examples == [example("wax", "car", 3)])
        let again = try TaughtMemory(contentsOf: left.folder)
        #expect(try again.looks(in: space).plain == Tensor([1, 0.3, 0], shape: [1, 3]))
        let index = String(
            decoding: TemporaryFolder.bytes(of: folder("data/percept/taught/index.jsonl")),
            as: UTF8.self)
        #expect(!index.contains("polish") && index.contains("wax"))
        /// Whether a number is in any file of the memory.
        func isStored(_ number: Float) -> Bool {
            let wanted = withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) }
            return TemporaryFolder.names(in: left.folder).contains { name in
                let bytes = TemporaryFolder.bytes(of: "\(left.folder)/\(name)")
                return bytes.indices.dropLast(3).contains {
                    bytes[$0..<$0 + 4].elementsEqual(wanted)
                }
            }
        }
        #expect(isStored(0.3) && !isStored(0.1) && !isStored(0.2))
        #expect(try left.forgetting { _ in true }.examples.isEmpty)
        #expect(try TaughtMemory(contentsOf: left.folder).examples.isEmpty)
        #expect(try taught([4]).examples == [example("polish", "car", 4)])
    }

    @Test("Examples that another detector saw are refused in one line that says what to do")
    func otherDetector() throws {
        let memory = try taught([1]).adding(
            [example("wax", "car", 2, detector: "ffff")], looks: [([1, 0, 0], [1, 0, 0])])
        let text = problemLine { try memory.check(space) }
        #expect(text.hasPrefix("65 ") && text.contains("1 of 2") && text.contains("ffff"))
        #expect(text.contains("--stale") && !text.contains("\n"))
        #expect(problemLine { _ = try memory.likeness(in: space) } == text)
        #expect(problemLine { _ = try TaughtFindings(memory, in: space) } == text)
    }

    @Test("A foreign memory, a damaged one and one of another version are refused and left alone")
    func damage() throws {
        let path = "data/percept/taught/index.jsonl"
        _ = try taught([1])
        let good = TemporaryFolder.bytes(of: folder(path))
        func refused(_ bytes: [UInt8]) -> String {
            folder.write(bytes, to: path)
            return problemLine { _ = try TaughtMemory(contentsOf: folder("data/percept/taught")) }
        }
        #expect(refused(Array(good.dropLast(30))).contains("65 "))
        let later = String(decoding: good, as: UTF8.self).replacing(
            "\"version\":1", with: "\"version\":9")
        #expect(refused(Array(later.utf8)).contains("version 9"))
        #expect(refused([]).contains("65 "))
        folder.write(good, to: path)
        #expect(try TaughtMemory(contentsOf: folder("data/percept/taught")).examples.count == 1)
        _ = try MemoryStore(
            creating: folder("other"), AssociativeMemory(Tensor([1, 2], shape: [1, 2])),
            names: ["a cat"])
        let foreign = problemLine { _ = try TaughtMemory(contentsOf: folder("other")) }
        #expect(foreign.hasPrefix("65 ") && foreign.contains("hoi teach"))
    }

    @Test("Looks of another length are refused")
    func otherWidth() throws {
        let memory = try taught([1])
        let text = problemLine {
            _ = try memory.looks(in: plainSpace(width: 4, known: [[1, 0, 0, 0]]))
        }
        #expect(text.hasPrefix("65 ") && text.contains("3 numbers") && text.contains("4"))
    }

    @Test("A digest tells what is told from anything else, wherever photographs lie")
    func digest() throws {
        func digest(
            _ name: String, _ change: (inout TaughtExample) -> Void = { _ in },
            plain: Float = 0, mirrored: Float = 0
        ) throws -> String {
            var one = example("polish", "car", 1)
            change(&one)
            return try TaughtMemory(contentsOf: folder(name)).adding(
                [one, example("wax", "car", 2)],
                looks: [([1, plain, 0], [1, mirrored, 0]), ([0, 1, 0], [0, 1, 0])]
            ).digest()
        }
        let one = try digest("a")
        #expect(try digest("b") == one && TaughtMemory(contentsOf: folder("a")).digest() == one)
        #expect(try digest("c", { $0.photograph = "/elsewhere.jpg" }) == one)
        let others = try [
            digest("d", { $0.triplet = Triplet(verb: "wax", object: "car") }),
            digest("e", { $0.triplet = Triplet(verb: "polish", object: "van") }),
            digest("f", { $0.detector = "ffff" }), digest("g", plain: 1), digest("h", mirrored: 1),
            TaughtMemory(contentsOf: folder("none")).digest(),
        ]
        #expect(Set(others + [one]).count == 7)
    }

    @Test("The usual folder is where XDG says")
    func usual() {
        func folder(_ variables: [String: String]) -> String? {
            TaughtMemory.usualFolder { variables[$0] }
        }
        #expect(folder(["XDG_DATA_HOME": "/d", "HOME": "/h"]) == "/d/percept/taught")
        #expect(folder(["XDG_DATA_HOME": "d", "HOME": "/h"]) == "/h/.local/share/percept/taught")
        #expect(folder(["XDG_DATA_HOME": "", "HOME": "/h"]) == "/h/.local/share/percept/taught")
        #expect(folder([:]) == nil)
    }

    @Test("The photograph that shows something else is the least alike")
    func likeness() throws {
        let memory = try TaughtMemory(contentsOf: folder("m")).adding(
            (1...4).map { example("polish", "car", $0) },
            looks: [[1, 0, 0], [0.9, 0.1, 0], [-0.2, 1, 0], [1, -0.1, 0]].map { ($0, $0) })
        let alike = try memory.likeness(in: space)
        #expect(alike.firstIndex(of: alike.min() ?? 0) == 2)
        #expect(alike[0] > 0.9)
        // Examples of another interaction are alike among themselves, and change nothing here.
        let both = try memory.adding(
            [example("play", "harp", 5), example("play", "harp", 6)],
            looks: [[0, 0, 1], [0, 0.1, 1]].map { ($0, $0) })
        let all = try both.likeness(in: space)
        #expect(zip(all, alike).allSatisfy { abs($0 - $1) < 1e-6 })
        #expect(all.count == 6 && all[4] > 0.9 && all[5] > 0.9)
    }

    @Test("Names that are none of an example are told apart")
    func names() {
        let one = example("polish", "car", 2)
        #expect(TaughtExample(named: one.name) == one)
        for wrong in ["", "{}", "polish car", one.name.replacing("40.5", with: "\"x\"")] {
            #expect(TaughtExample(named: wrong) == nil)
        }
    }
}
