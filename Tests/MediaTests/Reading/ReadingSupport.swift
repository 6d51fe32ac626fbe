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
