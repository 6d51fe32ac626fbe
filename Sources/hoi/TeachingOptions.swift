// Options of commands that teach by example, and of what tells what was taught.
import FileNames
import Glibc
import Interaction
import Networks
import Teaching
import Terminal

enum TeachingOptions {
    static let memory = Option.path(
        "memory", placeholder: "FOLDER",
        help: "Where what is taught is kept; percept/taught in $XDG_DATA_HOME, or in "
            + "~/.local/share, unless said.", group: "Memory")
    static let verb = Operand(
        "VERB", help: "What is done, as polish or 'sit on'.", completion: .nothing)
    static let thing = Operand(
        "THING",
        help: "What it is done to, as car or 'cell phone', whether the detector knows it or not.",
        completion: .nothing)

    /// The folder of the memory that is meant.
    ///
    /// - Throws: `UsageError` where there is no usual one.
    static func folder(_ arguments: Arguments) throws -> String {
        if let folder = arguments[memory] { return folder }
        guard let usual = TaughtMemory.usualFolder() else {
            throw UsageError.nonsense(
                "neither XDG_DATA_HOME nor HOME says where your data are; name a folder with "
                    + "--memory")
        }
        return usual
    }

    /// The space in which looks are compared.
    ///
    /// - Throws: `ModelNotFound`, `SafetensorsError`.
    static func space(_ arguments: Arguments) throws -> LookSpace {
        try LookSpace(
            contentsOf: DetectRun.weights(
                arguments[LookSpace.option] ?? "looks", advice: LookSpace.advice))
    }

    /// The interaction that two words name: spaces of a verb as underscores, underscores of a thing as spaces.
    ///
    /// - Throws: `UsageError`.
    static func triplet(_ verb: String, _ thing: String) throws -> Triplet {
        func words(_ text: String, _ name: String) throws -> [Substring] {
            let words = text.split(whereSeparator: { $0 == " " || $0 == "_" })
            let isPlain = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
            guard !words.isEmpty, isPlain else {
                throw UsageError.badValue(
                    option: name, value: text, expected: "a word or several", suggestion: nil)
            }
            return words
        }
        return Triplet(
            verb: try words(verb, self.verb.name).joined(separator: "_"),
            object: try words(thing, self.thing.name).joined(separator: " "))
    }

    /// The interaction that optional words name; nil without words.
    ///
    /// - Throws: `UsageError`.
    static func named(_ arguments: Arguments) throws -> Triplet? {
        let words = arguments[interaction]
        guard !words.isEmpty else { return nil }
        guard words.count > 1 else { throw UsageError.missingOperand(thing.name) }
        guard words.count == 2 else { throw UsageError.unexpectedOperand(words[2]) }
        return try triplet(words[0], words[1])
    }

    /// The interaction that optional words name, which must be taught; nil without words.
    ///
    /// - Throws: `UsageError`, `TaughtMemoryError`.
    static func taught(_ arguments: Arguments, in memory: TaughtMemory) throws -> Triplet? {
        guard let triplet = try named(arguments) else { return nil }
        guard !memory.examples.isEmpty else { throw TaughtMemoryError(memory.folder, .empty) }
        guard memory.triplets.contains(triplet) else {
            throw TaughtMemoryError(
                memory.folder,
                .notTaught(
                    triplet.phrase,
                    suggestion: suggestion(
                        for: triplet.phrase, among: memory.triplets.map(\.phrase))))
        }
        return triplet
    }

    static let interaction = Operand(
        "VERB THING", help: "What is done, and what it is done to, as it was taught.",
        isOptional: true, isVariadic: true, completion: .nothing)

    /// `4 photographs`
    static func photographs(_ count: Int) -> String {
        "\(count) \(count == 1 ? "photograph" : "photographs")"
    }
}
