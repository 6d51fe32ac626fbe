// Where in a frame the correction would do harm.
import Quality
import Tensors

/// The share of the network's correction that each 16x16 cell of a frame gets.
///
/// Areas of one value were coded as what they are: black bars stay black. Drawn content (text, line art,
/// charts) comes through finer quantisers almost as it was, sharp edges on flat ground, where camera
/// pictures already lose: it is corrected from coarser steps on.
struct CorrectionMap {
    /// `[ceil(H / 16), ceil(W / 16)]`, what is taken away: 0 where all of the correction stays.
    let withheld: Tensor<Float>
    /// The largest of these.
    let largest: Float

    /// From which mean luma steps on drawn cells are corrected, chosen on rendered clips.
    static let drawn = DamageGate(zeroStep: 16, fullStep: 24)

    /// The map of a frame with its content.
    ///
    /// - Parameter drawnShare: What ``drawn`` says of the frame, over what the whole frame gets.
    init(content: ContentMap, drawnShare: Float) {
        let (drawn, constant) = (content.drawn.elements, content.constant.elements)
        withheld = Tensor(
            drawn.indices.map { 1 - (1 - constant[$0]) * (1 - drawn[$0] * (1 - drawnShare)) },
            shape: content.drawn.shape)
        largest = withheld.elements.max() ?? 0
    }
}
