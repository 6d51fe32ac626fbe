// The runs of a study that are done, as a file of JSON lines.
import Terminal

/// The runs of a study that are done, as a file that a stopped study goes on from.
///
/// A line of JSON each, behind one that says what the study is of.
public struct StudyRecord: Sendable, Equatable {
    /// What all runs have in common: data and settings.
    public let fingerprint: String
    /// What is done.
    public var outcomes: [StudyTrial: StudyOutcome] = [:]
    private var order: [StudyTrial] = []

    /// A study that has not begun.
    public init(fingerprint: String) { self.fingerprint = fingerprint }

    /// Reads what was done.
    ///
    /// - Throws: ``AnnotationError`` for a file that cannot be read, or is something else.
    public init(contentsOf path: String) throws(AnnotationError) {
        let lines = try AnnotationNode.lines(in: try AnnotationNode.bytes(of: path), file: path)
        guard let first = lines.first else {
            throw AnnotationError(file: path, place: "", problem: .missing("study"))
        }
        fingerprint = try first.member("study").text()
        for line in lines.dropFirst() {
            let text = try line.member("variant").text()
            guard let variant = PredicateVariant(text),
                let purpose = StudyTrial.Purpose(rawValue: try line.member("purpose").text())
            else { throw line.unexpected("a run of a study") }
            let trial = StudyTrial(
                variant, purpose, fold: try line.member("fold").text(),
                seed: UInt64(try line.member("seed").integer(in: 0..<Int.max)))
            var outcome = StudyOutcome(
                unseen: try line.member("unseen").number(),
                seen: try line.member("seen").number())
            outcome.combinations = try line.member("combinations").numbersByName()
            outcome.others = try line.member("others").numbersByName()
            append(trial, outcome)
        }
    }

    /// Adds a run.
    public mutating func append(_ trial: StudyTrial, _ outcome: StudyOutcome) {
        if outcomes[trial] == nil { order.append(trial) }
        outcomes[trial] = outcome
    }

    /// The lines of the file.
    public var lines: [String] {
        let first = JSONValue.object([("study", .string(fingerprint))]).compact
        func object(_ values: [String: Double]) -> JSONValue {
            .object(values.sorted { $0.key < $1.key }.map { ($0.key, .number($0.value)) })
        }
        return [first]
            + order.map { trial in
                let outcome = outcomes[trial]!
                return JSONValue.object([
                    ("variant", .string("\(trial.variant)")),
                    ("purpose", .string(trial.purpose.rawValue)), ("fold", .string(trial.fold)),
                    ("seed", .int(Int(trial.seed))), ("unseen", .number(outcome.unseen)),
                    ("seen", .number(outcome.seen)),
                    ("combinations", object(outcome.combinations)),
                    ("others", object(outcome.others)),
                ]).compact
            }
    }
}
