// What is missing of a plan, handed to Slurm.
import FileNames
import Glibc
import Media
import Terminal

/// Submits arrays over missing units, and a merge that waits for them.
///
/// Tried with Slurm 22.05. Slurm repeats nothing by itself: the script of a unit requeues its own task when the unit says
/// "again", and the merge submits what is missing once more. `afterok` would wait for ever for a task that has failed, so
/// the merge depends by `afterany` and looks for itself.
public struct SlurmSubmission {
    /// Tasks that run at the same time; nil: as many as Slurm likes.
    public var mostParallel: Int?
    /// How often a task may requeue itself, and how often a merge may submit what is missing.
    public var restarts = 3, rounds = 3
    /// Cores of each task; nil: as ``WorkEstimate`` says.
    public var cores = 2
    /// Options for `sbatch`, which win over ours.
    public var options: [String] = []
    private let state: BatchState
    private let manifest: String, program: String

    /// A submission of what is missing of the plan in a file.
    ///
    /// - Parameter program: The path of this program on the nodes.
    public init(_ state: BatchState, manifest: String, program: String) {
        self.state = state
        self.manifest = absolutePath(manifest)
        self.program = program
    }

    private var folder: String { state.folder.path + "/slurm" }
    private var logs: String { folder + "/logs" }
    /// By which jobs of this plan are found, and cancelled: `scancel --name=...`.
    public var name: String { "pipeline-" + FileSeal.digest(of: manifest).prefix(8) }

    /// Submits.
    ///
    /// - Parameter tell: Told each command before it is run.
    /// - Returns: A line on what was submitted.
    /// - Throws: ``ProgramMissing``, ``SlurmRefusal``, `MediaError`.
    public func submit(_ tell: (String) -> Void = { _ in }) throws -> String {
        let queued = try ask(["squeue", "--noheader", "--name=\(name)", "--format=%A"])
            .split(separator: "\n").filter { $0 != environmentVariable("SLURM_JOB_ID") ?? "" }
        guard queued.isEmpty else {
            throw SlurmRefusal(
                command: "submit",
                words: "jobs of this plan are still queued (\(Set(queued).count)); "
                    + "scancel --name=\(name) removes them", exitCode: .tryLater)
        }
        // Without the folder for its output a job fails before it begins, and says nothing.
        try Folder.make(logs)
        try writeFile(Array(SlurmScripts.unit.utf8), to: folder + "/unit.sh")
        try writeFile(Array(SlurmScripts.merge.utf8), to: folder + "/merge.sh")
        var arrays: [String] = []
        let chunks = self.chunks(limit: try largestArray())
        for chunk in chunks {
            let words = unitWords(chunk, after: arrays.last)
            tell(words.map(shellQuoted).joined(separator: " "))
            arrays.append(try number(words))
        }
        let words = mergeWords(after: arrays)
        tell(words.map(shellQuoted).joined(separator: " "))
        let merge = try number(words)
        let count = chunks.reduce(0) { $0 + $1.count }
        return "\(count) units in \(arrays.count) array\(arrays.count == 1 ? "" : "s")"
            + (arrays.isEmpty ? "" : " (\(arrays.joined(separator: ", ")))")
            + ", then a merge (\(merge)); scancel --name=\(name) stops all of it"
    }

    /// The commands that would be run, with `FIRST`, `SECOND` and so on for the numbers that Slurm will give.
    public func rehearsal() throws -> [String] {
        // Where there is no cluster, its default serves to show.
        let chunks = self.chunks(limit: (try? largestArray()) ?? 1001)
        var lines: [String] = []
        var last: String?
        for (index, chunk) in chunks.enumerated() {
            lines.append(unitWords(chunk, after: last).map(shellQuoted).joined(separator: " "))
            last = "ARRAY\(index + 1)"
        }
        let arrays = chunks.indices.map { "ARRAY\($0 + 1)" }
        return lines + [mergeWords(after: arrays).map(shellQuoted).joined(separator: " ")]
    }

    // MARK: - Commands

    private func chunks(limit: Int) -> [ArrayChunk] {
        ArrayChunk.chunks(of: BatchCount(state).missingUnits, limit: limit)
    }

    private func common(_ output: String) -> [String] {
        // In names of output a percent sign means something.
        let place = logs.replacing("%", with: "%%")
        return [
            "--job-name=\(name)", "--requeue", "--open-mode=append", "--chdir=\(state.folder.path)",
            "--export=ALL", "--output=\(place)/\(output)",
        ]
    }

