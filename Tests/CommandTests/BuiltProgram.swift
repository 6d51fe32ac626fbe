// Running the built programs as a person would: arguments in, status and text out.
import Glibc

/// What a finished program left.
struct ProgramResult {
    /// Its exit status; 128 + N after signal N.
    let status: Int32
    /// Standard output.
    let output: [UInt8]
    /// Standard error.
    let errors: String
    /// Standard output as text.
    var text: String { String(decoding: output, as: UTF8.self) }
}

/// A program of this package, as built beside the tests.
struct BuiltProgram {
    let path: String

    /// The program that restores video.
    static let mwgan = BuiltProgram(name: "mwgan")

    init(name: String) {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let tests = String(decoding: buffer.prefix(max(0, count)).map(UInt8.init), as: UTF8.self)
        // The test bundle is run by its own executable, or by a helper that gets its path.
        let candidates = [tests] + CommandLine.arguments
        let folders = candidates.map { $0.split(separator: "/", omittingEmptySubsequences: false) }
            .map { $0.dropLast().joined(separator: "/") }
        path =
            folders.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
            ?? ".build/release/\(name)"
    }

    /// Runs the program to its end.
    ///
    /// - Parameters:
    ///   - environment: variables added to this process's own.
    ///   - input: standard input; it is never a terminal.
    ///   - folder: working folder; nil for this process's own.
    func run(
        _ arguments: String..., environment: [String: String] = [:], input: [UInt8] = [],
        folder: String? = nil
    ) throws -> ProgramResult {
        try run(arguments, environment: environment, input: input, folder: folder)
    }

    /// Runs the program to its end.
    func run(
        _ arguments: [String], environment: [String: String] = [:], input: [UInt8] = [],
        folder: String? = nil
    ) throws -> ProgramResult {
        try RunningProgram(
            path: path, arguments: arguments, environment: environment, input: input, folder: folder
        ).wait()
    }

    /// Starts the program, so that it can be sent signals.
    func start(
        _ arguments: [String], environment: [String: String] = [:], input: [UInt8] = [],
        folder: String? = nil
    ) throws -> RunningProgram {
        try RunningProgram(
            path: path, arguments: arguments, environment: environment, input: input, folder: folder
        )
    }
}

/// The program cannot be started.
struct CannotStart: Error { let path: String, reason: String }

/// A program that was started and not yet waited for.
final class RunningProgram {
    /// Its process.
    let process: pid_t
    /// Unlinked files, so that neither side ever waits for the other to read.
    private let output: UnsafeMutablePointer<FILE>, errors: UnsafeMutablePointer<FILE>

    init(
        path: String, arguments: [String], environment: [String: String], input: [UInt8],
        folder: String?
    ) throws {
        guard let inputFile = tmpfile(), let output = tmpfile(), let errors = tmpfile() else {
            throw CannotStart(path: path, reason: "no temporary file")
        }
        self.output = output
        self.errors = errors
        fwrite(input, 1, input.count, inputFile)
        rewind(inputFile)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        let files: [(Int32, Int32)] = [
            (fileno(inputFile), 0), (fileno(output), 1), (fileno(errors), 2),
        ]
        for (file, number) in files {
            posix_spawn_file_actions_adddup2(&actions, file, number)
        }
        // Test threads block signals, and a child would inherit that.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        // What whoever runs the tests has taught is none of their business.
        let environment = ["XDG_DATA_HOME": "/nonexistent"].merging(environment) { $1 }
        var variables: [UnsafeMutablePointer<CChar>?] = []
        var entry = environ
        while let text = entry.pointee {
            let name = String(cString: text).prefix { $0 != "=" }
            if environment[String(name)] == nil { variables.append(strdup(text)) }
            entry += 1
        }
        variables += environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        // env changes the folder and then becomes the program, under the same process number.
        let line = (folder.map { ["/usr/bin/env", "-C", $0, path] } ?? [path]) + arguments
        let words = line.map { strdup($0) } + [nil]
        defer { (words + variables).forEach { free($0) } }
        var process: pid_t = 0
        let failure = posix_spawn(&process, line[0], &actions, &attributes, words, variables)
        posix_spawn_file_actions_destroy(&actions)
        posix_spawnattr_destroy(&attributes)
        fclose(inputFile)
        guard failure == 0 else {
            throw CannotStart(path: path, reason: String(cString: strerror(failure)))
        }
        self.process = process
    }

    deinit {
        fclose(output)
        fclose(errors)
    }

    /// Sends a signal.
    func send(_ signal: Int32) { kill(process, signal) }

    /// Waits for the end.
    func wait() -> ProgramResult {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        let signal = status & 0x7F
        return ProgramResult(
            status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal, output: contents(output),
            errors: String(decoding: contents(errors), as: UTF8.self))
    }

    private func contents(_ file: UnsafeMutablePointer<FILE>) -> [UInt8] {
        rewind(file)
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 {
            bytes += buffer[..<count]
        }
        return bytes
    }
}
