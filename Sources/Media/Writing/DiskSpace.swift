// How much room an output has.
import FileNames
import Glibc

/// Room on the file system of a path.
public enum DiskSpace {
    /// Bytes that this user may still write beside `path`; nil where the system does not say.
    public static func available(for path: String) -> Int64? {
        var status = statvfs()
        // File systems without blocks of their own, as /proc, do not say.
        guard statvfs(folderName(of: path).fileName, &status) == 0, status.f_blocks > 0 else {
            return nil
        }
        return Int64(clamping: UInt64(status.f_bavail) &* UInt64(status.f_frsize))
    }

    /// Throws where fewer than `bytes` are free beside `path`.
    ///
    /// - Throws: ``OutputError/tooLittleSpace(path:needed:available:)``.
    public static func require(_ bytes: Int64, for path: String) throws {
        guard let free = available(for: path), free < bytes else { return }
        throw OutputError.tooLittleSpace(path: path, needed: bytes, available: free)
    }
}

/// A byte count as people read it: "700 B", "1.3 MB" (powers of 1000).
func shortBytes(_ count: Int64) -> String {
    let units = ["kB", "MB", "GB", "TB"]
    guard count >= 1000 else { return "\(count) B" }
    var value = Double(count) / 1000
    var unit = 0
    while value >= 999.95, unit + 1 < units.count {
        value /= 1000
        unit += 1
    }
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10) \(units[unit])"
}
