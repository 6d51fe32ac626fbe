// Programs of a cluster, run and listened to.
import FileNames
import Glibc
import Terminal

/// Runs programs that are found on PATH.
enum OutsideProgram {
    /// What a program left.
    struct Result {
        let status: Int32, output: String, complaint: String
    }

    /// Runs a program to its end.
    ///
    /// - Throws: ``ProgramMissing`` where it cannot be started.
    static func run(_ words: [String]) throws -> Result {
        // Unlinked files, so that neither side ever waits for the other to read.
        guard let output = tmpfile(), let complaint = tmpfile() else {
            throw ProgramMissing(program: words[0], reason: "no temporary file")
        }
        defer {
            fclose(output)
            fclose(complaint)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, fileno(output), 1)
        posix_spawn_file_actions_adddup2(&actions, fileno(complaint), 2)
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0.fileName) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child: pid_t = 0
        let code = posix_spawnp(&child, words[0], &actions, nil, &arguments, environ)
        guard code == 0 else {
            throw ProgramMissing(program: words[0], reason: String(cString: strerror(code)))
        }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        let exit = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
        return Result(status: exit, output: text(output), complaint: text(complaint))
    }

    private static func text(_ file: UnsafeMutablePointer<FILE>) -> String {
        rewind(file)
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&block, 1, block.count, file)
            guard count > 0 else { break }
            bytes += block[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A program that is wanted and not there.
public struct ProgramMissing: ExitCodeProviding, Equatable {
    /// Its name, and the system's words.
    public let program: String, reason: String

    /// 69: a needed part is missing.
    public var exitCode: Int32 { ExitCode.unavailable.rawValue }
    /// One line.
    public var description: String {
        "\(program): cannot be run (\(reason)); is Slurm installed here?"
    }
}
