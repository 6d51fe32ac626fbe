// What was seen in a key picture, and which words find it.
import Interaction
import Media
import Terminal

/// Things and interactions of one picture, as a line of JSON.
public struct SeenPicture: Sendable, Hashable {
    /// Seconds from the start of the video.
    public var time: Double
    /// Kinds of things, each with the best score.
    public var things: [String: Double]
    /// What people do, as `ride horse`, each with the best score.
    public var doings: [String: Double]

    init(time: Double, things: [String: Double], doings: [String: Double]) {
        (self.time, self.things, self.doings) = (time, things, doings)
    }

    /// What a detector and a head say of a picture.
    init(_ findings: PictureFindings, at time: Double) {
        self.time = time
        things = Dictionary(
            findings.things.map { (COCO.categories[$0.category], $0.score) },
            uniquingKeysWith: max)
        doings = Dictionary(
            findings.findings.map { ($0.phrase, $0.score) }, uniquingKeysWith: max)
    }

    var json: JSONValue {
        func members(_ scores: [String: Double]) -> JSONValue {
            .object(
                scores.sorted { $0.key < $1.key }.map {
                    ($0.key, .number(($0.value * 1000).rounded() / 1000))
                })
        }
        return .object([
            ("time", .number(time)), ("things", members(things)), ("doings", members(doings)),
        ])
    }

    init?(_ json: JSONValue?) {
        func scores(_ json: JSONValue?) -> [String: Double]? {
            guard case .object(let members) = json else { return nil }
            var scores: [String: Double] = [:]
            for (name, value) in members {
                guard let score = value.double else { return nil }
                scores[name] = score
            }
            return scores
        }
        guard let time = json?["time"]?.double, let things = scores(json?["things"]),
            let doings = scores(json?["doings"])
        else { return nil }
        self.init(time: time, things: things, doings: doings)
    }
}

/// Words that a picture may be asked for.
public struct WordQuery: Sendable, Hashable {
    /// Things that must all be there.
    let things: [String]
    /// What somebody must do, as `ride horse`; nil where only things were named. A verb alone ends with a space.
    let doing: String?

    /// Reads words as people write them: "dog", "ride horse", "person hold cup", "type on laptop", "riding a horse".
    ///
    /// - Parameter known: All that can have been seen: phrases such as `ride horse`.
    /// - Throws: ``FinderError/unknownWords(_:suggestion:)``.
    public init(_ text: String, doings known: Set<String>) throws {
        var words = text.lowercased().split { $0 == " " || $0 == "_" || $0 == "," }.map(String.init)
            .filter { !["a", "an", "the", "with", "and", "is", "of", "some"].contains($0) }
        let thing = { (words: ArraySlice<String>) -> String? in
            let name = words.joined(separator: " ")
            let single = name.hasSuffix("s") ? String(name.dropLast()) : name
            return [name, single].first { COCO.index(of: $0) != nil }
        }
        // Whoever does something is a person, said or not.
        var isPersonSaid = false
        if words.count > 1, let first = words.first,
            ["person", "people", "someone", "somebody", "man", "woman", "child"].contains(first)
        {
            isPersonSaid = true
            words.removeFirst()
        }
        let phrase = words.joined(separator: " ")
        let plain = words.first.map { ([Self.verb($0)] + words.dropFirst()).joined(separator: " ") }
        let singular = plain.map { $0.hasSuffix("s") ? String($0.dropLast()) : $0 }
        if let found = [phrase, plain, singular].compactMap({ $0 }).first(where: known.contains) {
            (things, doing) = ([], found)
            return
        }
        if let verb = [phrase, plain].compactMap({ $0 }).first(where: { verb in
            known.contains { $0.hasPrefix(verb + " ") }
        }) {
            (things, doing) = ([], verb + " ")
            return
        }
        var found: [String] = isPersonSaid ? ["person"] : []
        var rest = words[...]
        while !rest.isEmpty {
            // The longest name first: "sports ball", "cell phone".
            let lengths = [2, 1].filter { $0 <= rest.count }
            guard let length = lengths.first(where: { thing(rest.prefix($0)) != nil }),
                let name = thing(rest.prefix(length))
            else {
                throw FinderError.unknownWords(
                    text, suggestion: suggestion(for: phrase, among: Array(known) + COCO.categories)
                )
            }
            found.append(name)
            rest = rest.dropFirst(length)
        }
        guard !found.isEmpty else { throw FinderError.unknownWords(text, suggestion: nil) }
        (things, doing) = (found, nil)
    }

    /// `riding` and `rides` as `ride`.
    private static func verb(_ word: String) -> String {
        let known = Set(HICO.verbs)
        let stems: [String]
        if word.hasSuffix("ing") {
            let stem = String(word.dropLast(3))
            stems = [stem, stem + "e", String(stem.dropLast())]
        } else if word.hasSuffix("s") {
            stems = [String(word.dropLast()), String(word.dropLast(2))]
        } else {
            return word
        }
        return stems.first { stem in known.contains { $0.prefix { $0 != "_" } == stem } } ?? word
    }

    /// How surely a picture shows it: the score of the detector and the head; 0 where it does not.
    func score(_ picture: SeenPicture) -> Double {
        if let doing {
            guard doing.hasSuffix(" ") else { return picture.doings[doing] ?? 0 }
            return picture.doings.filter { $0.key.hasPrefix(doing) }.values.max() ?? 0
        }
        return things.map { picture.things[$0] ?? 0 }.min() ?? 0
    }
}
