// Frames from a source through the enhancer to a sink, on three threads with bounded queues.
import Glibc
import Learning
import Media

/// What a pipeline did.
public struct PipelineOutcome: Sendable {
    /// Frames read, frames written, frames that repeated their predecessor's output.
    public var framesIn = 0, framesOut = 0, repeated = 0
    /// Frames to which something was added that was seen elsewhere in the clip.
    public var recalled = 0
    /// Seconds spent: waiting for the decoder, enhancing, waiting for the encoder, and in all.
    public var waitedForDecoder = 0.0, waitedForEncoder = 0.0, elapsed = 0.0
    /// Seconds the decoding and the encoding thread were busy.
    public var decoding = 0.0, encoding = 0.0
    /// Where the enhancer's time went.
    public var times = EnhancementTimes()
    /// Whether it was asked to stop before the end.
    public var wasStopped = false

    public init() {}
}

/// Moves frames from a source through an enhancer into a sink.
///
/// Decoding and encoding have threads of their own; enhancing runs on the calling thread. At most a
/// few frames wait between them, so memory does not grow with the length of the clip.
public struct FramePipeline {
    /// Frames that may wait in each queue.
    public var queueLength = 4
    /// Which frames are written; those outside only serve as neighbours.
    public var isWanted: (Frame) -> Bool = { _ in true }
    /// Asked before each frame: true finishes the frames that were begun, stops, and abandons the sink.
    public var shouldStop: () -> Bool = { false }
    /// Called on the calling thread for each frame written, with the frame it was made from.
    public var observe: (_ index: Int, _ original: Frame, _ enhanced: Frame) throws -> Void = {
        _, _, _ in
    }

    public init() {}

    /// Runs to the end of the source, then finishes the sink; abandons it if asked to stop.
    ///
    /// - Parameter enhancer: nil passes frames through.
    /// - Throws: What the source, the enhancer or the sink throw; the sink is then abandoned.
    public func run(
        from source: any FrameSource, through enhancer: (any FrameStage)?, to sink: any FrameSink
    ) throws -> PipelineOutcome {
        let start = monotonicSeconds()
        var outcome = PipelineOutcome()
        let decoded = BoundedQueue<Frame>(capacity: queueLength)
        let finished = BoundedQueue<Frame>(capacity: queueLength)
        let decoder = WorkerThread("decode") { source.feed(decoded) }
        let destination = Unshared(sink)
        let encoder = WorkerThread("encode") { try destination.value.drain(finished) }
        do {
            try move(decoded, through: enhancer, to: finished, &outcome)
            finished.close()
            outcome.encoding = encoder.join()
            try encoder.rethrow()
            decoded.cancel()
            outcome.decoding = decoder.join()
            // Half a video is not what was asked for: nothing appears under the output's name.
            if outcome.wasStopped { sink.abandon() } else { try sink.finish() }
        } catch {
            decoded.cancel()
            finished.cancel()
            _ = decoder.join()
            _ = encoder.join()
            sink.abandon()
            throw error
        }
        outcome.times = enhancer?.times ?? EnhancementTimes()
        outcome.repeated = enhancer?.repeatedCount ?? 0
        outcome.recalled = enhancer?.recalledCount ?? 0
        outcome.elapsed = monotonicSeconds() - start
        return outcome
    }

    private func move(
        _ decoded: BoundedQueue<Frame>, through enhancer: (any FrameStage)?,
        to finished: BoundedQueue<Frame>, _ outcome: inout PipelineOutcome
    ) throws {
        var originals: [Frame] = []
        var first = 0
        func deliver(_ frames: [Frame]) throws {
            for frame in frames {
                let original = originals[first]
                first += 1
                if first == 64 {
                    originals.removeFirst(first)
                    first = 0
                }
                guard isWanted(original) else { continue }
                try observe(outcome.framesOut, original, frame)
                let waiting = monotonicSeconds()
                try finished.push(frame)
                outcome.waitedForEncoder += monotonicSeconds() - waiting
                outcome.framesOut += 1
            }
        }
        while true {
            if shouldStop() {
                outcome.wasStopped = true
                break
            }
            let waiting = monotonicSeconds()
            guard let frame = try decoded.pop() else { break }
            outcome.waitedForDecoder += monotonicSeconds() - waiting
            if isWanted(frame) { outcome.framesIn += 1 }
            originals.append(frame)
            try deliver(try enhancer?.push(frame) ?? [frame])
        }
        try deliver(try enhancer?.flush() ?? [])
    }
}

extension FrameSource {
    /// Reads every frame into a queue and closes it, with the error if there was one.
    fileprivate func feed(_ queue: BoundedQueue<Frame>) {
        do {
            while let frame = try next() { try queue.push(frame) }
            queue.close()
        } catch {
            queue.close(throwing: error)
        }
    }
}

extension FrameSink {
    /// Writes every frame of a queue; a failure cancels it.
    fileprivate func drain(_ queue: BoundedQueue<Frame>) throws {
        do {
            while let frame = try queue.pop() { try write(frame) }
        } catch {
            queue.cancel(throwing: error)
            throw error
        }
    }
}
