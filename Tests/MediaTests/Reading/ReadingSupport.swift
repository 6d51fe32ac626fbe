// What the reading tests share.
import Media
import TestSupport

/// Samples of a frame as FFmpeg's rawvideo muxer writes them: planes one after another, no padding.
func rawBytes(_ frame: Frame) -> [UInt8] {
    var bytes: [UInt8] = []
    for plane in frame.planes {
        plane.withUnsafeBytes { base in
            for y in 0..<plane.height {
                bytes.append(
                    contentsOf: UnsafeRawBufferPointer(
                        start: base + y * plane.bytesPerRow,
                        count: plane.width * plane.bytesPerSample))
            }
        }
    }
    return bytes
}

/// All frames that are left in a source.
func allFrames(_ source: some FrameSource) throws -> [Frame] {
    var frames: [Frame] = []
    while let frame = try source.next() { frames.append(frame) }
    return frames
}

/// What ffprobe says of the video's frames: one line per frame.
func probedTimestamps(_ path: String) -> [Int64] {
    let result = shell(
        "ffprobe -loglevel error -select_streams v:0 -show_entries frame=best_effort_timestamp"
            + " -of csv=p=0 'file:\(path)'")
    return String(decoding: result.output, as: UTF8.self).split(separator: "\n")
        .compactMap { Int64($0.split(separator: ",")[0]) }
}

/// Where two runs of bytes differ first; nil where they are equal. (An expectation on the arrays
/// themselves would print an edit script of millions of bytes when it fails.)
func firstDifference(_ a: [UInt8], _ b: [UInt8]) -> Int? {
    if a == b { return nil }
    return zip(a, b).enumerated().first { $0.element.0 != $0.element.1 }?.offset
        ?? min(a.count, b.count)
}
