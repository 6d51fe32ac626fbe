// How far findings of two versions agree, as tables, JSON and CSV.
import Interaction
import Terminal

/// What `hoi evaluate --agreement` says.
struct AgreementFigures: Figures {
    private let files: [(file: String, agreement: FindingsAgreement)]
    private let total: FindingsAgreement
    /// Another version's agreement with the same reference.
    private let other: (path: String, files: [FindingsAgreement])?

    /// Compares files of findings with a reference.
    ///
    /// - Throws: `AnnotationError`, ``NoPicturesError``.
    init(_ path: String, with reference: String, beside other: String? = nil) throws {
        files = try Self.files(path, with: reference)
        total = files.reduce(FindingsAgreement()) { $0 + $1.agreement }
        self.other = try other.map {
            ($0, try Self.files($0, with: reference).map(\.agreement))
        }
    }

    private static func files(
        _ path: String, with reference: String
    ) throws -> [(file: String, agreement: FindingsAgreement)] {
        let found = try FoundInPicture.list(contentsOf: path)
        let wanted = try FoundInPicture.list(contentsOf: reference)
        do throws(AgreementError) {
            return try FindingsAgreement.byFile(found, with: wanted)
        } catch {
            throw NoPicturesError(problem: "\(path) and \(reference): \(error.problem)")
        }
    }

    /// How much more agrees than in the other version.
    private var gains: [(name: String, gain: Estimate)] {
        guard let other else { return [] }
        return Self.kinds.compactMap { kind in
            FindingsAgreement.difference(files.map(\.agreement), other.files, of: kind.of).map {
                (kind.name, $0)
            }
        }
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
        guard let other else { return table.lines() }
        return table.lines() + [""]
            + gains.map { name, gain in
                "\(name): F1 \(gain.value < 0 ? "" : "+")\(Self.percent(gain.value)) beside "
                    + "\(other.path) (\(Self.percent(gain.interval.lowerBound)) to "
                    + "\(Self.percent(gain.interval.upperBound)), files drawn anew)"
            }
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
            object(total)
                + gains.map { name, gain in
                    (
                        "\(name), gain",
                        .object([
                            ("f1", Self.number(gain.value)),
                            (
                                "95 %",
                                .array([
                                    Self.number(gain.interval.lowerBound),
                                    Self.number(gain.interval.upperBound),
                                ])
                            ),
                        ])
                    )
                }
                + [
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
