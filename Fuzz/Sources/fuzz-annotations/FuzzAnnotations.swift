// Boxes, findings and annotations of others are JSON that we make sense of ourselves.
import FuzzSupport
import Interaction

private let file = MemoryFile()

/// Called by libFuzzer with each input: reads it as boxes, as findings and as annotations, and pairs what is in it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzAnnotations(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard file.fill(start, count) else { return -1 }
    attempt {
        let known = try KnownDetections(contentsOf: file.path)
        for found in known.detections(of: "a.jpg", width: 640, height: 480) {
            precondition(found.box.isFinite && !found.box.isEmpty && found.score.isFinite)
        }
    }
    attempt { _ = try KnownDetections(contentsOf: file.path, numbering: .indices) }
    attempt { _ = try KnownFindings(contentsOf: file.path).pairs(in: "a.jpg") }
    attempt {
        let annotations = try AnnotationFile(contentsOf: file.path)
        _ = LabelledPairs(annotations.pictures, verbNames: ["ride", "feed"])
    }
    return 0
}

/// Errors are one line each.
private func attempt(_ body: () throws -> Void) {
    do { try body() } catch {
        precondition(!"\(error)".contains("\n"), "an error of several lines")
    }
}
