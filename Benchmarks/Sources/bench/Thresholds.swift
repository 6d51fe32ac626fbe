// What must not get slower: ratios within one run, so that they hold on any machine and under load.
import Glibc
import Terminal

/// Ratios between measurements of one run, and the least that each may be.
enum Thresholds {
    /// Reads `Benchmarks/thresholds.txt`: `minimum | numerator | denominator` a line, each side the
    /// name of a network and a precision. Ratios of what was not measured are left out.
    static func check(_ measured: [String: Double]) throws {
        guard let file = fopen(path, "r") else {
            return print("no thresholds at \(path)")
        }
        defer { fclose(file) }
        // What measurements may be compared with besides each other.
        let measured = measured.merging(["1.5 GB": 1.5e9]) { a, _ in a }
        var failures = 0
        var buffer = [CChar](repeating: 0, count: 1024)
        print("\nthresholds")
        while fgets(&buffer, Int32(buffer.count), file) != nil {
            let line = String(
                decoding: buffer.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) },
                as: UTF8.self)
            if line.hasPrefix("#") { continue }
            let fields = line.split(separator: "|").map(trimmed)
            guard fields.count == 3, let least = Double(fields[0]),
                let above = measured[fields[1]], let below = measured[fields[2]]
            else { continue }
            let holds = above / below >= least
            if !holds { failures += 1 }
            print(
                holds ? "  ok  " : "  LOW ", fixed(above / below, decimals: 2), "of at least",
                "\(fixed(least, decimals: 2)):", fields[1], "against", fields[2])
        }
        if failures > 0 { exit(1) }
    }

    private static func trimmed(_ field: Substring) -> String {
        String(field.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    /// Beside the package, wherever it was checked out.
    private static var path: String {
        if let given = getenv("PERCEPT_THRESHOLDS") { return String(cString: given) }
        return "Benchmarks/thresholds.txt"
    }
}
