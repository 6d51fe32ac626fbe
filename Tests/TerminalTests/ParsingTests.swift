import Terminal
import Testing

@Suite struct ParsingTests {
    private func parse(_ words: String...) throws -> Arguments { try Brew.command.parse(words) }

    private func complaint(_ words: String...) -> String? {
        do {
            _ = try Brew.command.parse(words)
            return nil
        } catch { return "\(error)" }
    }

    @Test("Options that are not given have their defaults")
    func defaults() throws {
        let arguments = try parse("pot")
        #expect(arguments[Brew.cups] == 2)
        #expect(arguments[Brew.strength] == 0.5)
        #expect(arguments[Brew.speed] == .medium)
        #expect(arguments[Brew.beans] == nil)
        #expect(arguments[Brew.wait] == nil)
        #expect(arguments[Brew.extra] == [])
        #expect(arguments[Brew.hot] == false)
        #expect(!arguments.isGiven(Brew.cups))
        #expect(arguments[Brew.guests] == [])
    }

    @Test(
        "Every way of writing a value gives the same value",
        arguments: [
            ["--cups", "4", "pot"], ["--cups=4", "pot"], ["-c", "4", "pot"], ["-c4", "pot"],
            ["-c=4", "pot"], ["pot", "--cups", "4"], ["-qc4", "pot"],
            ["-c", "3", "pot", "-c", "4"],
        ])
    func spellings(words: [String]) throws {
        let arguments = try Brew.command.parse(words)
        #expect(arguments[Brew.cups] == 4)
        #expect(arguments.isGiven(Brew.cups))
        #expect(arguments[Brew.pot] == ["pot"])
    }

    @Test("Types are read")
    func types() throws {
        let arguments = try parse(
            "--strength", "0.25", "--speed=fast", "--coffee", "a b", "--wait", "12:30.5", "--water",
            "1.5G", "-x", "a=1", "--extra", "b=x=y", "--extra=c=", "-vv", "--verbose", "pot", "ann",
            "bob")
        #expect(arguments[Brew.strength] == 0.25)
        #expect(arguments[Brew.speed] == .fast)
        #expect(arguments[Brew.beans] == "a b")
        #expect(arguments[Brew.wait] == 750.5)
        #expect(arguments[Brew.water] == 1_500_000_000)
        #expect(
            arguments[Brew.extra] == [
                KeyValue(key: "a", value: "1"), KeyValue(key: "b", value: "x=y"),
                KeyValue(key: "c", value: ""),
            ])
        #expect(arguments[Brew.verbose] == 3)
        #expect(arguments[Brew.guests] == ["ann", "bob"])
    }

    @Test("Negative numbers are values, and a lone dash is a file")
    func dashes() throws {
        let arguments = try parse("--temperature", "-5", "-", "-7", "--beans", "-")
        #expect(arguments[Brew.temperature] == -5)
        #expect(arguments.operands == ["-", "-7"])
        #expect(arguments[Brew.beans] == "-")
    }

    @Test("Nothing after two dashes is an option")
    func terminator() throws {
        let arguments = try parse("--hot", "--", "--cups", "-h")
        #expect(arguments[Brew.hot])
        #expect(arguments.operands == ["--cups", "-h"])
        #expect(!arguments.wantsHelp)
    }

    @Test("Help is given even where the rest of the line is wrong")
    func help() throws {
        #expect(try parse("--nonsense", "-h").wantsHelp)
        #expect(try parse("--help").wantsHelp)
    }

    @Test("Complaints say what is wrong and what may have been meant")
    func complaints() {
        let expected: [([String], String)] = [
            ([], "POT is missing"),
            (["--cupps", "3", "p"], "unknown option --cupps; did you mean --cups?"),
            (["--zzz", "p"], "unknown option --zzz"),
            (["-z", "p"], "unknown option -z"),
            (["-qz", "p"], "unknown option -z in -qz"),
            (["-hot", "p"], "unknown option -hot; did you mean --hot?"),
            (["--cups"], "--cups wants N"),
            (
                ["--beans", "--hot", "p"],
                "--beans wants FILE, but --hot follows; if that is the value, write --beans=--hot"
            ),
            (["--cups", "13", "p"], "--cups wants a whole number from 1 to 12, not '13'"),
            (["-c", "x", "p"], "-c wants a whole number from 1 to 12, not 'x'"),
            (
                ["--temperature=x", "p"],
                "--temperature wants a whole number from -20 to 100, not 'x'"
            ),
            (["--strength", "nan", "p"], "--strength wants a number from 0 to 1, not 'nan'"),
            (["--strength", "0x1", "p"], "--strength wants a number from 0 to 1, not '0x1'"),
            (
                ["--speed", "fats", "p"],
                "--speed wants slow, medium or fast, not 'fats'; did you mean fast?"
            ),
            (["--wait", "1:99", "p"], "--wait wants a time such as 90s or 12:30.5, not '1:99'"),
            (["--water", "1X", "p"], "--water wants a size such as 700M or 1.5G, not '1X'"),
            (["--extra", "=1", "p"], "--extra wants a pair such as key=value, not '=1'"),
            (["--beans=", "p"], "--beans wants a path that is not empty, not ''"),
            (["--hot=1", "p"], "--hot takes no value, but got '1'"),
            (["--cold", "p", "--hot"], "--hot and --cold exclude each other; give one of them"),
            (["--cream", "p"], "--cream: there is no milk in this house; drink it black"),
            (["--a\u{1B}[2J", "p"], "unknown option --a\\x1b[2J"),
        ]
        for (words, line) in expected {
            #expect(throws: UsageError.self) { try Brew.command.parse(words) }
            do { _ = try Brew.command.parse(words) } catch { #expect("\(error)" == line) }
        }
    }

    @Test("More arguments than the command takes are refused")
    func tooMany() {
        #expect(throws: UsageError.unexpectedOperand("b")) {
            try Command(
                "one", summary: "One.", operands: [Operand("A", help: "A.")],
                action: { _ in .success }
            ).parse(["a", "b"])
        }
    }
}
