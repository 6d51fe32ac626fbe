// Between fidelity and what people see: one number, or a map over each frame.
import Networks

/// How far a result goes from fidelity to the perceptual weights.
public enum Balance: Sendable, Hashable, CustomStringConvertible {
    /// Towards perceptual where the damage is strong; fidelity on text, line art, skin and empty areas.
    case automatic
    /// The same everywhere: 0 fidelity, 1 perceptual, between them weights in between.
    case fixed(Double)

    /// `auto`, or a number from 0 to 1; nil for other texts.
    public init?(_ text: String) {
        if text == "auto" {
            self = .automatic
        } else if let share = Double(text), (0...1).contains(share) {
            self = .fixed(share)
        } else {
            return nil
        }
    }

    /// The text that says this balance.
    public var description: String {
        switch self {
        case .automatic: return "auto"
        case .fixed(let share): return "\(share)"
        }
    }
}

extension Parameters {
    /// Values between these, at a share of 0, and others of equal paths and shapes, at 1.
    ///
    /// - SeeAlso: Wang et al., ESRGAN (arXiv:1809.00219), section 3.4: network interpolation.
    func interpolated(to other: Parameters, share: Double) -> Parameters {
        if share == 0 { return self }
        if share == 1 { return other }
        var result = self
        for position in paths.indices {
            let path = paths[position]
            guard let target = other[path] else { preconditionFailure("'\(path)' is missing") }
            result.withElements(at: position) { values in
                target.withUnsafeBufferPointer { target in
                    for index in values.indices {
                        values[index] += Float(share) * (target[index] - values[index])
                    }
                }
            }
        }
        return result
    }
}
