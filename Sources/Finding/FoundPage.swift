// A page to look at: what was asked, and each place where it was found, in one file.
import Glibc
import Media
import Networks
import Terminal

/// Writes an HTML page that needs no other file.
public struct FoundPage {
    /// Pixels of the longer side of a picture in it.
    static let longest = 480
    private var body = ""

    /// A page about what was asked: a path, or words.
    public init(query: String, isFile: Bool) {
        let picture = isFile ? Self.picture(of: query, at: 0) : nil
        body = "<h1>\(printable(query).escapedAsMarkup)</h1>\n"
        if let picture { body += "<p>\(picture)</p>\n" }
    }

    /// Adds places; pictures come from the videos, where those are still there.
    public mutating func add(_ places: [FoundPlace]) {
        if places.isEmpty { body += "<p>Nothing was found.</p>\n" }
        body += "<main>\n"
        for place in places {
            let picture = Self.picture(of: place.video.path, at: place.start) ?? "<i>no picture</i>"
            body += """
                <figure>\(picture)<figcaption><b>\(FoundText.percent(place.sureness))</b> \
                \(FoundText.shown(place.video.path).escapedAsMarkup)<br>\
                \(FoundText.span(place.start, place.end)), \(FoundText.how(place).escapedAsMarkup)\
                </figcaption></figure>

                """
        }
        body += "</main>\n"
    }

    /// The whole page.
    public var html: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>Found</title>
        <style>
        body { font: 15px/1.4 sans-serif; margin: 1.5em; background: #fff; color: #111 }
        h1 { font-size: 1.2em; overflow-wrap: anywhere }
        main { display: grid; grid-template-columns: repeat(auto-fill, minmax(18em, 1fr)); gap: 1.5em }
        figure { margin: 0 } img { max-width: 100%; height: auto; display: block }
        figcaption { overflow-wrap: anywhere; margin-top: .4em }
        @media (prefers-color-scheme: dark) { body { background: #161616; color: #eee } }
        </style>
        \(body)</html>

        """
    }

    /// Writes the page to a file, all or nothing.
    ///
    /// - Throws: `FileWriteError`.
    public func write(to path: String) throws {
        try Array(html.utf8).withUnsafeBytes { try writeAtomically([$0], to: path) }
    }

    /// The picture of a file at a time, as an element; nil where it cannot be read.
    private static func picture(of path: String, at time: Double) -> String? {
        guard let picture = try? frame(of: path, at: time)?.upright() else { return nil }
        let small = picture.fitted(shortest: 1, longest: longest)
        guard let bytes = try? small.encoded(as: .jpeg, quality: 80) else { return nil }
        return "<img width=\"\(small.width)\" height=\"\(small.height)\" alt=\"\" "
            + "src=\"data:image/jpeg;base64,\(base64(bytes))\">"
    }

    private static func frame(of path: String, at time: Double) throws -> Frame? {
        if StillReader.Kind(path: path) != nil { return try StillReader(path: path).next() }
        let reader = try VideoReader(path: path, options: ReadOptions(threads: 1))
        // Times are remembered in whole milliseconds.
        if time > 0 { try reader.read(from: max(0, time - 0.0015)) }
        return try reader.next()
    }
}
