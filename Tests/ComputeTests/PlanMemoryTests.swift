// Memory: planned once, nothing allocated while frames go by.
import Compute
import Glibc
import Graphs
import TestSupport
import Tensors
import Testing

/// Runs the program that counts allocations; it lies beside the tests.
private func probe(_ arguments: String) -> [Int] {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    let program = String(
        decoding: buffer[..<max(count, 0)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let folder = program.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        .joined(separator: "/")
    let result = shell("'\(folder)/allocation-probe' \(arguments)")
    guard result.status == 0 else { return [] }
    return String(decoding: result.output, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        .compactMap { Int($0) }
}

@Suite("Memory of plans")
struct PlanMemoryTests {
    @Test(
        "After the first run no block of more than 4 KiB is allocated",
        arguments: ["chain", "dense", "packets"], Precision.floats)
    func nothingPerFrame(network: String, precision: Precision) {
        #expect(probe("\(network) \(precision.rawValue)") == [0])
    }

    @Test("The count sees tensors, and what oneDNN allocates when it compiles")
    func control() throws {
        let counts = probe("control")
        try #require(counts.count == 4)
        #expect(counts[0] >= 1)
        #expect(counts[1] >= 1)
    }

    @Test("Values that do not live at the same time share memory")
    func sharing() throws {
        func bytes(layers: Int) throws -> Int {
            let graph = Graph.build { builder in
                var x = builder.input("x")
                for _ in 0..<layers {
                    x =
                        x.convolved(
                            with: builder.parameter("w"), ConvolutionGeometry(padding: 1)
                        ).relu
                }
                builder.output(x, "y")
            }
            return try Plan(graph, shapes: ["x": [1, 16, 128, 128], "w": [16, 16, 3, 3]]).byteCount
        }
        let picture = 16 * 128 * 128 * MemoryLayout<Float>.size
        #expect(try bytes(layers: 12) - bytes(layers: 4) < picture / 2)
    }
}
