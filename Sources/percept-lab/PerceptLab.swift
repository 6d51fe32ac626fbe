// The program: its version, its commands and what its manual says about all of them.
import Terminal

enum PerceptLab {
    static let version = "0.1.0"

    static let program = Program(
        "percept-lab", summary: "measure what papers claim", version: version, date: "2026-11-29",
        discussion: [
            "percept-lab takes claims of the papers behind this project and measures them on its own "
                + "networks: what was expected, what was found, and whether that is the same.",
            "Experiments run on rendered digits and strokes, so that nothing has to be downloaded; with "
                + "--data they take MNIST and CIFAR-10. The same seeds give the same figures.",
        ],
        commands: [ListCommand.command, RunCommand.command, CompareCommand.command],
        environment: [
            EnvironmentVariable("NO_COLOR", help: "If set and not empty, output is not coloured."),
            EnvironmentVariable(
                "ONEDNN_MAX_CPU_ISA",
                help: "Limits the instructions that networks may use, as AVX2."),
            EnvironmentVariable(
                "PERCEPT_GYMNASIUM",
                help:
                    "A Python that has gymnasium[mujoco], for zospi-locomotion; python3 unless set."
            ),
        ],
        examples: [
            Example("percept-lab list", "Says which claims can be measured."),
            Example("percept-lab run zil-exact", "Measures one, and says whether it holds."),
            Example(
                "percept-lab run zil-exact --data data/ -o results/",
                "On MNIST; writes results/zil-exact.json and its pictures."),
        ])
}
