// yuv4mpeg comes through pipes from anywhere: it is read or refused, a frame at a time.
import FuzzSupport
import Media

private let file = MemoryFile()

/// Called by libFuzzer with each input: opens it and reads every frame, strictly and leniently.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzYUV4MPEG(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard file.fill(start, count) else { return -1 }
    for isLenient in [false, true] {
        var options = ReadOptions(isLenient: isLenient)
        options.maximumPixels = 1 << 20
        do {
            let reader = try Y4MReader(path: file.path, options: options)
            precondition(reader.width > 0 && reader.height > 0)
            precondition(reader.width * reader.height <= options.maximumPixels)
            var time: Int64 = -1
            var samples = 0
            while let frame = try reader.next() {
                precondition(frame.timestamp == time + 1, "frames are numbered")
                time = frame.timestamp
                for plane in frame.planes {
                    samples += plane.width * plane.height * plane.bytesPerSample
                    _ = plane[plane.width - 1, plane.height - 1]
                }
            }
            precondition(samples <= count, "more samples than bytes")
        } catch {
            precondition(!"\(error)".contains("\n"), "an error of several lines")
        }
    }
    return 0
}
