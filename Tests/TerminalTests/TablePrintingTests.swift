// Help, manual page and completions of the sample program, against what they should be, and
// through the programs that will read them.
import Glibc
import Terminal
import Testing

@Suite struct TablePrintingTests {
    private static let folder =
        #filePath.split(separator: "/").dropLast()
        .map { "/" + $0 }.joined() + "/Snapshots"

    static let printed: [(file: String, text: String)] = [
        ("overview.txt", Brew.program.overview(width: 80, style: Style(isEnabled: false))),
        (
            "help.txt",
            Brew.program.help(
                for: Brew.command, width: 80, style: Style(isEnabled: false))
        ),
        ("kitchen.1", Brew.program.manualPage()),
        ("kitchen.bash", Brew.program.bashCompletions()),
        ("_kitchen", Brew.program.zshCompletions()),
        ("kitchen.fish", Brew.program.fishCompletions()),
    ]

    /// `PERCEPT_SNAPSHOTS=update` writes the files instead; read the difference before committing it.
    @Test("The table prints as recorded", arguments: printed)
    func snapshot(file: String, text: String) throws {
        let path = "\(Self.folder)/\(file)"
        if environmentVariable("PERCEPT_SNAPSHOTS") == "update" {
            try writeFile(path, text + "\n")
        }
        #expect(try readFile(path) == text + "\n")
    }

    @Test("No line of help is wider than asked for")
    func width() {
        for width in [60, 80, 100] {
            let text = Brew.program.help(
                for: Brew.command, width: width, style: Style(isEnabled: false))
            #expect(text.split(separator: "\n").allSatisfy { displayWidth(String($0)) <= width })
        }
    }

    @Test("Every option and command occurs in everything that is printed from the table")
    func complete() {
        for (file, text) in Self.printed where file != "overview.txt" {
            for row in Brew.command.options {
                let name = file == "kitchen.1" ? "Fl -\(row.name)" : row.name
                #expect(text.contains(name), "\(row.name) is missing in \(file)")
            }
        }
    }

    @Test(
        "Shells and mandoc accept what is printed for them",
        arguments: [
            ("kitchen.bash", "bash", "bash -n"), ("_kitchen", "zsh", "zsh -n"),
            ("kitchen.fish", "fish", "fish -n"), ("kitchen.1", "mandoc", "mandoc -Tlint -Wwarning"),
            ("kitchen.1", "man", "man --warnings -E UTF-8 -l -Tutf8"),
        ])
    func syntax(file: String, tool: String, command: String) throws {
        guard runShell("command -v \(tool)").status == 0 else { return }
        let result = runShell("\(command) '\(Self.folder)/\(file)' 2>&1 >/dev/null")
        #expect(result.status == 0 && result.output.isEmpty, "\(result.output)")
    }

    @Test("bash completes commands, options, choices and files")
    func bash() throws {
        func complete(_ words: String) -> Set<String> {
            let script = """
                source '\(Self.folder)/kitchen.bash'; COMP_WORDS=(\(words))
                COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 )); _kitchen; printf '%s\\n' "${COMPREPLY[@]}"
                """
            let result = runShell("cd '\(Self.folder)' && bash -c \"$SCRIPT\"", script: script)
            return Set(result.output.split(separator: "\n").map(String.init))
        }
        #expect(complete("kitchen br") == ["brew"])
        #expect(complete("kitchen brew --te") == ["--temperature"])
        #expect(complete("kitchen brew --speed ''") == ["slow", "medium", "fast"])
        #expect(complete("kitchen brew --speed = f") == ["fast"])
        #expect(complete("kitchen brew --beans _k") == ["_kitchen"])
        #expect(complete("kitchen brew kit") == ["kitchen.1", "kitchen.bash", "kitchen.fish"])
        #expect(complete("kitchen brew --cups ''") == [])
        #expect(complete("kitchen completions f") == ["fish"])
    }

    @Test("fish completes commands, options and choices")
    func fish() throws {
        guard runShell("command -v fish").status == 0 else { return }
        func complete(_ line: String) -> Set<String> {
            let script = "source '\(Self.folder)/kitchen.fish'; complete -C '\(line)'"
            let result = runShell("HOME=$(mktemp -d) fish -N -c \"$SCRIPT\"", script: script)
            return Set(
                result.output.split(separator: "\n").map { String($0.prefix { $0 != "\t" }) })
        }
        #expect(complete("kitchen br") == ["brew"])
        #expect(complete("kitchen brew --te") == ["--temperature"])
        #expect(complete("kitchen brew --speed ") == ["slow", "medium", "fast"])
    }
}

/// Runs a line in sh; `$SCRIPT` holds `script`.
private func runShell(_ line: String, script: String = "") -> (status: Int32, output: String) {
    // Not through this process's environment: other tests run at the same time.
    let quoted = script.split(separator: "'", omittingEmptySubsequences: false)
        .joined(separator: "'\\''")
    let all = "export SCRIPT='\(quoted)'\n\(line) 2>/dev/null"
    guard let pipe = popen(all, "r") else { return (-1, "") }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case let count = fread(&buffer, 1, buffer.count, pipe), count > 0 {
        bytes += buffer[..<count]
    }
    return (pclose(pipe), String(decoding: bytes, as: UTF8.self))
}

private struct FileError: Error { let path: String }

private func readFile(_ path: String) throws -> String {
    guard let file = fopen(path, "r") else { throw FileError(path: path) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 {
        bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
}

private func writeFile(_ path: String, _ text: String) throws {
    guard let file = fopen(path, "w") else { throw FileError(path: path) }
    fputs(text, file)
    fclose(file)
}
