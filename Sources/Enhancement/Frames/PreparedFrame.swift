// A frame with everything that is computed once per frame: pyramid, damage, whether a cut precedes.
import Media
import Motion
import Quality
import Tensors

/// A frame and what the stages around it need more than once.
final class PreparedFrame {
    /// The frame as the decoder gave it.
    let frame: Frame
    /// Planes that the network reads: those of the frame, or YCbCr made from its RGB.
    let planes: [Plane]
    let sampling: ChromaSampling
    let depth: Int
    let pyramid: MotionPyramid
    let damage: DamageMap

    init(_ frame: Frame, estimator: DamageEstimator, threads: Int) {
        self.frame = frame
        let converted = NativeColour.ycbcr(of: frame)
        planes = converted.planes
        sampling = converted.sampling
        depth = converted.depth
        pyramid = MotionPyramid(luma: planes[0], depth: depth, threads: threads)
        damage = DamageMap(
            width: frame.width, height: frame.height, quantisers: frame.quantisers,
            blindSteps: estimator(luma: planes[0], depth: depth, threads: threads))
    }
}
