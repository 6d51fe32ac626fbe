// Findings for people: lines of text, and captions of videos.
import Terminal

enum FindingsText {
    /// `photo.jpg  person ride bicycle  0.91`, the surest first; `taught` behind what somebody taught by examples.
    static func lines(_ picture: PictureFindings) -> [String] {
        picture.findings.map {
            "\(printable(picture.image))  person \($0.phrase)  \(fixed($0.score, decimals: 2))"
                + ($0.isTaught ? "  taught" : "")
        }
    }

    /// Hours, minutes, seconds and thousandths, as captions have them: `00:01:02.500`.
    static func clock(_ seconds: Double) -> String {
        let all = Int((max(0, seconds) * 1000).rounded())
        func digits(_ value: Int, _ count: Int) -> String {
            let text = "\(value)"
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let (minutes, rest) = all.quotientAndRemainder(dividingBy: 60_000)
        return "\(digits(minutes / 60, 2)):\(digits(minutes % 60, 2)):"
            + "\(digits(rest / 1000, 2)).\(digits(rest % 1000, 3))"
    }
}

extension InteractionEvent {
    /// `person ride bicycle`, `2 persons ride bicycle`
    var phrase: String { (people > 1 ? "\(people) persons " : "person ") + triplet.phrase }

    /// `clip.mp4  00:00:03.500-00:00:07.000  person ride bicycle  0.91`
    func text(of image: String) -> String {
        "\(printable(image))  \(FindingsText.clock(start))-\(FindingsText.clock(end))  "
            + "\(phrase)  \(fixed(score, decimals: 2))"
    }

    /// A cue of WebVTT with its end.
    ///
    /// - SeeAlso: W3C, "WebVTT: The Web Video Text Tracks Format", section 1.1.
    var cue: String {
        "\(FindingsText.clock(start)) --> \(FindingsText.clock(max(end, start + 0.001)))\n\(phrase)\n"
    }
}
