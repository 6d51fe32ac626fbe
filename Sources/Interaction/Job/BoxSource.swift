// Where the boxes of a picture come from.
import Media

/// A network that finds things, or a file that says where they are.
public enum BoxSource {
    /// Looks for things; a reader says what they look like.
    case detector(Detector, RegionReader? = nil)
    /// Knows of them.
    case known(KnownDetections)

    /// How pictures are made ready; nil where nobody looks at them.
    var eye: DetectorEye? {
        if case .detector(let detector, _) = self { return detector.eye }
        return nil
    }

    /// What boxes of the picture look like whose things were asked for last; nil where nobody looks.
    func look(at picture: LoadedPicture) -> (([Box]) throws -> [[Float]])? {
        guard case .detector(let detector, let reader?) = self, let view = picture.view else {
            return nil
        }
        return { try reader.numbers(of: $0, in: view.letterbox, seenBy: detector) }
    }

    /// The things in a picture, best first.
    ///
    /// - Throws: `PlanError`.
    func things(
        in picture: LoadedPicture, named path: String, atLeast score: Double
    ) throws -> [Detection] {
        switch self {
        case .detector(let detector, _): try detector(picture.view!, atLeast: score)
        case .known(let known):
            known.detections(of: path, width: picture.width, height: picture.height)
        }
    }
}

extension BoxSource {
    /// What is in a picture, and what people do in it.
    ///
    /// - Throws: `PlanError`.
    public func findings(
        in picture: UprightPicture, named path: String, time: Double?, _ finder: InteractionFinder
    ) throws -> PictureFindings {
        try findings(
            in: LoadedPicture(
                width: picture.width, height: picture.height, time: time, pixels: nil,
                view: eye?.view(of: picture)), named: path, atLeast: finder.rules.leastBox
        ) { try finder($0, width: $1, height: $2, look: $3) }
    }

    /// The same of a picture that was made ready, told by whoever tells.
    ///
    /// - Parameter least: What a box scores at least.
    func findings(
        in picture: LoadedPicture, named path: String, atLeast least: Double,
        tell: DetectionJob.Teller
    ) throws -> PictureFindings {
        var findings = PictureFindings(image: path)
        (findings.width, findings.height) = (picture.width, picture.height)
        findings.time = picture.time
        findings.things = try things(in: picture, named: path, atLeast: least)
        findings.findings = try tell(
            findings.things, picture.width, picture.height, look(at: picture))
        return findings
    }
}
