// Where a frame wants what people see, and where what was there.
import Quality
import Tensors

/// The share of the perceptual weights in each 16x16 cell of a frame.
struct BalanceMap {
    /// `[ceil(H / 16), ceil(W / 16)]`, from 0, fidelity, to ``mostShare``.
    let shares: Tensor<Float>
    /// The largest of them, and their mean.
    let largest: Float, mean: Float

    /// Nothing is restored for the eye below the first luma step (8-bit code values), most above the
    /// second.
    static let zeroStep: Float = 14, fullStep: Float = 40
    /// The share where the damage is strong and nothing speaks against it.
    static let mostShare: Float = 0.7

    /// The map of a frame with its damage and content on the same grid.
    init(damage: DamageMap, content: ContentMap) {
        let shape = damage.worse.shape
        precondition(content.drawn.shape == shape, "\(content.drawn.shape) and \(shape)")
        let (zero, full) = (
            DamageMap.level(ofStep: Self.zeroStep), DamageMap.level(ofStep: Self.fullStep)
        )
        let (drawn, empty, skin) = (
            content.drawn.elements, content.empty.elements,
            ContentMap.smoothed(content.skin).elements
        )
        let spots = Tensor(
            damage.worse.elements.enumerated().map { index, level in
                let damaged = ramp(level, from: zero, to: full)
                return Self.mostShare * damaged * (1 - drawn[index]) * (1 - empty[index])
                    * (1 - skin[index])
            }, shape: shape)
        shares = ContentMap.smoothed(spots)
        let values = shares.elements
        largest = values.max() ?? 0
        mean = values.reduce(0, +) / Float(max(values.count, 1))
    }
}
