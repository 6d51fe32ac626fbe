// What changes an output changes the digest, and nothing else does.
import Compute
import Enhancement
import Interaction
import Media
import Networks
import Tensors
import Terminal
import TestSupport
import Testing

@testable import Batch
@testable import Teaching

@Suite("Batch options")
struct BatchOptionsTests {
    private let place = TemporaryFolder()

    private func weights(_ name: String, _ bytes: [UInt8] = [1]) throws -> WeightsFile {
        try WeightsFile(path: place.write(bytes, to: name))
    }

    /// A memory of one photograph in a folder.
    private func memory(_ name: String, _ verb: String = "polish") throws -> TaughtMemory {
        try TaughtMemory(contentsOf: place(name)).adding(
            [
                TaughtExample(
                    Triplet(verb: verb, object: "car"), photograph: "/\(name).jpg", digest: name,
                    human: Box(0, 0, 9, 9), object: nil, detector: "0123456789ab")
            ], looks: [([1, 0], [0, 1])])
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
        // As plans said it before anything could be taught.
        #expect(plain.json["taught"] == nil)
        let changes: [(inout InteractionChoice) throws -> Void] = [
            { $0.detector = try weights("e.safetensors", [2]) },
            { $0.head = try weights("i.safetensors", [2]) }, { $0.side = 640 },
            { $0.frames = .every(3) }, { $0.frames = .automatic }, { $0.score = 0.3 },
            { $0.top = 5 }, { $0.isClosed = false }, { $0.instructions = "AVX-512" },
            { $0.versions = "percept 9" },
            { $0.taught = try TaughtChoice(memory("m"), looks: weights("l.safetensors")) },
            { $0.taught = try TaughtChoice(memory("n", "wax"), looks: weights("l.safetensors")) },
            { $0.taught = try TaughtChoice(memory("o"), looks: weights("k.safetensors", [2])) },
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

    @Test("What was taught counts by what it tells, and is refused where it has changed since")
    func taught() throws {
        var space = LookSpace(
            means: Tensor(repeating: 0, shape: [2]), deviations: Tensor(repeating: 1, shape: [2]),
            projection: Tensor([1, 0, 0, 1], shape: [2, 2]),
            offset: Tensor(repeating: 0, shape: [2]), known: Tensor([0, 1], shape: [1, 2]),
            knownThings: [nil], detector: "0123456789abcdef")
        space.calibration = TeachingCalibration([.init(examples: 1, slope: 1, offset: 0)])
        try space.write(to: place("looks.safetensors"))
        let looks = try WeightsFile(path: place("looks.safetensors"))
        var here = InteractionChoice(
            detector: try weights("d.safetensors"), head: try weights("h.safetensors"))
        var there = here
        here.taught = try TaughtChoice(memory("m"), looks: looks)
        there.taught = try TaughtChoice(memory("elsewhere"), looks: looks)
        #expect(here.digest == there.digest)
        let found = try #require(try here.taught?.located())
        #expect(found.memory.triplets.map(\.description) == ["polish car"])
        #expect(found.space.detector == "0123456789abcdef")
        _ = try memory("m", "wax")
        #expect {
            _ = try here.taught?.located()
        } throws: { error in
            let error = error as? TaughtMissing
            return error?.exitCode == 75 && error?.folder == place("m")
        }
        #expect(try there.taught?.located() != nil)
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