    func unitWords(_ chunk: ArrayChunk, after last: String?) -> [String] {
        let need = Need(state, cores: cores)
        // Each array has a limit of its own: one after the other they keep to it together.
        let chain = mostParallel == nil ? nil : last.map { "--dependency=afterany:\($0)" }
        let limit = mostParallel.map { "%\($0)" } ?? ""
        return ["sbatch"] + common("%A_%a.log")
            + [
                "--signal=B:USR1@60", "--cpus-per-task=\(cores)", "--mem=\(need.megabytes)M",
                "--time=\(need.minutes)",
            ] + options + [chain].compactMap { $0 }
            + ["--parsable", "--array=\(chunk.list)\(limit)", folder + "/unit.sh"]
            + [
                "\(restarts)", "\(chunk.offset)", program, "unit", manifest, "--progress", "none",
                "--index",
            ]
    }

    func mergeWords(after arrays: [String]) -> [String] {
        let need = Need(state, cores: cores)
        var words = ["sbatch"] + common("%j.merge.log")
        words += ["--cpus-per-task=\(cores)", "--mem=\(need.megabytes)M"] + options
        if !arrays.isEmpty {
            words.append("--dependency=afterany:\(arrays.joined(separator: ":"))")
        }
        words += [
            "--parsable", folder + "/merge.sh", "\(rounds)", program, manifest, "--engine", "slurm",
            "--restarts", "\(restarts)", "--cores", "\(cores)", "--program", program,
        ]
        if let mostParallel { words += ["--max-parallel", "\(mostParallel)"] }
        return words + (options.isEmpty ? [] : ["--"] + options)
    }

    /// What the largest missing unit wants.
    struct Need {
        let megabytes: Int, minutes: Int

        init(_ state: BatchState, cores: Int) {
            var memory: Int64 = 0
            var seconds = 0.0
            for unit in state.missingUnits {
                let job = state.manifest.jobs[unit.job]
                guard let facts = job.facts else { continue }
                memory = max(memory, WorkEstimate.memory(width: facts.width, height: facts.height))
                seconds = max(
                    seconds,
                    job.cost(ofPart: unit.part) * WorkEstimate.secondsPerDeliveredPixel
                        / Double(max(1, cores)))
            }
            // Half as much again, and of time four times: a limit that is met costs more than one that is not.
            megabytes = max(500, Int(memory / 1_000_000) * 3 / 2)
            minutes = max(10, Int((seconds * 4 / 60).rounded(.up)))
        }
    }

    // MARK: - Slurm's words

    /// The number of tasks that an array may have: MaxArraySize.
    private func largestArray() throws -> Int {
        for line in try ask(["scontrol", "show", "config"]).split(separator: "\n") {
            let words = line.split(separator: "=", maxSplits: 1).map {
                $0.filter { $0 != " " }
            }
            if words.count == 2, words[0] == "MaxArraySize", let size = Int(words[1]), size > 0 {
                return size
            }
        }
        throw SlurmRefusal(
            command: "scontrol show config", words: "does not say MaxArraySize",
            exitCode: .unavailable)
    }

    /// The number of the job that was submitted.
    private func number(_ words: [String]) throws -> String {
        let answer = try ask(words)
        // Behind a semicolon some clusters say their name.
        return answer.split(whereSeparator: { ";\n".contains($0) }).first.map(String.init) ?? ""
    }

    private func ask(_ words: [String]) throws -> String {
        let result = try OutsideProgram.run(words)
        guard result.status == 0 else {
            let said = result.complaint.split(separator: "\n").joined(separator: "; ")
            throw SlurmRefusal(command: words[0], words: said, exitCode: .unavailable)
        }
        return result.output
    }
}

/// Slurm, or what is queued already, says no.
public struct SlurmRefusal: ExitCodeProviding, Equatable {
    /// What was asked, and what was said.
    public let command: String, words: String
    let status: ExitCode

    init(command: String, words: String, exitCode: ExitCode) {
        (self.command, self.words, status) = (command, words, exitCode)
    }

    /// 69, or 75 where jobs are still queued.
    public var exitCode: Int32 { status.rawValue }
    /// One line.
    public var description: String { "\(command): \(words)" }
}
