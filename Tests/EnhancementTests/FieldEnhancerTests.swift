import Enhancement
import Media
import Testing

@Suite("Field enhancer")
struct FieldEnhancerTests {
    @Test("Fields woven together are the frame again", arguments: FrameEnhancerTests.formats)
    func round(format: FrameFormat) {
        for height in [46, 45, 48] {
            let frame = texturedFrame(3, height: height, format: format)
            let again = Frame(weaving: frame.field(0), frame.field(1), like: frame)
            #expect(samples(again) == samples(frame), "\(format) \(height)")
            #expect(again.timestamp == frame.timestamp)
        }
    }

    @Test("Each field depends on fields of its own parity alone")
    func parity() throws {
        let frames = (0..<4).map { texturedFrame($0, height: 64) }
        let changed = frames.enumerated().map { index, frame in
            Frame(
                weaving: frame.field(0), texturedFrame(index + 9, height: 64).field(1), like: frame)
        }
        func run(_ frames: [Frame]) throws -> [Frame] {
            let enhancer = try FieldEnhancer(
                randomModel(), width: 70, height: 64, options: EnhancementOptions(precision: .f32))
            return try frames.flatMap { try enhancer.push($0) } + enhancer.flush()
        }
        let (a, b) = (try run(frames), try run(changed))
        #expect(a.count == 4 && b.count == 4)
        for (x, y) in zip(a, b) {
            #expect(samples(x.field(0)) == samples(y.field(0)))
            #expect(samples(x.field(1)) != samples(y.field(1)))
        }
    }
}
