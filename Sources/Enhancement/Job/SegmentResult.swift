// What is known of a part of a video once it is worked.
import Media

/// What came of a segment that was worked to its end.
public struct SegmentResult: Sendable {
    /// What the pipeline did; frames around the segment are not counted.
    public var outcome: PipelineOutcome
    /// When its frames are shown.
    public var frames: [FrameTime]
    /// See `SegmentWriter.reordering`.
    public var reordering: Int
    /// Bytes of its frames, as coded.
    public var bytes: Int
    /// Frames that the decoder concealed.
    public var concealed: Int
    /// What was never decoded of its frames.
    public var losses: LossReport
    /// What people should know of these frames, a line each.
    public var warnings: [String]

    /// A result that was written down.
    public init(
        outcome: PipelineOutcome, frames: [FrameTime], reordering: Int, bytes: Int, concealed: Int,
        losses: LossReport = LossReport(), warnings: [String]
    ) {
        self.outcome = outcome
        self.frames = frames
        self.reordering = reordering
        self.bytes = bytes
        self.concealed = concealed
        self.losses = losses
        self.warnings = warnings
    }
}
