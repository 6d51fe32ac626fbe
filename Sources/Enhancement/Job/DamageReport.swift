// How damaged a video is: what its file says and what its pictures look like.
import Media
import Quality

/// Damage of the first frames of an input, as luma quantisation steps in 8-bit code values.
public struct DamageReport: Sendable {
    /// Frames looked at.
    public private(set) var frames = 0
    /// Mean step that the decoder exported, and range of its quantisers on the codec's own scale;
    /// nil where it exports none.
    public private(set) var declaredStep: Double?, quantisers: ClosedRange<Float>?
    /// Mean step of the blind look, which is off by a factor of about two.
    public private(set) var blindStep = 0.0
    /// Mean strength of block edges: 1 is none.
    public private(set) var blockiness = 0.0

    /// Looks at up to `limit` frames.
    public init(_ source: any FrameSource, limit: Int = 12) throws {
        var declared: [Double] = []
        while frames < limit, let frame = try source.next() {
            let luma = frame.planes[0]
            let steps = DamageEstimator()(luma: luma, depth: frame.format.depth)
            blindStep += steps.elements.reduce(0) { $0 + Double($1) } / Double(steps.shape.count)
            blockiness += Blockiness(luma, depth: frame.format.depth).strength
            if let map = frame.quantisers, let low = map.values.min(), let high = map.values.max() {
                declared.append(
                    map.lumaSteps.reduce(0) { $0 + Double($1) } / Double(map.lumaSteps.count))
                quantisers =
                    min(
                        low, quantisers?.lowerBound ?? low)...max(
                        high, quantisers?.upperBound ?? high)
            }
            frames += 1
        }
        guard frames > 0 else { return }
        blindStep /= Double(frames)
        blockiness /= Double(frames)
        if !declared.isEmpty { declaredStep = declared.reduce(0, +) / Double(declared.count) }
    }

    /// The step that counts, in words: none, light, moderate, heavy.
    public var words: String {
        let step = max(declaredStep ?? 0, declaredStep == nil ? blindStep : blindStep / 2)
        return step < 4
            ? "none to speak of" : step < 14 ? "light" : step < 36 ? "moderate" : "heavy"
    }
}
