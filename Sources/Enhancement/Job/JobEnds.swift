// What stands around a job's source and its sink.
import Media

/// A sink whose output never gets its name.
final class Rehearsal: FrameSink {
    private let sink: any FrameSink
    init(_ sink: any FrameSink) { self.sink = sink }
    var bytesWritten: Int { sink.bytesWritten }
    func write(_ frame: Frame) throws { try sink.write(frame) }
    func finish() throws { sink.abandon() }
    func abandon() { sink.abandon() }
}

/// A source whose first frame can be looked at before it is taken.
final class PeekedSource: FrameSource, @unchecked Sendable {
    private let source: any FrameSource
    private var peeked: Frame?

    init(_ source: any FrameSource) { self.source = source }

    var width: Int { source.width }
    var height: Int { source.height }
    var format: FrameFormat { source.format }
    var timeBase: Rational { source.timeBase }
    var frameRate: Rational { source.frameRate }
    var estimatedFrameCount: Int? { source.estimatedFrameCount }
    var conversion: String? { source.conversion }
    var concealedCount: Int { source.concealedCount }

    func peek() throws -> Frame? {
        if peeked == nil { peeked = try source.next() }
        return peeked
    }

    func next() throws -> Frame? {
        defer { peeked = nil }
        return try peeked ?? source.next()
    }
}
