// Two video files compared frame by frame, paired by order and time.
import Media
import Quality

/// What comparing two files found.
public struct VideoComparison: Sendable {
    /// Quality of each pair.
    public private(set) var comparison = Comparison()
    /// Seconds of each pair from the reference's first frame.
    public private(set) var times: [Double] = []
    /// Frames of either side without a partner at their time.
    public private(set) var unpairedReference = 0, unpairedTest = 0

    /// Compares two files; samples of fewer bits are brought to the larger depth.
    ///
    /// Times count from each file's first frame. A frame whose partner is more than half a frame
    /// away has none.
    ///
    /// - Parameters:
    ///   - shouldStop: asked before each pair.
    ///   - observe: called after each pair with their number.
    /// - Throws: ``MediaError``; `ComparisonError` where size or sampling differ.
    public init(
        reference: String, test: String, threads: Int = 0, shouldStop: () -> Bool = { false },
        observe: (Int) -> Void = { _ in }
    ) throws {
        let a = TimedFrames(try openSource(path: reference))
        let b = TimedFrames(try openSource(path: test))
        let rate = a.source.frameRate.value
        let tolerance = rate > 0 ? 0.5 / rate : 0.02
        var (left, right) = (try a.next(), try b.next())
        while let x = left, let y = right, !shouldStop() {
            let distance = x.time - y.time
            if distance > tolerance {
                unpairedTest += 1
                right = try b.next()
            } else if distance < -tolerance {
                unpairedReference += 1
                left = try a.next()
            } else {
                let depth = max(x.frame.format.depth, y.frame.format.depth)
                try comparison.add(
                    reference: x.frame.scaled(to: depth), test: y.frame.scaled(to: depth),
                    threads: threads)
                times.append(x.time)
                observe(times.count)
                (left, right) = (try a.next(), try b.next())
            }
        }
        guard !shouldStop() else { return }
        while left != nil {
            unpairedReference += 1
            left = try a.next()
        }
        while right != nil {
            unpairedTest += 1
            right = try b.next()
        }
    }
}

/// Frames with their seconds from the first one.
private final class TimedFrames {
    let source: any FrameSource
    private var origin: Double?

    init(_ source: any FrameSource) { self.source = source }

    func next() throws -> (frame: Frame, time: Double)? {
        guard let frame = try source.next() else { return nil }
        let time = Double(frame.timestamp) * frame.timeBase.value
        if origin == nil { origin = time }
        return (frame, time - origin!)
    }
}

extension Frame {
    /// The same picture with more bits a sample.
    func scaled(to depth: Int) -> Frame {
        guard depth > format.depth else { return self }
        var result = self
        result.planes = planes.map { $0.scaled(from: format.depth, to: depth) }
        result.format.depth = depth
        return result
    }
}
