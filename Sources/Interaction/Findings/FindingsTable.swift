// Findings as comma-separated values.
import Terminal

/// Findings as a table.
public enum FindingsTable {
    /// The names of the columns.
    static let header =
        "image,time,verb,object,score,human_x1,human_y1,human_x2,human_y2,"
        + "object_x1,object_y1,object_x2,object_y2,human_score,object_score,verb_score,error"

    /// A line a finding; one with the error of a picture that cannot be read.
    static func lines(_ picture: PictureFindings) -> [String] {
        if let error = picture.error {
            return [quoted(picture.image) + String(repeating: ",", count: 16) + quoted(error)]
        }
        return picture.findings.map { finding in
            let boxes = [finding.human.box, finding.object?.box].flatMap { box in
                box.map { [$0.x1, $0.y1, $0.x2, $0.y2].map { fixed($0, decimals: 1) } }
                    ?? ["", "", "", ""]
            }
            let parts = [finding.human.score, finding.object?.score, finding.verbScore].map {
                $0.map { fixed($0, decimals: 4) } ?? ""
            }
            let start = [
                quoted(picture.image), picture.time.map { fixed($0, decimals: 3) } ?? "",
                quoted(finding.verb), quoted(finding.objectName), fixed(finding.score, decimals: 4),
            ]
            return (start + boxes + parts + [""]).joined(separator: ",")
        }
    }

    /// A field as RFC 4180 has it.
    public static func quoted(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { ",\"\n\r".unicodeScalars.contains($0) }) else {
            return text
        }
        return "\""
            + text.split(separator: "\"", omittingEmptySubsequences: false)
            .joined(separator: "\"\"") + "\""
    }
}
