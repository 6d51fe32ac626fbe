// Small files, read at once.
import Glibc

/// All bytes of a file; nil, with the reason in `errno`, where it cannot be read.
public func wholeFile(_ path: String) -> [UInt8]? {
    guard let file = fopen(path.fileName, "re") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 {
        bytes += buffer[..<count]
    }
    return ferror(file) == 0 ? bytes : nil
}
