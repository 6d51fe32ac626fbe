// Measures on request, so that runs can alternate with those of other programs.
import Compute
import Glibc

/// Reads `NETWORK-INDEX PRECISION SECONDS` lines and answers each with the best time in seconds.
final class Server {
    private var plans: [String: Plan] = [:]

    func run() throws {
        answer("ready")
        while let line = readLine() {
            let words = line.split(separator: " ")
            guard words.count == 3, let index = Int(words[0]),
                measuredNetworks.indices.contains(index),
                let precision = Precision(rawValue: String(words[1])),
                let duration = Double(words[2])
            else {
                answer("error: expected NETWORK-INDEX PRECISION SECONDS")
                continue
            }
            let key = "\(index) \(precision.rawValue)"
            let plan = try plans[key] ?? measuredNetworks[index].plan(precision)
            plans[key] = plan
            let end = seconds() + duration
            var time = Double.infinity
            repeat { time = min(time, try best(of: 1) { try plan.run() }) } while seconds() < end
            answer("\(time)")
        }
    }

    /// A line at once: the other side waits for it.
    private func answer(_ line: String) {
        print(line)
        fflush(nil)
    }
}
