import Glibc
import Tensors
import Testing

@testable import Laboratory

@Suite struct GymnasiumWorldTests {
    @Test(
        "A Python that is missing, ends at once, or says something else is named in one line with status 69",
        arguments: ["/no/such/python", "/bin/false", "/bin/echo"])
    func missing(python: String) {
        let error = #expect(throws: WorldError.self) {
            try GymnasiumWorld("Hopper-v5", python: python)
        }
        #expect(error?.exitCode == 69)
        #expect(error?.description.contains("PERCEPT_GYMNASIUM") == true)
        #expect(error?.description.contains("\n") == false)
    }

    @Test("A world answers, begins alike from the same seed, and says when an episode is cut")
    func world() throws {
        guard getenv("PERCEPT_GYMNASIUM") != nil else {
            print("skipped: PERCEPT_GYMNASIUM names no Python that has gymnasium")
            return
        }
        let world = try GymnasiumWorld("HalfCheetah-v5")
        #expect(world.stateCount == 17 && world.box.count == 6 && world.box.limit == 1)
        var random = RandomSource(seed: 1), again = random
        let state = try world.reset(using: &random)
        var last = try world.step([0.1, -0.2, 0.3, -0.4, 0.5, -0.6])
        #expect(try world.reset(using: &again) == state)
        #expect(try world.step([0.1, -0.2, 0.3, -0.4, 0.5, -0.6]) == last)
        for _ in 0..<999 {
            #expect(!last.isCut && !last.isEnd)
            last = try world.step([0, 0, 0, 0, 0, 0])
        }
        #expect(last.isCut && !last.isEnd)
        #expect(throws: WorldError.self) { try GymnasiumWorld("NoSuchWorld-v0") }
    }
}
