// The program: its version, its commands and what its manual says about all of them.
import Terminal

enum MWGAN {
    static let version = "0.1.0"

    static let program = Program(
        "mwgan", summary: "restore video that compression has damaged", version: version,
        date: "2026-11-24",
        discussion: [
            "mwgan removes what compression did to a video: blocks, ringing, mosquito noise, "
                + "smeared texture. A trained network (motion compensation, wavelet packets, "
                + "generator) estimates each frame from itself and its neighbours. Everything "
                + "else in the file is kept: size, depth, timing, sound, subtitles, chapters.",
            "It does not enlarge pictures, and it does little for analogue noise and for faces "
                + "a few pixels high.",
        ],
        commands: [
            EnhanceCommand.command, CompareCommand.command, ProbeCommand.command,
            ModelsCommand.command, DegradeCommand.command, TrainCommand.command,
            EvaluateCommand.command, OutcomesCommand.command, PolicyCommand.command,
            ExportCommand.command,
            DoctorCommand.command,
        ],
        environment: [
            EnvironmentVariable(
                "PERCEPT_MODELS", help: "Folder of weights that is searched before all others."),
            EnvironmentVariable("NO_COLOR", help: "If set and not empty, output is not coloured."),
            EnvironmentVariable(
                "ONEDNN_MAX_CPU_ISA",
                help: "Limits the instructions that the network may use, as AVX2."),
        ],
        examples: [
            Example(
                "mwgan enhance video.mp4", "Writes video.enhanced.mp4 beside it."),
            Example(
                "mwgan probe video.mp4", "Says how damaged it is, and what enhance would do."),
            Example(
                "mwgan compare original.mkv video.enhanced.mp4", "Measures the result."),
        ])
}
