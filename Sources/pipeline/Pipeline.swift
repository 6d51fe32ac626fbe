// The program: its version, its commands and what its manual says about all of them.
import Terminal

enum Pipeline {
    static let version = "0.1.0"

    static let program = Program(
        "pipeline", summary: "restore many videos and find what people do in them",
        version: version, date: "2026-11-29",
        discussion: [
            "pipeline takes folders of videos and pictures: each is enhanced as 'mwgan enhance' does it, "
                + "what people in it do is looked for as 'hoi detect' does it, and a page shows all of "
                + "it. Whatever stops it, the same command goes on with what is missing.",
            "All state is files below the folder of outputs. The work falls into units with numbers, "
                + "and a unit may be done on any machine that sees the same files: 'pipeline plan' "
                + "numbers them, 'pipeline unit' does one, 'pipeline merge' joins what they made.",
            "'pipeline index' remembers videos, 'pipeline find' says where a picture, a clip or what "
                + "words say is from, 'pipeline duplicates' which shots are shown twice.",
        ],
        commands: [
            RunCommand.command, PlanCommand.command, UnitCommand.command, StatusCommand.command,
            MergeCommand.command, SubmitCommand.command, IndexCommand.command, FindCommand.command,
            DuplicatesCommand.command,
        ],
        environment: [
            EnvironmentVariable(
                "PERCEPT_MODELS", help: "Folder of weights that is searched before all others."),
            EnvironmentVariable("NO_COLOR", help: "If set and not empty, output is not coloured."),
            EnvironmentVariable(
                "ONEDNN_MAX_CPU_ISA",
                help: "Limits the instructions that networks may use, as AVX2: plan with it where "
                    + "machines differ."),
            EnvironmentVariable(
                "SLURM_ARRAY_TASK_ID",
                help: "The number of the unit for --index auto; so are JOB_COMPLETION_INDEX and "
                    + "AWS_BATCH_JOB_ARRAY_INDEX."),
            EnvironmentVariable(
                "SLURM_CPUS_PER_TASK", help: "Limits the threads that are used by default."),
        ],
        examples: [
            Example(
                "pipeline run videos/ -o out/",
                "Enhances every video, looks for interactions, writes out/index.html."),
            Example(
                "pipeline run videos/ -o out/ --dry-run",
                "Says how long it takes, and how many bytes."),
            Example(
                "pipeline plan videos/ -o out/", "Writes out/manifest.jsonl for other machines."),
            Example(
                "pipeline index videos/ -o memory/", "Remembers videos; 'pipeline find' asks."),
        ])
}
