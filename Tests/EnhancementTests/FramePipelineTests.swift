import Enhancement
import Glibc
import Media
import Testing

private final class ListSource: FrameSource, @unchecked Sendable {
    let width = 70, height = 46, format = FrameFormat(.yuv420), timeBase = Rational(1, 25)
    let frameRate = Rational(25, 1), estimatedFrameCount: Int? = nil, conversion: String? = nil
    let concealedCount = 0
    private var index = 0
    private let count: Int, failsAt: Int?
    init(count: Int, failsAt: Int? = nil) {
        self.count = count
        self.failsAt = failsAt
    }
    func next() throws -> Frame? {
        if index == failsAt { throw Broken(side: "source") }
        guard index < count else { return nil }
        defer { index += 1 }
        return texturedFrame(index)
    }
}

private struct Broken: Error, Equatable { let side: String }

private final class ListSink: FrameSink {
    var frames: [Frame] = [], isFinished = false, isAbandoned = false
    let failsAt: Int?
    init(failsAt: Int? = nil) { self.failsAt = failsAt }
    var bytesWritten: Int { frames.count }
    func write(_ frame: Frame) throws {
        if frames.count == failsAt { throw Broken(side: "sink") }
        frames.append(frame)
    }
    func finish() throws { isFinished = true }
    func abandon() { isAbandoned = true }
}

@Suite("Frame pipeline")
struct FramePipelineTests {
    @Test("All frames arrive in order, enhanced, each observed with its original")
    func order() throws {
        let sink = ListSink()
        var seen: [Int] = []
        var pipeline = FramePipeline()
        pipeline.observe = { index, original, enhanced in
            #expect(original.timestamp == enhanced.timestamp)
            seen.append(index)
        }
        let enhancer = try FrameEnhancer(randomModel(), width: 70, height: 46)
        let outcome = try pipeline.run(from: ListSource(count: 20), through: enhancer, to: sink)
        #expect(outcome.framesIn == 20 && outcome.framesOut == 20)
        #expect(seen == Array(0..<20))
        #expect(sink.frames.map(\.timestamp) == (0..<20).map { Int64($0 * 3 + 1) })
        #expect(sink.isFinished && !sink.isAbandoned)
    }

    @Test("A failure on either side ends the job, and the output is abandoned")
    func failures() {
        for (source, sink, side) in [
            (ListSource(count: 50, failsAt: 7), ListSink(), "source"),
            (ListSource(count: 50), ListSink(failsAt: 5), "sink"),
        ] {
            #expect(throws: Broken(side: side)) {
                try FramePipeline().run(from: source, through: nil, to: sink)
            }
            #expect(sink.isAbandoned && !sink.isFinished)
        }
    }

    @Test("A stop finishes the frames that were begun, and leaves no half of a video")
    func stop() throws {
        let sink = ListSink()
        var pipeline = FramePipeline()
        var asked = 0
        pipeline.shouldStop = {
            asked += 1
            return asked > 6
        }
        let outcome = try pipeline.run(from: ListSource(count: 50), through: nil, to: sink)
        #expect(outcome.wasStopped)
        #expect(sink.frames.count == 6)
        #expect(sink.isAbandoned && !sink.isFinished)
    }
}
