// The three operations of a retrieval as JSON, so that a stored memory answers as it did.
import Terminal

/// Similarity, separation and projection of a memory.
struct MemoryOperations: Hashable {
    var similarity: Similarity, separation: Separation
    var projection: AssociativeMemory.Projection

    /// All of it as an object.
    var json: JSONValue {
        let (name, number) = separation.code
        return .object([
            ("measure", .string(similarity.measure.rawValue)),
            ("form", .string(similarity.form.rawValue)),
            ("scalesPatterns", .bool(similarity.scalesPatterns)),
            ("scalesScores", .bool(similarity.scalesScores)),
            ("separation", .string(name)), ("number", .number(number)),
            ("projection", .string(projection.rawValue)),
        ])
    }

    init(
        _ similarity: Similarity, _ separation: Separation,
        _ projection: AssociativeMemory.Projection
    ) {
        (self.similarity, self.separation, self.projection) = (similarity, separation, projection)
    }

    /// What an object says; nil where that is nothing known.
    init?(_ json: JSONValue?) {
        guard let measure = json?["measure"]?.text.flatMap(Similarity.Measure.init),
            let form = json?["form"]?.text.flatMap(Similarity.Form.init),
            let scalesPatterns = json?["scalesPatterns"]?.boolean,
            let scalesScores = json?["scalesScores"]?.boolean,
            let name = json?["separation"]?.text, let number = json?["number"]?.double,
            let separation = Separation(name, number),
            let projection = json?["projection"]?.text
                .flatMap(AssociativeMemory.Projection.init)
        else { return nil }
        similarity = Similarity(
            measure, form, scalesPatterns: scalesPatterns, scalesScores: scalesScores)
        (self.separation, self.projection) = (separation, projection)
    }
}

extension Separation {
    /// Its name and its number; 0 where it has none.
    fileprivate var code: (String, Double) {
        switch self {
        case .identity: ("identity", 0)
        case .polynomial(let exponent): ("polynomial", Double(exponent))
        case .logarithm: ("logarithm", 0)
        case .squareRoot: ("squareRoot", 0)
        case .softmax(let beta): ("softmax", beta)
        case .maximum: ("maximum", 0)
        case .top(let count): ("top", Double(count))
        case .threshold(let least): ("threshold", least)
        }
    }

    fileprivate init?(_ name: String, _ number: Double) {
        let count = Int(exactly: number).flatMap { $0 >= 1 ? $0 : nil }
        switch name {
        case "identity": self = .identity
        case "polynomial":
            guard let count else { return nil }
            self = .polynomial(count)
        case "logarithm": self = .logarithm
        case "squareRoot": self = .squareRoot
        case "softmax": self = .softmax(number)
        case "maximum": self = .maximum
        case "top":
            guard let count else { return nil }
            self = .top(count)
        case "threshold": self = .threshold(number)
        default: return nil
        }
    }
}
