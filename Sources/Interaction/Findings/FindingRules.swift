// Which findings are worth saying.

/// What is looked for, how sure it must be, and how scores are made.
public struct FindingRules: Sendable {
    /// What a finding scores at least.
    public var leastScore = 0.2
    /// Findings of a picture at most; nil for all.
    public var limit: Int?
    /// Verbs that are looked for; nil for all but ``HICO/nothing``.
    public var verbs: Set<String>?
    /// Kinds of things that are looked for, by the names of ``COCO/categories`` or others that a head knows; nil for
    /// all.
    public var objects: Set<String>?
    /// Whether only HICO-DET's 600 combinations are believed.
    public var isClosed = true
    /// The power of the boxes' scores in that of a finding: (human · object)^power · verb.
    ///
    /// "Spatially conditioned graphs" (arXiv:2012.06060) has 2.8, for a detector that is surer than YOLOX-Nano. On
    /// photographs of Stanford 40 with YOLOX-Nano's boxes 1 was better: Documentation/hoi.md.
    public var power = 1.0
    /// What a box scores at least.
    public var leastBox = 0.2
    /// Humans, and other things, that are paired at most; the best.
    public var boxLimit = 15

    /// The usual rules.
    public init() {}

    /// Whether a verb is looked for.
    package func wants(verb: String) -> Bool { verbs?.contains(verb) ?? (verb != HICO.nothing) }

    /// Whether a kind of thing is, by its place in ``COCO/categories``.
    func wants(object: Int) -> Bool { wants(objectName: COCO.categories[object]) }

    /// Whether a kind of thing is.
    package func wants(objectName: String) -> Bool { objects?.contains(objectName) ?? true }

    /// The boxes that are paired, best first.
    func chosen(_ detections: [Detection]) -> [Detection] {
        var humans = 0, others = 0
        return detections.filter { $0.score >= leastBox }.sorted { $0.score > $1.score }.filter {
            if $0.category == COCO.person {
                humans += 1
                return humans <= boxLimit
            }
            others += 1
            return others <= boxLimit
        }
    }
}
