// Missing units as arrays that a scheduler takes.

/// Some units as an array of tasks: the number of a task and an offset make that of its unit.
struct ArrayChunk: Equatable {
    /// What is added to the number of a task.
    let offset: Int
    /// Numbers of tasks, as `0-4,7,9-12`.
    let list: String
    /// How many there are.
    let count: Int

    /// Slurm takes 4096 characters; every second one of a thousand numbers takes half of those.
    static let widest = 1000

    /// Units in chunks whose tasks are numbered below `limit`.
    ///
    /// - Parameter units: Ascending.
    static func chunks(of units: [Int], limit: Int) -> [ArrayChunk] {
        let width = max(1, min(limit, widest))
        var chunks: [ArrayChunk] = []
        var rest = units[...]
        while let first = rest.first {
            let offset = first / width * width
            let own = rest.prefix { $0 < offset + width }
            rest = rest.dropFirst(own.count)
            chunks.append(
                ArrayChunk(
                    offset: offset, list: compressed(own.map { $0 - offset }), count: own.count))
        }
        return chunks
    }

    /// `[0, 1, 2, 4]` as `0-2,4`.
    private static func compressed(_ numbers: [Int]) -> String {
        var spans: [ClosedRange<Int>] = []
        for number in numbers {
            if let last = spans.last, last.upperBound + 1 == number {
                spans[spans.count - 1] = last.lowerBound...number
            } else {
                spans.append(number...number)
            }
        }
        return spans.map {
            $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
        }.joined(separator: ",")
    }
}
