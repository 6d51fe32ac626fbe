// What changes an output changes the digest, and nothing else does.
import Compute
import Enhancement
import Interaction
import Media
import Networks
import Terminal
import TestSupport
import Testing

@testable import Batch

@Suite("Batch options")
struct BatchOptionsTests {
    private let place = TemporaryFolder()

    private func weights(_ name: String, _ bytes: [UInt8] = [1]) throws -> WeightsFile {
        try WeightsFile(path: place.write(bytes, to: name))
    }

    @Test("Every choice of enhancing has a digest of its own, and survives being written down")
    func enhancing() throws {
        var plain = EnhanceChoice()
        plain.model = try weights("a.safetensors")
        let changes: [(inout EnhanceChoice) throws -> Void] = [
            { $0.model = try weights("b.safetensors", [2]) }, { $0.model = nil },
            { $0.perceptual = try weights("c.safetensors", [3]) }, { $0.precision = .bf16 },
            { $0.instructions = "AVX-512" }, { $0.strength = 0.5 }, { $0.balance = .fixed(0.25) },
            { $0.encoding.encoder = "x264" }, { $0.encoding.crf = 20.5 },
            { $0.encoding.preset = "slow" }, { $0.encoding.tune = "grain" },
            { $0.encoding.options = [("aq-mode", "3")] },
            { $0.encoding.options = [("aq-mode", "2")] }, { $0.encoding.size = .keep },
            { $0.encoding.size = .factor(1.5) }, { $0.encoding.size = .bytes(700_000_000) },
            { $0.encoding.size = .max }, { $0.encoding.threads = 2 }, { $0.depth = 10 },
            { $0.container = "mkv" }, { $0.versions = "percept 9" },
        ]
        var digests: Set = [plain.digest]
        for change in changes {
            var other = plain
            try change(&other)
            digests.insert(other.digest)
            let read = try #require(EnhanceChoice(try JSONValue(parsing: other.json.compact)))
            #expect(read.json == other.json)
            #expect(read.digest == other.digest)
        }
        #expect(digests.count == changes.count + 1)
    }

    @Test("Every choice of searching has a digest of its own, and survives being written down")
    func searching() throws {
        let plain = InteractionChoice(
            detector: try weights("d.safetensors"), head: try weights("h.safetensors"))
        let changes: [(inout InteractionChoice) throws -> Void] = [
            { $0.detector = try weights("e.safetensors", [2]) },
            { $0.head = try weights("i.safetensors", [2]) }, { $0.side = 640 },
            { $0.frames = .every(3) }, { $0.frames = .automatic }, { $0.score = 0.3 },
            { $0.top = 5 }, { $0.isClosed = false }, { $0.instructions = "AVX-512" },
            { $0.versions = "percept 9" },
        ]
        var digests: Set = [plain.digest]
        for change in changes {
            var other = plain
            try change(&other)
            digests.insert(other.digest)
            let read = try #require(InteractionChoice(try JSONValue(parsing: other.json.compact)))
            #expect(read.json == other.json)
        }
        #expect(digests.count == changes.count + 1)
    }

    @Test("Where weights lie makes no difference; what they hold does")
    func weightsByContent() throws {
        var here = EnhanceChoice(), there = EnhanceChoice()
        here.model = try weights("a.safetensors")
        try Folder.make(place("sub"))
        there.model = try weights("sub/a.safetensors")
        #expect(here.digest == there.digest)
        place.write([9], to: "a.safetensors")
        #expect(throws: WeightsMissing.self) { try here.model!.located() }
        #expect(try there.model!.located() == place("sub/a.safetensors"))
    }

    @Test("A machine without the plan's instructions says that another one is wanted")
    func instructions() throws {
        var choice = EnhanceChoice()
        choice.instructions = "AVX-9000"
        #expect {
            _ = try BatchModels(BatchOptions(enhance: choice, interactions: nil))
        } throws: { error in
            let error = error as? MachineTooSmall
            return error?.exitCode == 75 && error?.found == Processor.name
        }
    }
}
