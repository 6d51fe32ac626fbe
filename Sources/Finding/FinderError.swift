// What can be wrong with a memory of videos, and with what it is asked.
import Terminal

/// A memory of videos that cannot be used, or a question that it cannot answer; prints as one line.
public enum FinderError: ExitCodeProviding, Hashable {
    /// There is no memory in a folder.
    case noMemory(path: String)
    /// Nothing is indexed in it.
    case empty(path: String)
    /// It was made by another version.
    case version(path: String, found: Int)
    /// Its files do not fit together.
    case damaged(path: String, reason: String)
    /// Another process indexes into it.
    case busy(path: String)
    /// A folder holds other things than a memory.
    case foreign(path: String)
    /// Words were asked of a memory whose videos nobody looked at for what people do.
    case notLooked(path: String)
    /// Words that nothing is called by.
    case unknownWords(String, suggestion: String?)
    /// A picture of one colour, which fits everything and nothing.
    case saysNothing(path: String)
    /// A file ends before what it declares.
    case cutShort(path: String, reason: String)

    /// 64 for words that mean nothing, 65 for data, 66 where there is no memory, 73 for a foreign folder, 75 while another
    /// writes.
    public var exitCode: Int32 {
        switch self {
        case .noMemory: ExitCode.noInput.rawValue
        case .unknownWords: ExitCode.usage.rawValue
        case .busy: ExitCode.tryLater.rawValue
        case .foreign: ExitCode.cannotCreate.rawValue
        default: ExitCode.badData.rawValue
        }
    }

    /// One line: what, where, what to do.
    public var description: String {
        switch self {
        case .noMemory(let path):
            "\(printable(path)): holds no memory of videos; make one: pipeline index VIDEOS -o "
                + shellQuoted(printable(path))
        case .empty(let path):
            "\(printable(path)): the memory is empty; add videos: pipeline index VIDEOS -o "
                + shellQuoted(printable(path))
        case .version(let path, let found):
            "\(printable(path)): is of version \(found), and this program knows \(VideoList.version)"
                + " alone; index into another folder"
        case .damaged(let path, let reason):
            "\(printable(path)): is damaged (\(reason)); remove the folder and index again"
        case .busy(let path):
            "\(printable(path)): another process indexes into it; try again later"
        case .foreign(let path):
            "\(printable(path)): holds other things than a memory; name a new or an empty folder"
        case .notLooked(let path):
            "\(printable(path)): its videos were indexed with --no-interactions; index without it to"
                + " find words"
        case .unknownWords(let words, let suggestion):
            "nothing is called '\(printable(words))'"
                + (suggestion.map { "; did you mean '\($0)'?" } ?? "")
                + "; name a file, a thing such as dog, or what people do such as 'ride horse'"
        case .saysNothing(let path):
            "\(printable(path)): is nearly of one colour, and would fit anything; take another picture"
        case .cutShort(let path, let reason):
            "\(printable(path)): is cut short (\(reason)); take a whole copy of it"
        }
    }
}
