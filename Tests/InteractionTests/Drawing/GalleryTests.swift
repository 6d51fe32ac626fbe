import Terminal
import TestSupport
import Testing

@testable import Interaction

@Suite("The gallery")
struct GalleryTests {
    private func page(_ findings: [PictureFindings]) throws -> String {
        var text = ""
        let gallery = Gallery { text += $0 }
        try gallery.begin()
        for one in findings { try gallery.add(one, picture(300, 250) { x, y, _ in x + y }) }
        try gallery.end()
        return text
    }

    @Test("The page needs no other file, and names in it are text")
    func selfContained() throws {
        var found = PictureFindings(image: "<b>&\".jpg")
        found.findings = [finding("sit_on", "bench", 0.5)]
        var empty = found
        empty.findings = []
        let text = try page([found, empty])
        #expect(text.hasPrefix("<!DOCTYPE html>") && text.hasSuffix("</html>\n"))
        #expect(text.components(of: "<img ") == 1)
        #expect(text.contains("src=\"data:image/jpeg;base64,/9j/"))
        #expect(text.contains("&lt;b&gt;&amp;&quot;.jpg") && !text.contains("<b>&\""))
        #expect(!text.contains("http") && text.contains("sit on bench"))
    }

    @Test("Base64 is RFC 4648's")
    func base64Vectors() {
        let vectors = [
            "": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foob": "Zm9vYg==",
            "fooba": "Zm9vYmE=",
            "foobar": "Zm9vYmFy",
        ]
        for (plain, coded) in vectors { #expect(base64(Array(plain.utf8)) == coded) }
        #expect(base64([0xFB, 0xFF]) == "+/8=")
    }
}

extension String {
    /// How often a part occurs.
    fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
