// Weights files are read from strangers: whatever the bytes are, they are read or refused.
import FuzzSupport
import Networks

private let file = MemoryFile()

/// Called by libFuzzer with each input: opens it as a weights file and reads every tensor.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSafetensors(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard file.fill(start, count) else { return -1 }
    do {
        let weights = try Safetensors(contentsOf: file.path)
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
