// Weights files are read from strangers: whatever the bytes are, they are read or refused.
import Glibc
import Networks

/// A nameless file in memory that each run overwrites.
private let file: Int32 = {
    var template = Array("/dev/shm/fuzz-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    precondition(descriptor >= 0, "no memory file")
    unlink(template)
    return descriptor
}()

/// Called by libFuzzer with each input: opens it as a weights file and reads every tensor.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSafetensors(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard ftruncate(file, 0) == 0, pwrite(file, start, count, 0) == count else { return -1 }
    do {
        let weights = try Safetensors(contentsOf: "/proc/self/fd/\(file)")
        var bytes = 0
        for entry in weights.entries {
            let tensor = try weights.tensor(entry.name)
            precondition(tensor.count * entry.type.size == entry.bytes.count)
            bytes += entry.bytes.count
        }
        precondition(bytes <= count - 8, "more tensors than bytes")
    } catch {
        precondition(!error.description.contains("\n"), "an error of several lines")
    }
    return 0
}
