// Where the boxes of a picture come from.

/// A network that finds things, or a file that says where they are.
public enum BoxSource {
    /// Looks for things.
    case detector(Detector)
    /// Knows of them.
    case known(KnownDetections)

    /// How pictures are made ready; nil where nobody looks at them.
    var eye: DetectorEye? {
        if case .detector(let detector) = self { return detector.eye }
        return nil
    }

    /// The things in a picture, best first.
    ///
    /// - Throws: `PlanError`.
    func things(
        in picture: LoadedPicture, named path: String, atLeast score: Double
    ) throws -> [Detection] {
        switch self {
        case .detector(let detector): try detector(picture.view!, atLeast: score)
        case .known(let known):
            known.detections(of: path, width: picture.width, height: picture.height)
        }
    }
}
