// Pictures, yuv4mpeg and coded packets of a few samples, made by the writers of the library itself.
import CFFmpeg
import Glibc
import Media

/// A frame of a gradient.
private func frame(_ width: Int, _ height: Int, _ format: FrameFormat, _ index: Int = 0) -> Frame {
    var frame = Frame(width: width, height: height, format: format)
    for plane in frame.planes {
        plane.withUnsafeMutableBytes { base in
            for y in 0..<plane.height {
                for x in 0..<plane.width {
                    let value = UInt8(truncatingIfNeeded: 7 * x + 11 * y + 5 * index)
                    let at = y * plane.bytesPerRow + x * plane.bytesPerSample
                    base.storeBytes(of: value, toByteOffset: at, as: UInt8.self)
                    guard plane.bytesPerSample == 2 else { continue }
                    base.storeBytes(of: value & 3, toByteOffset: at + 1, as: UInt8.self)
                }
            }
        }
    }
    frame.timestamp = Int64(index)
    frame.duration = 1
    frame.colour.isFullRange = true
    return frame
}

private func write(_ frames: [Frame], to sink: any FrameSink) throws {
    for frame in frames { try sink.write(frame) }
    try sink.finish()
}

/// The packets of a video as `fuzz-headers` reads them.
private func packets(of path: String, codec: UInt8) -> [UInt8] {
    var context: UnsafeMutablePointer<AVFormatContext>?
    guard avformat_open_input(&context, path, nil, nil) == 0, let packet = av_packet_alloc() else {
        fatalError("cannot read \(path)")
    }
    let parameters = context!.pointee.streams[0]!.pointee.codecpar.pointee
    let header = UnsafeBufferPointer(
        start: parameters.extradata, count: Int(parameters.extradata_size))
    var bytes = [codec] + coded(Array(header))
    while av_read_frame(context, packet) >= 0 {
        let count = Int(packet.pointee.size)
        bytes += [UInt8(truncatingIfNeeded: count), UInt8(truncatingIfNeeded: count >> 8)]
        bytes += UnsafeBufferPointer(start: packet.pointee.data, count: count)
        av_packet_unref(packet)
    }
    avformat_close_input(&context)
    return bytes
}

private func put(_ bytes: [UInt8], _ path: String) {
    guard let file = fopen(path, "w") else { fatalError("cannot create \(path)") }
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
}

private func contents(_ path: String) -> [UInt8] {
    guard let file = fopen(path, "r") else { fatalError("cannot read \(path)") }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    return Array(bytes[..<fread(&bytes, 1, bytes.count, file)])
}

/// Fills the folders of the fuzzers that read media.
func makeMediaCorpora(_ root: String) throws {
    for name in ["yuv4mpeg", "stills", "headers"] { mkdir("\(root)/\(name)", 0o755) }
    let formats: [(String, FrameFormat)] = [
        ("420", FrameFormat(.yuv420)), ("422", FrameFormat(.yuv422)),
        ("444-10", FrameFormat(.yuv444, depth: 10)), ("mono", FrameFormat(.gray)),
    ]
    for (name, format) in formats {
        let frames = (0..<2).map { frame(7, 5, format, $0) }
        let path = "\(root)/yuv4mpeg/\(name).y4m"
        try write(
            frames,
            to: Y4MWriter(
                path: path, video: VideoDescription(frame: frames[0], frameRate: Rational(25, 1)),
                overwrite: .replace))
    }
    let exif: [UInt8] =
        Array("MM".utf8) + [0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0]
        + [0, 0, 0, 0]
    let metadata = StillMetadata(
        exif: exif, icc: (0..<40).map { $0 }, xmp: Array("<x tiff:Orientation=\"6\"/>".utf8))
    let pictures: [(String, FrameFormat)] = [
        ("gray.png", FrameFormat(.gray)), ("rgb.png", FrameFormat(.rgb)),
        ("deep.png", FrameFormat(.rgb, depth: 16, hasAlpha: true)),
        ("gray.jpg", FrameFormat(.gray)), ("420.jpg", FrameFormat(.yuv420)),
        ("422.jpg", FrameFormat(.yuv422)), ("444.jpg", FrameFormat(.yuv444)),
    ]
    for (name, format) in pictures {
        let path = "\(root)/stills/\(name)"
        var carried = metadata
        if name.hasSuffix("png") { carried.icc = nil }
        try write(
            [frame(9, 6, format)],
            to: StillWriter(path: path, metadata: carried, overwrite: .replace))
    }
    put([2, 0, 0] + coded(contents("\(root)/stills/420.jpg")), "\(root)/headers/jpeg")
    for (name, encoder, codec) in [("hevc.mp4", "libx265", UInt8(0)), ("av1.mkv", "libsvtav1", 1)] {
        let path = "\(root)/headers/\(name)"
        let frames = (0..<3).map { frame(64, 64, FrameFormat(.yuv420), $0) }
        try write(
            frames,
            to: VideoWriter(
                path: path, video: VideoDescription(frame: frames[0], frameRate: Rational(25, 1)),
                settings: EncoderSettings(encoder: encoder, crf: 40), overwrite: .replace))
        let bytes = packets(of: path, codec: codec)
        unlink(path)
        put(bytes, "\(root)/headers/\(encoder)")
    }
}

/// A header or a packet with its length in front.
private func coded(_ bytes: [UInt8]) -> [UInt8] {
    [UInt8(truncatingIfNeeded: bytes.count), UInt8(truncatingIfNeeded: bytes.count >> 8)] + bytes
}
