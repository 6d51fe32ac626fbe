import Terminal
import TestSupport
import Testing

@testable import Interaction

@Suite("Forms of findings")
struct FindingsFormatTests {
    private var photograph: PictureFindings {
        var found = PictureFindings(image: "p/photo \"1\",2.jpg")
        (found.width, found.height) = (100, 80)
        found.findings = [finding("sit_on", "bench", 0.91), finding("ride", "bicycle", 0.25)]
        found.things = [found.findings[0].human] + [found.findings[0].object].compactMap { $0 }
        return found
    }
    private var broken: PictureFindings {
        var found = PictureFindings(image: "broken.jpg")
        found.error = "broken.jpg: damaged"
        return found
    }
    private let event = InteractionEvent(
        triplet: Triplet(verb: "ride", object: "horse"), start: 3.5, end: 67.25, score: 0.9,
        people: 2, frames: 5)

    private func print(
        _ format: FindingsFormat, _ pictures: [PictureFindings], events: [InteractionEvent]? = nil
    ) throws -> String {
        var text = ""
        var printer = FindingsPrinter(format) { text += $0 }
        try printer.begin()
        for picture in pictures { try printer.add(picture) }
        if let events { try printer.add(events, of: "clip.mp4") }
        try printer.end()
        return text
    }

    @Test("People get a line a finding, and a line an event")
    func text() throws {
        let text = try print(.text, [photograph, broken], events: [event])
        #expect(
            text == """
                p/photo "1",2.jpg  person sit on bench  0.91
                p/photo "1",2.jpg  person ride bicycle  0.25
                clip.mp4  00:00:03.500-00:01:07.250  2 persons ride horse  0.90

                """)
    }

    @Test("A picture is a line of JSON with boxes, scores and what they are made of")
    func jsonLines() throws {
        var frame = photograph
        frame.time = 1.5
        let lines = try print(.jsonl, [photograph, broken, frame], events: [event])
            .split(separator: "\n").map { try JSONValue(parsing: $0.utf8) }
        #expect(lines.count == 4)
        #expect(lines[0]["image"]?.text == photograph.image && lines[0]["time"] == nil)
        #expect(lines[0]["width"]?.integer == 100 && lines[0]["height"]?.integer == 80)
        let first = try #require(lines[0]["interactions"]?.elements?.first)
        #expect(first["object_name"]?.text == "bench" && first["verb"]?.text == "sit_on")
        #expect(first["object"]?.elements?.compactMap(\.double) == [30, 30, 80, 70.3])
        #expect(first["parts"]?["verb"]?.double == 0.75 && first["score"]?.double == 0.91)
        #expect(lines[1]["error"]?.text == "broken.jpg: damaged")
        #expect(lines[1]["interactions"]?.elements?.isEmpty == true)
        #expect(lines[2]["time"]?.double == 1.5)
        #expect(lines[3]["events"]?.elements?.first?["people"]?.integer == 2)
    }

    @Test("A list of JSON is one, of none and of many", arguments: [0, 1, 3])
    func json(count: Int) throws {
        for format in [FindingsFormat.json, .coco, .hico, .vcoco] {
            let text = try print(format, [PictureFindings](repeating: photograph, count: count))
            let list = try #require(try JSONValue(parsing: text.utf8).elements)
            let each = format == .coco ? 2 : 1
            #expect(list.count == count * each, "\(format)")
        }
    }

    @Test("Commas and quotes in names survive in CSV, and every row has every column")
    func csv() throws {
        let lines = try print(.csv, [photograph, broken]).split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines[1].hasPrefix("\"p/photo \"\"1\"\",2.jpg\",,sit_on,bench,0.9100,10.0,"))
        #expect(lines[3] == "broken.jpg,,,,,,,,,,,,,,,,broken.jpg: damaged")
        let columns = lines[0].count { $0 == "," }
        #expect(lines[3].count { $0 == "," } == columns)
        #expect(lines[2].count { $0 == "," } == columns + 1)
    }

    @Test("A thing that is not seen is null in JSON and empty in CSV, and named in both")
    func unseenThing() throws {
        var found = PictureFindings(image: "a.jpg")
        found.findings = [doing("play", "guitar", 0.7)]
        let line = try JSONValue(parsing: try print(.jsonl, [found]).utf8)
        let first = try #require(line["interactions"]?.elements?.first)
        guard case .null? = first["object"], case .null? = first["parts"]?["object"] else {
            Issue.record("\(first.compact)")
            return
        }
        #expect(first["object_name"]?.text == "guitar" && first["verb"]?.text == "play")
        #expect(
            try print(.csv, [found]).split(separator: "\n")[1]
                == "a.jpg,,play,guitar,0.7000,10.0,10.0,40.0,60.0,,,,,0.9000,,0.7500,")
        #expect(try print(.text, [found]) == "a.jpg  person play guitar  0.70\n")
    }

    @Test("Captions are WebVTT")
    func captions() throws {
        #expect(
            try print(.vtt, [], events: [event])
                == "WEBVTT\n\n00:00:03.500 --> 00:01:07.250\n2 persons ride horse\n")
    }

    @Test("Boxes that are written as COCO's results are read back as they were")
    func roundTrip() throws {
        let folder = TemporaryFolder()
        let text = try print(.coco, [photograph])
        let known = try KnownDetections(
            contentsOf: folder.write(Array(text.utf8), to: "coco.json"))
        let back = known.detections(of: photograph.image, width: 100, height: 80)
        #expect(back.map(\.category) == photograph.things.map(\.category))
        for (a, b) in zip(back, photograph.things) {
            #expect(abs(a.box.x2 - b.box.x2) <= 0.1 && abs(a.box.y2 - b.box.y2) <= 0.1)
        }
    }
}
