// Cells of tables as people read them.
import Terminal

extension ResultCell {
    /// The cell as it is printed: `0.9712`, `0.9712 ± 0.0021`.
    public var text: String {
        switch self {
        case .text(let text): text
        case .number(let number): number.significant(4)
        case .spread(let mean, let deviation):
            "\(mean.significant(4)) ± \(deviation.significant(2))"
        }
    }
}
