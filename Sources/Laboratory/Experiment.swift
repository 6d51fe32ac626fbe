// What an experiment is: a claim of a paper, how it is measured here, and whether it holds.
import Tensors

/// A claim of a paper and how it is measured. One file each.
public protocol Experiment: Sendable {
    /// What it is called on the command line, as "zil-exact".
    var name: String { get }
    /// What the paper claims, in one sentence.
    var claim: String { get }
    /// Where the claim stands: paper and section.
    var source: String { get }
    /// Numbers it can compute with, the usual ones first; empty where each part has its own.
    var precisions: [NumberPrecision] { get }

    /// Measures.
    ///
    /// - Throws: What reading data throws, and ``ExperimentError`` where there is nothing to measure with.
    func run(_ setting: ExperimentSetting) throws -> ExperimentResult
}

extension Experiment {
    /// Compiled plans compute in Float.
    public var precisions: [NumberPrecision] { [.f32] }
}

/// Numbers that an experiment computes with.
public enum NumberPrecision: String, CaseIterable, Sendable {
    /// Double, by the reference.
    case f64
    /// Float.
    case f32
}

/// How an experiment is run.
public struct ExperimentSetting: Sendable {
    /// Starts per measurement: seeds 1, 2, ...
    public var seeds = 3
    /// Numbers to compute with, where an experiment leaves the choice; nil for its usual ones.
    public var precision: NumberPrecision?
    /// Folder with `mnist/` and `cifar10/`; nil for rendered digits and strokes.
    public var data: String?
    /// Whether it may take hours instead of minutes.
    public var isFull = false
    /// Steps in a world, for experiments that learn in one; nil for their usual ones.
    public var steps: Int?
    /// Pictures that generative memories store, of a set that has so many; nil for as many as usual.
    public var pictures: Int?
    /// Threads to compute with.
    public var threads = 1
    /// Told what is being done, a line at a time.
    public var observe: @Sendable (String) -> Void = { _ in }

    /// The defaults.
    public init() {}
}

/// What an experiment found.
public struct ExperimentResult: Sendable {
    /// Figures, in the order in which they are to be read.
    public var tables: [ResultTable] = []
    /// Pictures of them.
    public var charts: [Chart] = []
    /// What was expected, what was found, and whether that is the same.
    public var findings: [ResultFinding] = []
    /// What a reader must know besides, a sentence each.
    public var notes: [String] = []

    /// Nothing yet.
    public init() {}

    /// Whether all findings hold.
    public var holds: Bool { findings.allSatisfy(\.holds) }
}

/// One thing that was expected, and what was found.
public struct ResultFinding: Sendable, Hashable {
    /// What was expected, as "cosine at λ = 0.1 within 20 % of 1 - 0.0045".
    public var expected: String
    /// What was found, with its unit.
    public var found: String
    /// Whether they agree.
    public var holds: Bool

    /// A finding.
    public init(_ expected: String, found: String, holds: Bool) {
        (self.expected, self.found, self.holds) = (expected, found, holds)
    }
}

/// Figures in rows and columns.
public struct ResultTable: Sendable {
    /// What it shows, as "relative error of the gradient".
    public var title: String
    /// Heads of the columns.
    public var columns: [String]
    /// Rows as long as `columns`.
    public var rows: [[ResultCell]] = []

    /// A table without rows.
    public init(_ title: String, columns: [String]) {
        (self.title, self.columns) = (title, columns)
    }

    /// Appends a row.
    public mutating func append(_ cells: ResultCell...) {
        precondition(
            cells.count == columns.count, "\(cells.count) cells in \(columns.count) columns")
        rows.append(cells)
    }
}

/// One figure or word of a table.
public enum ResultCell: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByFloatLiteral {
    /// A word.
    case text(String)
    /// A number as measured; printed with four digits, in JSON in full.
    case number(Double)
    /// A mean and its spread (standard deviation over seeds).
    case spread(mean: Double, deviation: Double)

    public init(stringLiteral value: String) { self = .text(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
}

/// Curves over two axes.
public struct Chart: Sendable {
    /// One axis: what is on it with its unit, and whether it is logarithmic.
    public struct Axis: Sendable {
        public var label: String
        public var isLogarithmic: Bool
        public init(_ label: String, isLogarithmic: Bool = false) {
            (self.label, self.isLogarithmic) = (label, isLogarithmic)
        }
    }
    /// A point, and how far it may be off either way.
    public struct Point: Sendable {
        public var x: Double, y: Double, error: Double
        public init(_ x: Double, _ y: Double, error: Double = 0) {
            (self.x, self.y, self.error) = (x, y, error)
        }
    }
    /// A curve with its name.
    public struct Series: Sendable {
        public var name: String
        public var points: [Point]
        public init(_ name: String, _ points: [Point]) { (self.name, self.points) = (name, points) }
    }
    /// What it shows.
    public var title: String
    public var x: Axis, y: Axis
    public var series: [Series] = []

    /// A chart without curves.
    public init(_ title: String, x: Axis, y: Axis) { (self.title, self.x, self.y) = (title, x, y) }
}

/// An experiment that cannot be run.
public struct ExperimentError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is missing or wrong, and what to do.
    public var description: String
    /// An error of this description.
    public init(_ description: String) { self.description = description }
}
