// Files of torch.save come from strangers: the zip archive, the pickle in it, the tensors it describes.
import FuzzSupport
import Networks

private let file = MemoryFile()

/// Called by libFuzzer with each input: reads every tensor, and those of a layer.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPyTorch(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard file.fill(start, count) else { return -1 }
    do {
        let weights = try PyTorchFile(contentsOf: file.path)
        // What was read fits into its file, whatever the pickle says.
        precondition(weights.tensors.values.allSatisfy { $0.count <= count })
        _ = try weights.parameters(for: ConvolutionLayer("a", 1, 1))
    } catch {
        precondition(!"\(error)".contains("\n"), "an error of several lines")
    }
    return 0
}
