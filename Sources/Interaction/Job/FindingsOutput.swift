// Everything that a job leaves behind: findings, drawings, a gallery.
import FileNames
import Glibc
import Media
import Terminal

/// Where findings and drawings go, as one asks for them.
public struct OutputRequest: Sendable {
    /// What -o said: a folder (ending in `/`, existing, or of no known kind of file), a file of findings, or a drawing.
    public var output: String?
    /// The form of findings; nil: text on standard output, a JSON line a picture elsewhere.
    public var format: FindingsFormat?
    /// Whether JSON also has all things that were found.
    public var tellsThings = false
    /// Whether drawings are made: nil makes them in a folder only.
    public var draws: Bool?
    /// A page with all pictures.
    public var gallery: String?
    /// What becomes of files that are there.
    public var overwrite = OverwritePolicy.refuse

    /// Text on standard output.
    public init() {}
}

/// Writes what a job reports.
public final class FindingsOutput {
    private let request: OutputRequest
    private let inputs: [String]
    private let folder: String?
    private let drawingPath: String?
    private let file: FindingsFile
    private var printer: FindingsPrinter
    private let format: FindingsFormat
    private var gallery: (page: Gallery, file: FindingsFile)?
    private var names: Set<String> = []
    private var videos = 0

    /// Whether pictures are needed, to be drawn on.
    public let wantsPixels: Bool
    /// Drawings that were made.
    public private(set) var drawings = 0
    /// Whether somebody watches the findings come.
    public var isOnTerminal: Bool { file.path == nil && isTerminal(1) }

    /// Opens everything that is written to.
    ///
    /// - Throws: `MediaError` with status 73, or 64 for what contradicts itself.
    public init(_ request: OutputRequest, inputs: [String]) throws {
        self.request = request
        self.inputs = inputs
        var path: String?
        var drawing: String?
        var folder: String?
        if let output = request.output {
            let ending = output.split(separator: "/").last?.split(separator: ".").dropFirst().last
            let isFile = !output.hasSuffix("/") && !Folder.exists(output)
            if isFile, StillFormat(path: output) != nil {
                guard inputs.count == 1 else {
                    throw MediaError.usage("several inputs want a folder: -o DIR/")
                }
                drawing = output
            } else if isFile, ["jsonl", "json", "csv", "vtt", "txt"].contains(ending) {
                path = output
            } else {
                try Folder.make(output)
                folder = output.hasSuffix("/") ? String(output.dropLast()) : output
                if folder == "" { folder = "/." }
            }
        }
        (self.folder, drawingPath) = (folder, drawing)
        format = request.format ?? Self.format(ofFile: path) ?? (folder == nil ? .text : .jsonl)
        if let folder { path = "\(folder)/\(format.fileName)" }
        if let path {
            let isByLine = format == .jsonl || format == .csv || format == .text
            file = try FindingsFile(
                path: path, isIncremental: isByLine, overwrite: request.overwrite, inputs: inputs)
        } else {
            file = FindingsFile()
        }
        let file = file
        printer = FindingsPrinter(format, tellsThings: request.tellsThings) { try file.write($0) }
        if let path = request.gallery {
            let file = try FindingsFile(
                path: path, isIncremental: false, overwrite: request.overwrite, inputs: inputs)
            gallery = (Gallery { try file.write($0) }, file)
        }
        wantsPixels =
            request.gallery != nil || drawing != nil || (request.draws ?? (folder != nil))
    }

    private static func format(ofFile path: String?) -> FindingsFormat? {
        guard let dot = path?.lastIndex(of: "."), let path else { return nil }
        let ending = String(path[path.index(after: dot)...])
        return ending == "txt" ? .text : FindingsFormat(rawValue: ending)
    }

    /// Writes what stands before everything.
    public func begin() throws {
        try printer.begin()
        try gallery?.page.begin()
    }

    /// Writes what was found in a picture, and draws it.
    ///
    /// - Throws: `MediaError`, `OutputError`, ``OutputClosed``.
    public func add(_ findings: PictureFindings, _ picture: UprightPicture?) throws {
        try printer.add(findings)
        guard let picture else { return }
        try gallery?.page.add(findings, picture)
        let isWanted = drawingPath != nil || (request.draws ?? (folder != nil))
        guard isWanted, drawingPath != nil || !findings.findings.isEmpty else { return }
        let path = drawingPath ?? name(for: findings)
        let format = StillFormat(path: path) ?? .jpeg
        var drawing = FindingsDrawing.draw(findings.findings, on: picture)
        drawing.profile = picture.profile
        let bytes = try drawing.encoded(as: format)
        let file = try OutputFile(path: path, overwrite: request.overwrite, inputs: inputs)
        try bytes.withUnsafeBytes { try file.write($0) }
        try file.finish()
        drawings += 1
    }

    /// Writes what happens in a video.
    public func add(_ events: [InteractionEvent], of image: String) throws {
        videos += 1
        guard format != .vtt || videos == 1 else {
            throw MediaError.usage("captions are of one video: give one, or another --format")
        }
        try printer.add(events, of: image)
    }

    /// Completes all files.
    public func finish() throws {
        try printer.end()
        try file.finish()
        try gallery?.page.end()
        try gallery?.file.finish()
    }

    /// The drawing's name: `photo.interactions.jpg` beside the photograph, `OUT/photo.jpg` in a folder, with the time
    /// of a frame, and with a number where another has the name.
    private func name(for findings: PictureFindings) -> String {
        let image = findings.image
        let slash = image.lastIndex(of: "/")
        let last = slash.map { String(image[image.index(after: $0)...]) } ?? image
        let dot = last.lastIndex(of: ".")
        var stem = dot.map { String(last[..<$0]) } ?? last
        let isPNG = last.lowercased().hasSuffix(".png")
        if let time = findings.time {
            stem += "." + FindingsText.clock(time).replacing(":", with: "-")
        }
        let ending = isPNG ? "png" : "jpg"
        let start: String
        if let folder {
            start = "\(folder)/\(stem)"
        } else {
            start = (slash.map { String(image[...$0]) } ?? "") + "\(stem).\(InputList.word)"
        }
        var path = "\(start).\(ending)"
        var number = 2
        while !names.insert(path).inserted {
            path = "\(start)-\(number).\(ending)"
            number += 1
        }
        return path
    }
}
