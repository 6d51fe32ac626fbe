// What things in pictures have to do with each other.

/// What one thing has to do with another: person ride dog. Neither need be a person.
public struct Relation: Sendable, Hashable, CustomStringConvertible {
    /// The kind of thing that does it, what it does, and the kind of thing that it does it to.
    public let subject: String, predicate: String, object: String

    /// `subject` does `predicate` to `object`.
    public init(_ subject: String, _ predicate: String, _ object: String) {
        (self.subject, self.predicate, self.object) = (subject, predicate, object)
    }

    /// `person-ride-dog`, as UnRel writes it.
    public var description: String { "\(subject)-\(predicate)-\(object)" }

    /// Reads what ``description`` writes; nil for anything but three names with a dash between each two.
    public init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, !parts.contains("") else { return nil }
        self.init(parts[0], parts[1], parts[2])
    }
}

extension Relation {
    /// Reads a list of relations in the form of ``description``, one a line; empty lines are left out.
    ///
    /// - Throws: ``AnnotationError``.
    public static func list(contentsOf path: String) throws(AnnotationError) -> [Relation] {
        let lines = try AnnotationNode.bytes(of: path).split(
            separator: 0x0A, omittingEmptySubsequences: false)
        var relations: [Relation] = []
        for (index, bytes) in lines.enumerated() where bytes.contains(where: { $0 > 0x20 }) {
            let line = String(decoding: bytes.filter { $0 != 0x0D }, as: UTF8.self)
            guard let relation = Relation(line) else {
                throw AnnotationError(
                    file: path, place: "line \(index + 1)",
                    problem: .unexpected(expected: "subject-predicate-object", found: line))
            }
            relations.append(relation)
        }
        return relations
    }
}

/// Two things in a picture, and what one has to do with the other.
public struct RelatedBoxes: Sendable, Hashable {
    /// What.
    public var relation: Relation
    /// Where, in pixels by their corners.
    public var subject: Box, object: Box

    /// A relation at a place.
    public init(_ relation: Relation, subject: Box, object: Box) {
        (self.relation, self.subject, self.object) = (relation, subject, object)
    }
}

extension AnnotatedPicture {
    /// What things have to do with each other, as far as both have boxes.
    public var relations: [RelatedBoxes] {
        interactions.compactMap { interaction in
            guard let object = interaction.object else { return nil }
            let (subject, thing) = (things[interaction.human], things[object])
            return RelatedBoxes(
                Relation(subject.category, interaction.verb, thing.category),
                subject: subject.box, object: thing.box)
        }
    }
}
