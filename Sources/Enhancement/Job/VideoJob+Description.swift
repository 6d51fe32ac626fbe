// What the writer is told of a job's video.
import Media

extension VideoJob {
    /// Whether samples are turned because the container cannot say that they should be.
    ///
    /// Fields would become columns in a quarter turn: that is left to the writer, which refuses it. Upside
    /// down they stay fields where luma and chroma have an even number of rows.
    func turnsVideo(_ first: Frame) -> Bool {
        guard case .video(let container) = kind, !container.holdsRotation,
            first.rotation != 0 || first.isMirrored
        else { return false }
        if fieldPattern == .progressive || first.rotation == 0 { return true }
        return first.rotation == 180
            && first.planes.allSatisfy { $0.height % 2 == first.height % 2 }
    }

    func description(_ first: Frame) -> VideoDescription {
        let isTurned = turnsVideo(first)
        let swapsFields = isTurned && first.rotation == 180 && first.height % 2 == 0
        let first = isTurned ? first.turnedUpright() : first
        let reader = source as? VideoReader
        var video = VideoDescription(frame: first, frameRate: source.frameRate)
        video.format.depth = max(first.format.depth, request.enhancement.depth ?? 0)
        if case .video(.avi) = kind {
            video.frameRate = constantRate ?? source.frameRate
            video.hasVariableRate = constantRate == nil
        }
        video.hdr = reader?.hdr
        video.duration = duration
        video.sourceBitrate = sourceBitrate
        video.sourceCodec = reader?.stream.codec
        switch fieldPattern {
        case .topFirst: video.fieldOrder = swapsFields ? .bottomFirst : .topFirst
        case .bottomFirst: video.fieldOrder = swapsFields ? .topFirst : .bottomFirst
        case .progressive, .telecine: video.fieldOrder = .progressive
        }
        return video
    }
}
