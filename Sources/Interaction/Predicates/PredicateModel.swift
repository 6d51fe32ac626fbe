// A trained predicate head, as a file: weights, verbs, and what it was trained on.
import Networks
import Tensors

/// A predicate head with its weights, what its verbs are called and which combinations it has not seen.
public struct PredicateModel: Sendable {
    /// The network.
    public let head: PredicateHead
    /// Its weights.
    public let parameters: Parameters
    /// Names of the verbs, in the order of its logits.
    public let verbNames: [String]
    /// Combinations that were kept from its training, to be measured on.
    public let unseen: Set<Triplet>
    /// Everything else that the file says.
    public let metadata: [String: String]

    /// A model.
    public init(
        _ head: PredicateHead, parameters: Parameters, verbNames: [String],
        unseen: Set<Triplet> = [], metadata: [String: String] = [:]
    ) {
        precondition(verbNames.count == head.verbCount, "\(verbNames.count) names of verbs")
        (self.head, self.parameters, self.verbNames) = (head, parameters, verbNames)
        (self.unseen, self.metadata) = (unseen, metadata)
    }

    private static let kindKey = "percept.kind", kind = "predicate head"
    /// What entries begin with that belong to the file's own head, and to another one beside it.
    static let prefix = "percept.", appearancePrefix = "percept.appearance."
    static let peoplePrefix = "percept.people."
    /// Entries of one head, behind the prefix.
    private static let verbsKey = "verbs", widthsKey = "widths", regionsKey = "regions"
    private static let unseenKey = "unseen", objectKey = "reads_object", subjectKey = "subject"
    /// No name of a verb or a thing has one.
    private static let line: Character = "\n", tab: Character = "\t"

    /// Reads a model that ``write(to:)`` wrote, or the geometry branch of one that ``BranchedModel`` wrote.
    ///
    /// - Throws: `SafetensorsError`, which names what is missing or does not fit.
    public init(contentsOf path: String) throws(SafetensorsError) {
        let file = try Safetensors(contentsOf: path)
        try self.init(reading: file, ignoring: BranchedModel.others(in: file))
    }

    /// Reads the head whose entries begin with `prefix`.
    init(
        reading file: Safetensors, prefix: String = Self.prefix, ignoring others: [String] = []
    ) throws(SafetensorsError) {
        func entry<T>(
            _ name: String, _ expected: String, isWhole: Bool = false, _ parse: (String) -> T?
        ) throws(SafetensorsError) -> T {
            try file.value(isWhole ? name : prefix + name, expected, parse)
        }
        _ = try entry(Self.kindKey, "'\(Self.kind)'", isWhole: true) { $0 == Self.kind ? $0 : nil }
        let verbs = try entry(Self.verbsKey, "names of verbs, one a line") { text in
            let names = text.split(separator: Self.line).map(String.init)
            return names.isEmpty || Set(names).count < names.count ? nil : names
        }
        let widths = try entry(Self.widthsKey, "widths such as 128 256") { text in
            let parts = text.split(separator: " ").map { Int($0) }
            let numbers = parts.compactMap { $0 }.filter { (1...65_536).contains($0) }
            return numbers.isEmpty || numbers.count < parts.count ? nil : numbers
        }
        let readsObject = try entry(Self.objectKey, "0 or 1") { ["0": false, "1": true][$0] }
        let unseen = try entry(Self.unseenKey, "a verb, a tab and a thing, one pair a line") {
            text -> Set<Triplet>? in
            var triplets: Set<Triplet> = []
            for line in text.split(separator: Self.line) {
                let parts = line.split(separator: Self.tab)
                guard parts.count == 2 else { return nil }
                triplets.insert(Triplet(verb: String(parts[0]), object: String(parts[1])))
            }
            return triplets
        }
        let regions =
            file.metadata[prefix + Self.regionsKey] == nil
            ? nil
            : try entry(Self.regionsKey, "channels, cells and parts") { RegionShape($0) }
        let subject =
            file.metadata[prefix + Self.subjectKey] == nil
            ? .pairs
            : try entry(Self.subjectKey, "pairs or people, and names such as 'play guitar'") {
                let subject = PredicateSubject(rawValue: $0)
                return subject == .people
                    && (regions == nil || verbs.contains { Triplet($0) == nil }) ? nil : subject
            }
        let head = PredicateHead(
            verbCount: verbs.count, widths: widths, readsObject: readsObject, regions: regions,
            subject: subject)
        try self.init(
            head, parameters: Parameters(reading: file, for: head, ignoring: others),
            verbNames: verbs, unseen: unseen, metadata: file.metadata)
    }

    /// The same model, of which its file says more.
    public func saying(_ more: [String: String]) -> PredicateModel {
        PredicateModel(
            head, parameters: parameters, verbNames: verbNames, unseen: unseen,
            metadata: metadata.merging(more) { $1 })
    }

    /// Writes the model, all or nothing.
    ///
    /// - Throws: `FileWriteError`.
    public func write(to path: String) throws(FileWriteError) {
        try parameters.write(to: path, metadata: metadata.merging(entries()) { $1 })
    }

    /// What a file says of it.
    func entries(prefix: String = Self.prefix) -> [String: String] {
        var entries: [String: String] = [:]
        entries[Self.kindKey] = Self.kind
        entries[prefix + Self.verbsKey] = verbNames.joined(separator: "\(Self.line)")
        entries[prefix + Self.widthsKey] = head.widths.map { "\($0)" }.joined(separator: " ")
        entries[prefix + Self.regionsKey] = head.regions?.description
        entries[prefix + Self.objectKey] = head.readsObject ? "1" : "0"
        // As files had it before there was a choice.
        if head.subject != .pairs { entries[prefix + Self.subjectKey] = head.subject.rawValue }
        entries[prefix + Self.unseenKey] =
            unseen.map { "\($0.verb)\(Self.tab)\($0.object)" }.sorted()
            .joined(separator: "\(Self.line)")
        return entries
    }
}
