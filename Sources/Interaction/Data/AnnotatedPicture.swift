// What people said of a photograph: the things in it, and who does what to what.

/// A verb and the kind of thing that it is done to: ride, bicycle. A human does it.
public struct Triplet: Sendable, Hashable, CustomStringConvertible {
    /// The verb as the data set writes it: HICO-DET's `sit_on`, V-COCO's `sit instr`.
    public let verb: String
    /// The kind of thing, COCO's name where COCO knows it.
    public let object: String

    /// A human does `verb` to `object`.
    public init(verb: String, object: String) { (self.verb, self.object) = (verb, object) }

    /// `ride bicycle`
    public var description: String { "\(verb) \(object)" }

    /// Reads what ``description`` writes of a verb without spaces, as HICO-DET's are; nil for anything else.
    public init?(_ description: String) {
        let parts = description.split(separator: " ", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return nil }
        self.init(verb: parts[0], object: parts[1])
    }
}

/// A photograph with its annotations, whatever data set they come from.
public struct AnnotatedPicture: Sendable, Hashable {
    /// A thing in the photograph.
    public struct Thing: Sendable, Hashable {
        /// COCO's name where COCO knows it, else the data set's.
        public var category: String
        /// Where.
        public var box: Box
        /// Whether it stands for many things of a kind.
        public var isCrowd = false
        /// Pixels that it covers, where somebody drew its outline.
        public var area: Double?
        /// How sure a detector was; nil for what a person annotated.
        public var score: Double?
        /// The index of the annotated thing that this detection repeats.
        public var repeated: Int?

        /// A thing that a person annotated.
        public init(_ category: String, _ box: Box) { (self.category, self.box) = (category, box) }
    }

    /// Somebody does something.
    public struct Interaction: Sendable, Hashable {
        /// Who, as an index into the things.
        public var human: Int
        /// What it is done to, as an index into the things; nil where that has no box or there is nothing.
        public var object: Int?
        /// The kind of thing that it is done to; nil where nobody said.
        public var objectName: String?
        /// What is done, as the data set writes it.
        public var verb: String
        /// How well the object's box fits where a program chose it: 0 to 1; nil for people's work.
        public var match: Double?

        /// `things[human]` does `verb`.
        public init(human: Int, verb: String, object: Int?, named objectName: String?) {
            (self.human, self.verb, self.object) = (human, verb, object)
            self.objectName = objectName
        }

        /// Verb and object; nil where the object's kind is unknown.
        public var triplet: Triplet? { objectName.map { Triplet(verb: verb, object: $0) } }

        /// Who and what; nil where the object has no box, or somebody does something to himself.
        public var pair: HumanObjectPair? {
            guard let object, object != human else { return nil }
            return HumanObjectPair(human: human, object: object)
        }
    }

    /// Whose interactions are annotated.
    public enum Coverage: Sendable, Hashable {
        /// Everybody's: what is not there does not happen.
        case everybody
        /// One person's: what is not there is unknown.
        case onePerson
        /// Nobody's.
        case nobody
    }

    /// Its file, as the data set names it.
    public var file: String
    /// Its size in pixels; nil where the data set does not say.
    public var width: Int?, height: Int?
    /// What is in it.
    public var things: [Thing]
    /// What happens in it.
    public var interactions: [Interaction]
    /// Whose interactions are known.
    public var coverage: Coverage
    /// Whether all things of COCO's categories are annotated.
    public var hasAllThings: Bool
    /// Pairs of which training is told nothing, neither what happens nor that nothing does.
    public var withheld: Set<HumanObjectPair> = []

    /// A photograph.
    public init(
        file: String, width: Int? = nil, height: Int? = nil, things: [Thing] = [],
        interactions: [Interaction] = [], coverage: Coverage = .everybody,
        hasAllThings: Bool = false
    ) {
        (self.file, self.width, self.height) = (file, width, height)
        (self.things, self.interactions) = (things, interactions)
        (self.coverage, self.hasAllThings) = (coverage, hasAllThings)
    }

    /// The verb-object pairs that happen in it.
    public var triplets: Set<Triplet> { Set(interactions.compactMap(\.triplet)) }
}

extension AnnotatedPicture {
    /// The index of a thing that is appended unless it is there.
    mutating func index(of thing: Thing) -> Int {
        if let index = things.firstIndex(of: thing) { return index }
        things.append(thing)
        return things.count - 1
    }
}
