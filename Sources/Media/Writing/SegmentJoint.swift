// What turns the packets of several segments into those of one video.
import CFFmpeg

/// What a writer must know of segments before it joins them.
public struct SegmentSample: Sendable {
    /// The file of one.
    public var path: String
    /// The largest ``SegmentWriter/reordering`` of any.
    public var reordering: Int

    /// A segment's file among segments of at most such reordering.
    public init(path: String, reordering: Int) {
        self.path = path
        self.reordering = reordering
    }
}

/// What segments of one video have in common, and when their packets are decoded.
struct SegmentJoint {
    /// More frames than any encoder reorders.
    static let longestReordering: Int64 = 32

    private let header: [UInt8]
    private let reordering: Int
    /// Times of shown frames whose packets were not decoded yet, and how many packets come before the first.
    private var shown: [Int64] = []
    private var next = 0

    /// Describes `stream`, of a file that is being begun, as the segment is.
    init(
        _ stream: UnsafeMutablePointer<AVStream>, like segment: SegmentSample
    ) throws {
        let reader = try SegmentReader(path: segment.path)
        header = Self.header(reader.stream)
        reordering = segment.reordering
        let parameters = stream.pointee.codecpar!
        guard parameters.pointee.codec_id == reader.stream.pointee.codecpar.pointee.codec_id else {
            throw reader.damage("it was encoded in another way")
        }
        // Matroska has the header in another form than the encoder, and packets to match.
        try throwing(
            percept_set_extradata(parameters, header, Int32(header.count)), "describe the video")
    }

    /// Checks that a segment was encoded as the first one was.
    func check(_ reader: SegmentReader) throws {
        guard Self.header(reader.stream) == header else {
            throw reader.damage("it was encoded in another way than the first")
        }
    }

    /// Takes in the times of a segment's frames, ascending; `step` leads up to the first of all.
    mutating func expect(_ times: [Int64], step: Int64) {
        if shown.isEmpty, let first = times.first {
            shown = (0..<reordering).map { first - Int64(reordering - $0) * step }
        }
        shown.removeFirst(next)
        next = 0
        shown += times
    }

    /// When the next packet is decoded: as late as the reordering of frames allows.
    mutating func nextDecodingTime() -> Int64 {
        defer { next += 1 }
        return shown[next]
    }

    private static func header(_ stream: UnsafeMutablePointer<AVStream>) -> [UInt8] {
        let parameters = stream.pointee.codecpar.pointee
        return Array(
            UnsafeBufferPointer(start: parameters.extradata, count: Int(parameters.extradata_size)))
    }
}
