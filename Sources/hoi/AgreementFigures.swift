// How far findings of two versions agree, as tables, JSON and CSV.
import Interaction
import Terminal

/// What `hoi evaluate --agreement` says.
struct AgreementFigures: Figures {
    private let files: [(file: String, agreement: FindingsAgreement)]
    private let total: FindingsAgreement

    /// Compares two files of findings.
    ///
    /// - Throws: `AnnotationError`, ``NoPicturesError``.
    init(_ path: String, with reference: String) throws {
        let found = try FoundInPicture.list(contentsOf: path)
        let wanted = try FoundInPicture.list(contentsOf: reference)
        do throws(AgreementError) {
            files = try FindingsAgreement.byFile(found, with: wanted)
        } catch {
            throw NoPicturesError(problem: "\(path) and \(reference): \(error.problem)")
        }
        total = files.reduce(FindingsAgreement()) { $0 + $1.agreement }
    }

    private static let kinds:
        [(name: String, of: @Sendable (FindingsAgreement) -> FindingsAgreement.Counts?)] = [
            ("people", { $0.people }), ("things", { $0.things }),
            ("interactions", { $0.interactions }),
        ]

    var table: [String] {
        var table = Table([
            ("found in both, %", .left), ("precision", .right), ("recall", .right), ("F1", .right),
            ("found", .right), ("in the reference", .right),
        ])
        for kind in Self.kinds {
            guard let counts = kind.of(total) else { continue }
            table.append([
                kind.name, Self.percent(counts.precision), Self.percent(counts.recall),
                Self.percent(counts.f1), "\(counts.found)", "\(counts.wanted)",
            ])
        }
        return table.lines()
    }

    /// Each file.
    var verbTable: [String] {
        var table = Table(
            [("F1, %", .left)] + Self.kinds.map { ($0.name, Table.Alignment.right) })
        for file in files {
            table.append(
                [file.file] + Self.kinds.map { Self.percent($0.of(file.agreement)?.f1) })
        }
        return table.lines()
    }

    var csv: [String] {
        ["file,kind,found,wanted,both"]
            + files.flatMap { file in
                Self.kinds.compactMap { kind in
                    kind.of(file.agreement).map {
                        "\(FindingsTable.quoted(file.file)),\(kind.name),\($0.found),\($0.wanted),\($0.both)"
                    }
                }
            }
    }

    var json: JSONValue {
        func object(_ agreement: FindingsAgreement) -> [(String, JSONValue)] {
            Self.kinds.compactMap { kind in
                kind.of(agreement).map { counts in
                    (
                        kind.name,
                        .object([
                            ("found", .int(counts.found)), ("wanted", .int(counts.wanted)),
                            ("both", .int(counts.both)), ("f1", Self.number(counts.f1)),
                        ])
                    )
                }
            }
        }
        return .object(
            object(total) + [
                (
                    "files",
                    .array(
                        files.map { file in
                            .object([("file", .string(file.file))] + object(file.agreement))
                        })
                )
            ])
    }
}
