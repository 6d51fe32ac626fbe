// Pictures are read through libpng and libjpeg by code of our own, and what they carry by our parsers.
import FuzzSupport
import Media

private let file = MemoryFile()

/// Called by libFuzzer with each input: opens it as a picture, turns it upright, rewrites its metadata.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzStills(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var bytes = Array(UnsafeBufferPointer(start: start, count: count))
    mendChecksums(&bytes)
    guard file.fill(bytes, count) else { return -1 }
    var options = ReadOptions(isLenient: true)
    options.maximumStillPixels = 1 << 16
    do {
        let still = try StillReader(path: file.path, options: options)
        let metadata = still.metadata.upright()
        precondition(metadata.exif?.count == still.metadata.exif?.count)
        precondition(metadata.xmp?.count == still.metadata.xmp?.count)
        guard let frame = try still.next() else { preconditionFailure("no picture and no error") }
        precondition(frame.width * frame.height <= options.maximumStillPixels)
        let shown = frame.upright()
        precondition(shown.width > 0 && shown.height > 0)
    } catch {
        precondition(!"\(error)".contains("\n"), "an error of several lines")
    }
    return 0
}

/// Makes the checksum of each chunk of a PNG right: a fuzzer that has to guess them gets nowhere.
private func mendChecksums(_ bytes: inout [UInt8]) {
    guard bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) else { return }
    var at = 8
    while at + 12 <= bytes.count {
        let length = bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) }
        guard length <= bytes.count - at - 12 else { return }
        var crc = UInt32.max
        for byte in bytes[(at + 4)..<(at + 8 + length)] {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        for index in 0..<4 {
            bytes[at + 8 + length + index] = UInt8(truncatingIfNeeded: ~crc >> (24 - 8 * index))
        }
        at += 12 + length
    }
}
