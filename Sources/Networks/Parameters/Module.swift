// What layers and networks have in common: they say which parameters they need.
import Tensors

/// One parameter that a layer needs.
public struct Declaration: Sendable, Equatable {
    /// Its name, in the graph and in the weights file: "trunk.0.conv1.weight".
    public let path: String
    /// Its extents.
    public let shape: Shape
    /// How it gets its first value.
    public let initialiser: Initialiser
    /// Whether gradients change it; running statistics are kept beside the weights but not learned.
    public let isLearned: Bool

    /// A parameter at `path`.
    public init(
        _ path: String, _ shape: Shape, _ initialiser: Initialiser, isLearned: Bool = true
    ) {
        self.path = path
        self.shape = shape
        self.initialiser = initialiser
        self.isLearned = isLearned
    }
}

/// A layer or a network: it knows its place and its settings, and declares its parameters.
///
/// Calling it on values appends its nodes to their graph. It holds no weights: those live in
/// `Parameters`, under the paths that are declared here.
public protocol Module: Sendable {
    /// The parameters it needs, each once, in the order in which they are stored.
    var declarations: [Declaration] { get }
}

extension Module {
    /// Number of learned values.
    public var learnedCount: Int {
        declarations.filter(\.isLearned).reduce(0) { $0 + $1.shape.count }
    }
}

/// Modules one after the other; layers of a network can be declared as a list.
extension Array: Module where Element: Module {
    /// The parameters of all elements in order.
    public var declarations: [Declaration] { flatMap(\.declarations) }
}

/// Where a layer's parameters live: "trunk", then `path / "conv1"`, then `path / 0`.
public struct ParameterPath: Sendable, Hashable, ExpressibleByStringLiteral,
    CustomStringConvertible
{
    /// The names joined by dots; empty for the root.
    public let description: String

    /// A path written out; "" is the root.
    public init(_ path: String) { description = path }
    /// A path written as a literal.
    public init(stringLiteral path: String) { description = path }

    /// The path of `name` below this one.
    public static func / (path: ParameterPath, name: String) -> ParameterPath {
        ParameterPath(path.description.isEmpty ? name : "\(path).\(name)")
    }

    /// The path of the element `index` below this one.
    public static func / (path: ParameterPath, index: Int) -> ParameterPath { path / "\(index)" }
}
