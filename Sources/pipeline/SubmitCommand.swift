// pipeline submit: hands what is missing of a plan to a cluster.
import Batch
import Enhancement
import FileNames
import Glibc
import Media
import Terminal

/// Clusters that units can be handed to.
enum ClusterEngine: String, Sendable, CaseIterable { case slurm }

enum SubmitCommand {
    static let options = Operand(
        "SBATCH_OPTION", help: "Options for sbatch, behind '--'; they win over ours.",
        isOptional: true,
        isVariadic: true, completion: .nothing)
    static let engine = Option.choice(
        "engine", default: ClusterEngine.slurm, help: "The cluster's scheduler.", group: "Cluster")
    static let mostParallel = Option.integer(
        "max-parallel", in: 1...100_000, help: "At most so many units at the same time.",
        group: "Cluster")
    static let cores = Option.integer(
        "cores", in: 1...1024, default: 2, help: "Cores of each unit (--cpus-per-task).",
        group: "Cluster")
    static let restarts = Option.integer(
        "restarts", in: 0...100, default: 3,
        help: "How often a unit that exits with 75 is queued again.", group: "Cluster")
    static let rounds = Option.integer(
        "rounds", in: 0...100, default: 3,
        help: "How often the merge submits what is still missing.", group: "Cluster")
    static let program = Option.path(
        "program", help: "Where this program is on the nodes; as here unless said.",
        group: "Cluster")
    static let dryRun = Option.flag(
        "dry-run", help: "Print the commands, submit nothing.", group: "Cluster")

    static let command = Command(
        "submit", summary: "Hand what is missing of a plan to Slurm.",
        discussion: [
            "Submits arrays over the missing units, and a merge that waits for them, joins what they made, "
                + "and submits what is still missing. Time and memory are estimated from the largest "
                + "unit. The folder of outputs must be seen by all nodes."
        ], operands: [UnitCommand.manifest, options],
        options: [
            engine, mostParallel, cores, restarts, rounds, program, dryRun, CommonOptions.logFile,
            CommonOptions.verbose, CommonOptions.quiet,
        ],
        examples: [
            Example(
                "pipeline submit out/manifest.jsonl --max-parallel 50 -- --partition=short",
                "At most fifty units at a time, on one partition."),
            Example(
                "pipeline submit out/manifest.jsonl --dry-run", "Shows what would be submitted."),
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        let log = try CommonOptions.log(arguments)
        let path = arguments[UnitCommand.manifest][0]
        let state = BatchState(try Manifest(contentsOf: path))
        var submission = SlurmSubmission(
            state, manifest: path, program: arguments[program] ?? programPath())
        submission.mostParallel = arguments[mostParallel]
        submission.cores = arguments[cores]
        submission.restarts = arguments[restarts]
        submission.rounds = arguments[rounds]
        submission.options = arguments[options]
        let count = BatchCount(state)
        if count.isComplete {
            log.info("nothing is missing: \(count.line)")
            return .success
        }
        if arguments[dryRun] {
            for line in try submission.rehearsal() { CommonOptions.output(line) }
            return .success
        }
        CommonOptions.output(try submission.submit { log.detail($0) })
        return .success
    }

    /// The path of this program, the same on all nodes that see the same files.
    private static func programPath() -> String {
        guard let path = realpath("/proc/self/exe", nil) else { return CommandLine.arguments[0] }
        defer { free(path) }
        return String(fileName: path)
    }
}
