// What can be done with a shot.

/// What is done with the frames of a shot.
public struct ShotChoice: Sendable, Hashable {
    /// The model by name; nil hands on the decoder's samples.
    public var model: String?
    /// Share of the correction that is applied, 0 ... 1.
    public var strength: Float
    /// Between fidelity and what people see.
    public var balance: Balance
    /// How much coarser the encoder codes it than other shots, in steps of its quality scale; negative is finer.
    public var coarser: Float

    /// A choice.
    public init(
        model: String?, strength: Float = 1, balance: Balance = .fixed(0), coarser: Float = 0
    ) {
        (self.model, self.strength, self.balance) = (model, strength, balance)
        self.coarser = coarser
    }

    /// Frames as they are.
    public static let skip = ShotChoice(model: nil, strength: 0)
}

extension ShotChoice: CustomStringConvertible {
    /// `live, strength 0.5, balance auto`; `skip`.
    public var description: String {
        var parts = [model ?? "skip"]
        if model != nil {
            if strength != 1 { parts.append("strength \(strength)") }
            parts.append("balance \(balance)")
        }
        if coarser != 0 { parts.append("quality \(coarser > 0 ? "+" : "")\(coarser)") }
        return parts.joined(separator: ", ")
    }
}
