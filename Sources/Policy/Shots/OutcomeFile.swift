// Tables of outcomes as JSON Lines: a line for each shot, appended when it is measured.
import FileNames
import Glibc
import Networks
import Terminal

/// A table of outcomes that cannot be read or written.
public struct OutcomeFileError: ExitCodeProviding, Equatable {
    /// The file, and what is wrong with it.
    public let path: String, problem: String
    let code: ExitCode

    /// 65 bad data, 66 no such file, 73 or 74 where it cannot be written.
    public var exitCode: Int32 { code.rawValue }
    /// One line.
    public var description: String { "\(path): \(problem)" }
}

/// Renews what is known of the shots of a table, and keeps what came of them.
public enum OutcomeStates {
    /// Writes the table anew, all or nothing.
    ///
    /// - Parameter state: Of a shot by name.
    /// - Throws: ``OutcomeFileError``, what writing and `state` throw.
    public static func renew(
        _ path: String, state: (String) throws -> ShotState
    ) throws {
        guard let bytes = wholeFile(path) else {
            throw OutcomeFileError(
                path: path, problem: String(cString: strerror(errno)), code: .noInput)
        }
        var text = ""
        for (number, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
            guard let json = try? JSONValue(parsing: line), case .object(let members) = json,
                let name = json["shot"]?.text
            else {
                throw OutcomeFileError(
                    path: path, problem: "line \(number + 1) is no shot", code: .badData)
            }
            let values = try state(name).json
            let renewed = members.map { $0.0 == "state" ? ("state", values) : $0 }
            text += JSONValue.object(renewed).compact + "\n"
        }
        try text.withUTF8 { try writeAtomically([UnsafeRawBufferPointer($0)], to: path) }
    }
}

/// A table of outcomes that is being lengthened.
public final class OutcomeFile {
    /// Shots that are in it.
    public private(set) var known: Set<String>
    private let path: String
    private let file: UnsafeMutablePointer<FILE>

    /// Opens a table, or begins one.
    ///
    /// - Throws: ``OutcomeFileError``.
    public init(appending path: String) throws(OutcomeFileError) {
        self.path = path
        var whole = 0
        known = []
        if access(path.fileName, F_OK) == 0 {
            known = Set(try Self.read(path, &whole).map(\.name))
            // What a killed run left half would spoil the next line.
            truncate(path.fileName, off_t(whole))
        }
        guard let file = fopen(path.fileName, "a") else {
            throw OutcomeFileError(
                path: path, problem: String(cString: strerror(errno)), code: .cannotCreate)
        }
        self.file = file
    }

    deinit { fclose(file) }

    /// Appends a shot.
    ///
    /// - Throws: ``OutcomeFileError``.
    public func append(_ shot: ShotOutcomes) throws(OutcomeFileError) {
        let line = shot.json.compact + "\n"
        guard fputs(line, file) >= 0, fflush(file) == 0 else {
            throw OutcomeFileError(
                path: path, problem: String(cString: strerror(errno)), code: .inputOutput)
        }
        known.insert(shot.name)
    }

    /// The shots of a table; a last line that a killed run left half is passed over.
    ///
    /// - Throws: ``OutcomeFileError``, also where shots were not tried in the same ways.
    public static func read(_ path: String) throws(OutcomeFileError) -> [ShotOutcomes] {
        var whole = 0
        return try read(path, &whole)
    }

    /// - Parameter whole: Bytes of all lines that are whole.
    private static func read(
        _ path: String, _ whole: inout Int
    ) throws(OutcomeFileError) -> [ShotOutcomes] {
        guard let file = fopen(path.fileName, "r") else {
            throw OutcomeFileError(
                path: path, problem: String(cString: strerror(errno)), code: .noInput)
        }
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var room = 0
        defer { free(line) }
        var shots: [ShotOutcomes] = []
        var number = 0
        while case let count = getline(&line, &room, file), count > 0 {
            number += 1
            let bytes = UnsafeRawBufferPointer(start: line, count: count)
            guard bytes.last == UInt8(ascii: "\n") else { break }
            whole += count
            guard bytes.contains(where: { $0 > 32 }) else { continue }
            guard let shot = (try? JSONValue(parsing: bytes)).flatMap(ShotOutcomes.init) else {
                throw OutcomeFileError(
                    path: path, problem: "line \(number) is no shot with state and outcomes",
                    code: .badData)
            }
            guard shots.first.map({ $0.isTried(like: shot) }) ?? true else {
                throw OutcomeFileError(
                    path: path,
                    problem:
                        "line \(number): '\(shot.name)' was tried in other ways than those before",
                    code: .badData)
            }
            shots.append(shot)
        }
        return shots
    }
}

extension ShotOutcomes {
    /// Whether the same choices and qualities were tried of both.
    public func isTried(like other: ShotOutcomes) -> Bool {
        outcomes.count == other.outcomes.count
            && zip(outcomes, other.outcomes).allSatisfy {
                $0.choice == $1.choice && $0.quality == $1.quality
            }
    }
}
