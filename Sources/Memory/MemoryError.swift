// What can be wrong with what a memory is asked or given.
import Terminal

/// A question that a memory cannot answer, or patterns that it cannot store; prints as one line.
public enum MemoryError: ExitCodeProviding, Hashable {
    /// Nothing is stored.
    case empty
    /// An entry is no finite number.
    case notFinite(row: Int, column: Int)
    /// A measure of distributions was given a negative entry.
    case negative(row: Int, column: Int, measure: String)
    /// Nothing is known of a query.
    case nothingKnown(row: Int)
    /// There is no memory at a position.
    case noSuchMemory(position: Int, count: Int)

    /// 65.
    public var exitCode: Int32 { ExitCode.badData.rawValue }

    /// One line.
    public var description: String {
        switch self {
        case .empty: "the memory holds nothing: store patterns first"
        case .notFinite(let row, let column):
            "entry \(column) of pattern \(row) is no finite number: look for NaN there"
        case .negative(let row, let column, let measure):
            "entry \(column) of pattern \(row) is negative; \(measure) compares distributions:"
                + " shift patterns, or take another measure"
        case .nothingKnown(let row): "nothing is known of query \(row): mark entries that are"
        case .noSuchMemory(let position, let count):
            "there is no memory \(position): there are \(count), counted from 0"
        }
    }
}
