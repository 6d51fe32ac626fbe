// mwgan enhance in parts: long videos whose finished parts outlive whatever stops the work.
import Batch
import Terminal

extension EnhanceCommand {
    static let segment = Option<PartLength>(
        "segment", placeholder: "auto|off|SECONDS", fallback: .automatic, defaultText: "auto",
        expectation: "auto, off or a number of seconds",
        help: "Work long videos in parts of so many seconds, kept in OUT.part/ until all are "
            + "done: the same command goes on after a crash or Ctrl-C. auto: from about a minute "
            + "of work on, with a --size that names one from ten seconds of video on.",
        group: "Output", completion: .words(["auto", "off"])
    ) { text, _ in PartLength(text) }
    static let keepPartial = Option.flag(
        "keep-partial",
        help: "Work no more: join the parts that are finished, as far as none is missing.",
        group: "Output")
}
