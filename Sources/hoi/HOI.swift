// The program: its version, its commands and what its manual says about all of them.
import Terminal

enum HOI {
    static let version = "0.1.0"

    static let program = Program(
        "hoi", summary: "tell who does what to what", version: version, date: "2026-11-28",
        discussion: [
            "hoi tells what people do to the things around them. Verbs are told without looking at "
                + "what kind of thing it is, so that combinations are found which no training "
                + "picture shows."
        ],
        commands: [
            DetectCommand.command, TeachCommand.command, ForgetCommand.command,
            TaughtCommand.command, SplitCommand.command, TrainCommand.command,
            JoinCommand.command, EvaluateCommand.command, StudyCommand.command,
            DistillCommand.command,
            ModelsCommand.command, ExportCommand.command,
        ],
        environment: [
            EnvironmentVariable(
                "PERCEPT_MODELS", help: "Folder of weights that is searched before all others."),
            EnvironmentVariable(
                "XDG_DATA_HOME",
                help: "Where percept/taught lies, what 'hoi teach' keeps; ~/.local/share unless "
                    + "set."),
            EnvironmentVariable("NO_COLOR", help: "If set and not empty, output is not coloured."),
            EnvironmentVariable(
                "ONEDNN_MAX_CPU_ISA",
                help: "Limits the instructions that the network may use, as AVX2."),
        ],
        examples: [
            Example("hoi detect photo.jpg", "Says what the people in it do."),
            Example(
                "hoi teach polish car photos/",
                "From now on it also says who polishes a car, from a few photographs."),
            Example(
                "hoi train instances_train2015.json --objective klprior -o head.safetensors",
                "Learns verbs from the boxes of HICO-DET."),
            Example(
                "hoi evaluate head.safetensors instances_test2015.json",
                "Measures them where the boxes are known."),
        ])
}
