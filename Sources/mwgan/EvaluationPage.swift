// A page with the figures of an evaluation and a picture of each clip.
import Enhancement
import Glibc
import Networks
import Quality
import Terminal

/// `index.html` in a folder with the pictures that the evaluation put there.
struct EvaluationPage {
    let title: String, report: EvaluationReport

    /// Makes the folder.
    ///
    /// - Throws: `FileWriteError` where that cannot be done.
    static func prepare(_ folder: String) throws {
        guard mkdir(folder, 0o777) != 0, errno != EEXIST else { return }
        throw FileWriteError(file: folder, step: "create", code: errno)
    }

    /// Writes `index.html`, all or nothing.
    func write(to folder: String) throws {
        try CommonOptions.write(text, to: folder + "/index.html")
    }

    /// The page.
    var text: String {
        let tables = [report.table, report.hasSeen ? report.seenTable : []]
            .filter { !$0.isEmpty }.map { lines in
                "<pre>" + lines.map(\.escapedAsMarkup).joined(separator: "\n") + "</pre>"
            }
        let figures = report.results.map { result in
            let name = result.gain.name.escapedAsMarkup
            let gain = result.gain.lumaGain.map { ($0 >= 0 ? "+" : "") + fixed($0, decimals: 3) }
            let image = Self.link(result.gain.name)
            return """
                <figure><figcaption>\(name): \(gain ?? "no") dB luma</figcaption>
                <a href="\(image).png"><img loading="lazy" src="\(image).png" alt="\(name)"></a></figure>
                """
        }
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(title.escapedAsMarkup)</title>
            <style>
            body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 110rem; padding: 0 1rem }
            pre { overflow-x: auto; font-size: 13px }
            figure { margin: 2rem 0 } figcaption { font-weight: 600; margin-bottom: .3rem }
            img { max-width: 100% }
            </style></head><body>
            <h1>\(title.escapedAsMarkup)</h1>
            \(tables.joined(separator: "\n"))
            <p>Each picture: compressed, restored, original; below, the places that changed most, four
            times as large.</p>
            \(figures.joined(separator: "\n"))
            </body></html>
            """
    }

    /// A file name as a link: what has a meaning there is written as bytes.
    static func link(_ name: String) -> String {
        name.utf8.reduce(into: "") { result, byte in
            let character = Character(UnicodeScalar(byte))
            let isPlain =
                character.isASCII && (character.isLetter || character.isNumber)
                || "-._".contains(character)
            result +=
                isPlain
                ? String(UnicodeScalar(byte))
                : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
    }
}
