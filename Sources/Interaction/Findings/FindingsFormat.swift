// The forms in which findings are written.
import Terminal

/// A form of findings.
public enum FindingsFormat: String, Sendable, CaseIterable {
    /// A line a finding, for people.
    case text
    /// A JSON object a picture, a line each.
    case jsonl
    /// One JSON list of the same objects.
    case json
    /// A line a finding.
    case csv
    /// The boxes as COCO's results.
    case coco
    /// HICO-DET's predictions, as most programs exchange them.
    case hico
    /// V-COCO's detections.
    case vcoco
    /// What happens in a video, as captions.
    case vtt

    /// What the file of a folder is called.
    public var fileName: String {
        switch self {
        case .text: "interactions.txt"
        case .jsonl: "interactions.jsonl"
        case .json: "interactions.json"
        case .csv: "interactions.csv"
        case .coco, .hico, .vcoco: "\(rawValue).json"
        case .vtt: "interactions.vtt"
        }
    }
}

/// Writes findings in one form, each as soon as it is known.
///
/// What it has written is complete after each picture for forms by the line, after ``end()`` for all.
public struct FindingsPrinter {
    private let format: FindingsFormat
    private let tellsThings: Bool
    private let write: (String) throws -> Void
    private var entries = 0
    private var pictures = 0

    /// A printer that hands whole lines, with their ends, to `write`.
    ///
    /// - Parameter tellsThings: Whether JSON also has all things that were found.
    public init(
        _ format: FindingsFormat, tellsThings: Bool = false,
        write: @escaping (String) throws -> Void
    ) {
        (self.format, self.tellsThings, self.write) = (format, tellsThings, write)
    }

    /// Writes what stands before everything.
    public func begin() throws {
        switch format {
        case .csv: try write(FindingsTable.header + "\n")
        case .json, .coco, .hico, .vcoco: try write("[")
        case .vtt: try write("WEBVTT\n")
        case .text, .jsonl: break
        }
    }

    /// Writes what was found in a picture.
    public mutating func add(_ picture: PictureFindings) throws {
        pictures += 1
        switch format {
        case .text:
            // Of a video people want to know what happens from when to when.
            guard picture.time == nil else { return }
            for line in FindingsText.lines(picture) { try write(line + "\n") }
        case .jsonl: try write(picture.json(withThings: tellsThings).compact + "\n")
        case .csv: for line in FindingsTable.lines(picture) { try write(line + "\n") }
        case .json: try list([picture.json(withThings: tellsThings)])
        case .coco: try list(picture.cocoResults(number: pictures))
        case .hico: try list(picture.error == nil ? [picture.hicoPrediction] : [])
        case .vcoco: try list(picture.vcocoDetections(number: pictures))
        case .vtt: break
        }
    }

    /// Writes what happens in a video.
    public mutating func add(_ events: [InteractionEvent], of image: String) throws {
        switch format {
        case .text: for event in events { try write(event.text(of: image) + "\n") }
        case .jsonl: try write(InteractionEvent.json(events, of: image).compact + "\n")
        case .json: try list([InteractionEvent.json(events, of: image)])
        case .vtt: for event in events { try write("\n" + event.cue) }
        case .csv, .coco, .hico, .vcoco: break
        }
    }

    /// Writes what stands behind everything.
    public func end() throws {
        switch format {
        case .json, .coco, .hico, .vcoco: try write(entries == 0 ? "]\n" : "\n]\n")
        case .text, .jsonl, .csv, .vtt: break
        }
    }

    private mutating func list(_ values: [JSONValue]) throws {
        for value in values {
            try write((entries == 0 ? "\n" : ",\n") + value.compact)
            entries += 1
        }
    }
}
