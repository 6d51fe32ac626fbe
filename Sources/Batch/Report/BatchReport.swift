// From what is known of a batch to what people and programs read of it.
import FileNames
import Glibc
import Media
import Terminal

/// Writes `index.html`, `report.jsonl`, `report.csv` and `interactions.jsonl` of a batch.
public struct BatchReport {
    private let state: BatchState
    private var folder: OutputFolder { state.folder }

    /// The report of what is there now.
    public init(_ state: BatchState) { self.state = state }

    /// Writes all files, each all or nothing.
    ///
    /// - Throws: `MediaError`, `OutputError`.
    public func write() throws {
        var summary = ReportSummary(title: lastPart(of: folder.path))
        for job in state.manifest.jobs { summary.count(described(job, withPictures: false)) }
        try Folder.make(folder.path)
        let page = try OutputFile(path: folder.page, overwrite: .replace)
        let lines = try OutputFile(path: folder.lines, overwrite: .replace)
        let table = try OutputFile(path: folder.table, overwrite: .replace)
        var writer = ReportPage(write: { try page.append($0) }) { path, bytes in
            let path = folder.path + "/" + path
            try Folder.make(folderPart(of: path)!)
            try writeFile(bytes, to: path, isDurable: false)
        }
        let rows = ReportLines(
            summary, json: { try lines.append($0) }, csv: { try table.append($0) })
        try writer.begin(summary)
        try rows.begin()
        for job in state.manifest.jobs {
            let described = described(job, withPictures: true)
            try writer.add(described)
            try rows.add(described)
        }
        try writer.end()
        for file in [page, lines, table] { try file.finish() }
        try writeInteractions()
    }

    /// All findings of all jobs, as `hoi detect` writes them.
    private func writeInteractions() throws {
        guard state.manifest.options.interactions != nil else { return }
        let file = try OutputFile(path: folder.interactions, overwrite: .replace)
        for job in state.manifest.jobs where state.searched(job) != nil {
            let own = folder.folder(of: job.input.name)
            try readFile(own.interactions).withUnsafeBytes { try file.write($0) }
        }
        try file.finish()
    }

    private func described(_ job: BatchJob, withPictures: Bool) -> ReportJob {
        let own = folder.folder(of: job.input.name)
        let isDone = state.isDone(job)
        let failure = isDone ? nil : state.failure(of: job)
        var described = ReportJob(
            job.input.name, kind: job.facts?.isPicture == true ? .photo : .video,
            state: isDone ? .done : failure.map { .failed(reason: $0.description) } ?? .missing)
        described.bytesIn = job.seal.bytes
        if let record = state.enhanced(job) {
            describe(record, of: job, own, &described, withPictures)
        }
        if let record = state.searched(job) {
            describe(record, own, &described, withPictures)
        }
        return described
    }

    private func describe(
        _ record: EnhanceRecord, of job: BatchJob, _ own: JobFolder, _ described: inout ReportJob,
        _ withPictures: Bool
    ) {
        described.output = job.output
        described.frames = record.frames
        described.seconds = record.seconds
        described.framesPerSecond = Double(record.frames) / max(record.seconds, 1e-9)
        described.bytesOut = record.output.bytes
        described.encoder = record.encoder
        described.shots = job.shots.map {
            .init(summary: $0.summary, plan: $0.list)
        }
        described.warnings = record.warnings
        if record.concealed > 0 {
            described.warnings.append(
                "\(record.concealed) damaged frames were concealed by the decoder")
        }
        described.timings.append(.init("enhance", seconds: record.seconds))
        described.figures = record.figures.described
        guard let shown = record.shown else { return }
        described.comparison = ReportJob.Comparison(
            before: relative(own.shown.before), after: relative(own.shown.after),
            width: shown.width, height: shown.height,
            time: job.facts?.isPicture == true ? nil : shown.time,
            thumbnail: withPictures ? (try? readFile(own.shown.thumbnail)) ?? [] : [])
    }

    private func describe(
        _ record: SearchRecord, _ own: JobFolder, _ described: inout ReportJob, _ withPictures: Bool
    ) {
        described.timings.append(.init("interactions", seconds: record.seconds))
        described.seconds = (described.seconds ?? 0) + record.seconds
        described.warnings += record.warnings
        described.interactions = record.interactions.map { found in
            ReportJob.Interaction(
                phrase: found.phrase, score: found.score, time: found.time,
                drawing: found.drawing.map { relative(own.drawing($0)) },
                thumbnail: withPictures
                    ? found.drawing.flatMap { try? readFile(own.smallDrawing($0)) } ?? [] : [])
        }
    }

    /// A path as one below the folder of outputs.
    private func relative(_ path: String) -> String {
        String(path.dropFirst(folder.path.count + 1))
    }
}

extension ChangeFigures {
    /// The figures for people.
    var described: [ReportJob.Figure] {
        var list: [ReportJob.Figure] = []
        if steppedFrames > 0 {
            list.append(
                .init(
                    ReportJob.Figure.damage, step / Double(steppedFrames), unit: "code values",
                    meaning:
                        "Mean step of the input's luma quantisers: what differs by less is lost."))
        }
        if blockFrames > 0 {
            let count = Double(blockFrames)
            list.append(
                .init(
                    "block edges before", blocksBefore / count, unit: "",
                    meaning:
                        "How much stronger edges are on the grid of blocks than off it; 1 is none.")
            )
            list.append(
                .init(
                    "block edges after", blocksAfter / count, unit: "",
                    meaning: "The same of the frames handed to the encoder."))
        }
        if frames > 0 {
            list.append(
                .init(
                    "change", (change / Double(frames)).squareRoot(), unit: "code values",
                    meaning: "Root mean square of what was added to luma, of every fifth frame."))
        }
        return list
    }
}

extension OutputFile {
    fileprivate func append(_ text: String) throws {
        var text = text
        try text.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
    }
}
