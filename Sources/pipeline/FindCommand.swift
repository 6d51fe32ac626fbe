// pipeline find: which video shows a picture, a clip, or what words say, and when.
import Enhancement
import Finding
import Media
import Terminal

enum FindCommand {
    static let query = Operand(
        "PHOTO|CLIP|WORDS",
        help: "A picture, a video, or words in quotes: dog, 'ride horse', 'person hold cup'.")
    static let memory = Operand(
        "MEMORY", help: "Folder of the memory, from 'pipeline index'.", completion: .folder)
    static let top = Option.integer(
        "top-k", in: 1...100_000, default: 5, help: "Say at most so many places, the surest.",
        group: "Output")
    static let least = Option.real(
        "least", in: 0...1,
        help: "Say what is at least so sure; 0.5 unless said, of words 0.2.", group: "Output")
    static let json = Option.flag(
        "json", help: "A JSON object on a line for each place.", group: "Output")
    static let page = Option.path(
        "page", placeholder: "FILE.html",
        help: "Also write a page with the pictures, as one file.", group: "Output")

    static let command = Command(
        "find", summary: "Say which video shows a picture, a clip or words, and when.",
        discussion: [
            "Copies are found that are smaller, hard compressed, mirrored, half covered, or cut down to a "
                + "half. The pictures of a clip vote and must agree in time. How sure it is, is the "
                + "probability that this is a copy; for words it is the score of 'hoi detect'.",
            "Where nothing is found that is so said, and the status is 0: no answer is one too.",
        ], operands: [query, memory],
        options: [
            top, least, json, page, CommonOptions.logFile, CommonOptions.verbose,
            CommonOptions.quiet,
        ],
        examples: [
            Example("pipeline find photo.jpg memory/", "Where the photograph is from."),
            Example("pipeline find clip.mp4 memory/ --page found.html", "With pictures."),
            Example(
                "pipeline find 'ride horse' memory/ --top-k 20", "Who rides a horse, and when."),
            Example(
                "pipeline find photo.jpg memory/ --json | jq -r .video", "For another program."),
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        let log = try CommonOptions.log(arguments)
        let text = arguments[query][0]
        var request = FindRequest(text)
        request.limit = arguments[top]
        request.leastSureness = arguments[least]
        request.threads = Machine.coreCount
        let places = try request.places(in: MemoryFolder(arguments[memory][0]))
        if let path = arguments[page] {
            var found = FoundPage(query: text, isFile: request.isFile)
            found.add(places)
            try found.write(to: path)
        }
        if arguments[json] {
            for place in places {
                CommonOptions.output(FoundText.json(place, query: text).compact)
            }
        } else if !places.isEmpty {
            for line in FoundText.table(places) { CommonOptions.output(line) }
        }
        if places.isEmpty { log.info("nothing found") }
        return .success
    }
}
