// The list of pairs that mwgan degrade and Scripts/make-pairs.py write: pairs.jsonl.
import Enhancement
import Glibc
import Terminal

/// One line of pairs.jsonl.
struct ListedPair {
    let pair: TrainingPair
    /// train, select or validate.
    let set: String
    /// Codec and rate as `x265 qp 37`, by which results are grouped.
    let group: String
    /// Y-PSNR of the degraded clip in decibels; nil where the list does not say it.
    let decibels: Double?
    /// What the clip shows: video, still, text ...; nil where the list does not say it.
    let content: String?
    /// The codec at constant quantisers, "x264 qp", whose rates make a curve; nil for other kinds.
    let curve: String?
    /// The clip that was degraded, and bits per pixel of the degraded file.
    let source: String?, bitsPerPixel: Double?
}

/// The pairs of a folder.
struct PairList {
    let pairs: [ListedPair]

    /// Reads `FOLDER/pairs.jsonl`; relative paths in it start at the folder.
    ///
    /// - Throws: `PairListError`.
    init(folder: String) throws {
        let path = folder + "/pairs.jsonl"
        guard let file = fopen(path, "r") else {
            throw PairListError(
                path: path, problem: "no such list; 'mwgan degrade' makes one",
                code: .noInput)
        }
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var room = 0
        defer { free(line) }
        var pairs: [ListedPair] = []
        var number = 0
        while case let count = getline(&line, &room, file), count > 0 {
            number += 1
            let bytes = UnsafeRawBufferPointer(start: line, count: count)
            guard bytes.contains(where: { $0 > 32 }) else { continue }
            guard let pair = PairList.pair(try? JSONValue(parsing: bytes), folder) else {
                throw PairListError(
                    path: path,
                    problem: "line \(number) is no pair with id, set, reference "
                        + "and degraded", code: .badData)
            }
            pairs.append(pair)
        }
        self.pairs = pairs
    }

    private static func pair(_ json: JSONValue?, _ folder: String) -> ListedPair? {
        guard let json, let name = json["id"]?.text, let set = json["set"]?.text,
            let reference = json["reference"]?.text, let degraded = json["degraded"]?.text
        else { return nil }
        func absolute(_ path: String) -> String {
            path.hasPrefix("/") ? path : "\(folder)/\(path)"
        }
        let rate = json["rate"]?.double.map { fixed($0, decimals: $0 == $0.rounded() ? 0 : 2) }
        let words = [json["codec"]?.text, json["kind"]?.text, rate]
        return ListedPair(
            pair: TrainingPair(
                name: name, degraded: absolute(degraded), reference: absolute(reference)),
            set: set, group: words.compactMap { $0 }.joined(separator: " "),
            decibels: json["psnr_y"]?.double, content: json["content"]?.text,
            curve: json["kind"]?.text == "qp"
                ? words.prefix(2).compactMap { $0 }.joined(separator: " ") : nil,
            source: json["source"]?.text, bitsPerPixel: json["bits_per_pixel"]?.double)
    }
}

/// A list of pairs that cannot be used.
struct PairListError: ExitCodeProviding {
    let path: String, problem: String, code: ExitCode
    var exitCode: Int32 { code.rawValue }
    var description: String { "\(path): \(problem)" }
}
