// A page to look at: every picture with what was found in it, in one file.
import Media
import Terminal

/// Writes an HTML page that needs no other file.
public struct Gallery {
    /// Pixels of the longer side of a picture in it.
    public static let longest = 900
    private let write: (String) throws -> Void

    /// A page that hands its text to `write`.
    public init(write: @escaping (String) throws -> Void) { self.write = write }

    /// Writes what stands before the pictures.
    public func begin() throws {
        try write(
            """
            <!DOCTYPE html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>Interactions</title>
            <style>
            body { font: 15px/1.4 sans-serif; margin: 1.5em; background: #fff; color: #111 }
            main { display: grid; grid-template-columns: repeat(auto-fill, minmax(20em, 1fr)); gap: 1.5em }
            figure { margin: 0 } img { max-width: 100%; height: auto; display: block }
            figcaption { overflow-wrap: anywhere; margin-top: .4em } .score { color: #666 }
            @media (prefers-color-scheme: dark) { body { background: #161616; color: #eee } }
            </style>
            <main>

            """)
    }

    /// Writes a picture with its findings; one without is left out.
    ///
    /// - Throws: `MediaError`; what `write` throws.
    public func add(_ findings: PictureFindings, _ picture: UprightPicture) throws {
        guard !findings.findings.isEmpty else { return }
        var drawing = FindingsDrawing.draw(
            findings.findings, on: picture, longest: Self.longest)
        drawing.profile = picture.profile
        let bytes = try drawing.encoded(as: .jpeg, quality: 80)
        let time = findings.time.map { " at \(FindingsText.clock($0))" } ?? ""
        let phrases = findings.findings.map {
            "\($0.phrase.escapedAsMarkup) <span class=\"score\">\(fixed($0.score, decimals: 2))</span>"
        }
        let alternative = findings.findings.map(\.phrase).joined(separator: ", ")
            .escapedAsMarkup
        try write(
            """
            <figure><img loading="lazy" width="\(drawing.width)" height="\(drawing.height)" \
            alt="\(alternative)" src="data:image/jpeg;base64,\(base64(bytes))">
            <figcaption><b>\(printable(findings.image).escapedAsMarkup)</b>\(time): \
            \(phrases.joined(separator: ", "))</figcaption></figure>

            """)
    }

    /// Writes what stands behind the pictures.
    public func end() throws { try write("</main>\n</html>\n") }
}
