// What somebody was found doing.

/// A human who does something to a thing.
public struct Finding: Sendable, Hashable {
    /// Who.
    public var human: Detection
    /// What it is done to; nil where that is not seen, or is of no kind that the detector knows.
    public var object: Detection?
    /// What kind of thing that is: COCO's name where COCO knows it.
    public var objectName: String
    /// What is done, as the head's data set writes it: `sit_on`.
    public var verb: String
    /// How likely the verb is for such a pair of boxes, or for such a person: 0 to 1.
    public var verbScore: Double
    /// How surely all of it is so: 0 to 1.
    public var score: Double
    /// Whether somebody taught it by examples; else a head tells it.
    public var isTaught = false

    /// `human` does `verb` to `object`.
    public init(
        human: Detection, object: Detection, verb: String, verbScore: Double, score: Double
    ) {
        (self.human, self.object, self.verb) = (human, object, verb)
        (self.verbScore, self.score) = (verbScore, score)
        objectName = COCO.categories[object.category]
    }

    /// `human` does something to a thing that is not seen.
    public init(human: Detection, doing triplet: Triplet, verbScore: Double, score: Double) {
        (self.human, verb, objectName) = (human, triplet.verb, triplet.object)
        (self.verbScore, self.score) = (verbScore, score)
    }

    /// `human` does what somebody taught by examples, to a thing that is seen or not.
    public init(
        human: Detection, taught triplet: Triplet, object: Detection?, verbScore: Double,
        score: Double
    ) {
        self.init(human: human, doing: triplet, verbScore: verbScore, score: score)
        (self.object, isTaught) = (object, true)
    }

    /// Verb and kind of thing.
    public var triplet: Triplet { Triplet(verb: verb, object: objectName) }
    /// `sit on bench`
    public var phrase: String { triplet.phrase }
}

extension Triplet {
    /// Verb and thing as people write them: `sit on bench`.
    public var phrase: String { verb.map { $0 == "_" ? " " : "\($0)" }.joined() + " " + object }
}

/// All that was found in one picture, or why nothing could be.
public struct PictureFindings: Sendable, Hashable {
    /// The file, as the caller named it.
    public var image: String
    /// Size in square pixels as a person sees it; 0 where the picture cannot be read.
    public var width = 0, height = 0
    /// Seconds from the start of a video; nil for a photograph.
    public var time: Double?
    /// The things in it, best first.
    public var things: [Detection] = []
    /// What is done in it, surest first.
    public var findings: [Finding] = []
    /// Why the picture cannot be read, in one line.
    public var error: String?

    /// A picture of which nothing is known yet.
    public init(image: String) { self.image = image }
}
