// Plans of batches and configuration files come from wherever people put them.
import Batch
import FuzzSupport
import Terminal

private let file = MemoryFile()

/// Called by libFuzzer with each input: reads it as a plan, whose units are then looked up, and as TOML.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPlans(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard file.fill(start, count) else { return -1 }
    attempt {
        let plan = try Manifest(contentsOf: file.path)
        for index in 0..<min(plan.unitCount, 10) {
            let unit = try plan.unit(index)
            precondition(plan.jobs[unit.job].units.contains(index))
        }
        // What was read can be written, and is then read as the same.
        precondition(plan.lines.count == 1 + plan.jobs.count + plan.unitCount)
    }
    attempt {
        let bytes = UnsafeBufferPointer(start: start, count: count)
        _ = try JSONValue(parsingTOML: bytes)
    }
    return 0
}

/// Errors are one line each.
private func attempt(_ body: () throws -> Void) {
    do { try body() } catch {
        precondition(!"\(error)".contains("\n"), "an error of several lines")
    }
}
