// How much one side of a split shows.

/// What photographs of one side of a split show, counted.
public struct SplitSide: Sendable, Hashable {
    /// Photographs, and the annotated interactions in them whose object is known.
    public let pictures: Int, pairs: Int
    /// Different combinations, verbs and kinds of objects.
    public let combinations: Int, verbs: Int, objects: Int

    /// Counts.
    public init(_ pictures: [AnnotatedPicture]) {
        let triplets = pictures.reduce(into: Set<Triplet>()) { $0.formUnion($1.triplets) }
        self.pictures = pictures.count
        pairs = pictures.reduce(0) { $0 + $1.interactions.count { $0.triplet != nil } }
        combinations = triplets.count
        verbs = Set(triplets.map(\.verb)).count
        objects = Set(triplets.map(\.object)).count
    }
}
