// The search for interactions in what a job has made.
import FileNames
import Glibc
import Interaction
import Media
import Teaching
import Terminal

/// What looks at pictures.
struct SearchEyes {
    let source: BoxSource, finder: InteractionFinder, isBlind: Bool
}

extension UnitWorker {
    /// Interactions of a job that are listed in the report, and pictures that are drawn, at most.
    static let listed = 50, drawn = 12

    /// Looks for interactions, where that is asked for and not done.
    ///
    /// - Returns: False where it was asked to stop before the end.
    func search(_ job: BatchJob, _ observe: @escaping (Int) -> Void) throws -> Bool {
        guard let choice = manifest.options.interactions, state.searched(job) == nil else {
            return true
        }
        let input: FileSeal
        if job.output != nil {
            guard let record = state.enhanced(job) else { return false }
            input = record.output
        } else {
            input = job.seal
        }
        let own = folder.folder(of: job.input.name)
        try Folder.make(own.path)
        let eyes = try openEyes()
        let start = monotonicSeconds()
        let path = folder.output(of: job) ?? job.input.path
        var detection = DetectionJob([path])
        detection.frames = choice.frames
        detection.reading = manifest.options.reading
        detection.keepsPixels = true
        detection.decoders = 1
        detection.shouldStop = shouldStop
        // What is found is small; pictures are drawn and let go at once.
        var lines = ""
        var printer = FindingsPrinter(.jsonl) { lines += $0 }
        var found: [FoundInteraction] = []
        var pictures = 0, count = 0, drawings = 0
        var failure: JobFailure?
        try detection.run(eyes.source, eyes.finder) { report in
            switch report {
            case .picture(var findings, let picture):
                findings.image = job.output ?? job.input.name
                pictures += 1
                count += findings.findings.count
                try printer.add(findings)
                var drawing: Int?
                if let picture, !findings.findings.isEmpty, drawings < Self.drawn {
                    let drawn = FindingsDrawing.draw(findings.findings, on: picture)
                    try writeFile(
                        drawn.encoded(as: .jpeg, quality: 90), to: own.drawing(drawings),
                        isDurable: false)
                    try writeFile(
                        drawn.thumbnail(), to: own.smallDrawing(drawings), isDurable: false)
                    drawing = drawings
                    drawings += 1
                }
                found += findings.findings.map {
                    FoundInteraction(
                        phrase: $0.phrase, score: $0.score, time: findings.time, drawing: drawing)
                }
                observe(pictures)
            case .failure(let findings, let code):
                failure = JobFailure(findings.error ?? "unreadable", exitCode: code)
            case .end(_, let events):
                if let events { try printer.add(events, of: job.output ?? job.input.name) }
            }
        }
        if shouldStop() { return false }
        if let failure { throw failure }
        for number in drawings..<Self.drawn {
            unlink(own.drawing(number).fileName)
            unlink(own.smallDrawing(number).fileName)
        }
        try writeFile(Array(lines.utf8), to: own.interactions)
        found.sort { $0.score > $1.score }
        let record = SearchRecord(
            input: input, options: choice.digest, output: try FileSeal(of: own.interactions),
            pictures: pictures, found: count, seconds: monotonicSeconds() - start,
            interactions: Array(found.prefix(Self.listed)), drawings: drawings,
            warnings: eyes.isBlind
                ? [
                    "verbs are told by boxes alone: how things look was learned from another detector"
                ]
                : [])
        try own.write(record.json, to: own.searched)
        own.forgetFailure()
        return true
    }

    private func openEyes() throws -> SearchEyes {
        if let eyes { return eyes }
        var setup = models.search!
        setup.threads = threads
        let taught = try models.taught.flatMap {
            try TaughtFindings($0.memory, in: $0.space, threads: threads)
        }
        let (source, finder, isBlind) = try setup.load(telling: taught)
        let made = SearchEyes(source: source, finder: finder, isBlind: isBlind)
        eyes = made
        return made
    }
}

extension JobFolder {
    /// A picture with what was found in it.
    func drawing(_ number: Int) -> String { "\(path)/interactions-\(number).jpg" }
    func smallDrawing(_ number: Int) -> String { "\(path)/interactions-\(number).small.jpg" }
}
