// Closed captions inside the pictures, where an output cannot carry them.
import Media

extension VideoJob {
    static let placeForCaptions = "-o NAME.mkv --encoder libx264 can"

    /// Stops a job that is strict about streams where captions would be lost.
    func requirePlaceForCaptions(_ first: Frame) throws {
        guard request.isStrictAboutStreams, hasCaptions || !first.captions.isEmpty else { return }
        var place = kind.name
        if case .video = kind {
            let encoder = try VideoWriter.check(
                path: request.output, video: description(first), settings: request.encoding)
            if encoder.writesCaptions { return }
            place = encoder.rawValue
        }
        throw OutputError.streamDoesNotFit(
            path: request.output, stream: "closed captions", container: place,
            advice: VideoJob.placeForCaptions)
    }
}
