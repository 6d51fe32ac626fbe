import Terminal
import Testing

@Suite struct ConfigurationPrintingTests {
    /// All that a command line of the sample program says.
    private func meaning(_ arguments: Arguments) -> String {
        let options: [any OptionDeclaring] = [
            Brew.cups, Brew.strength, Brew.speed, Brew.beans, Brew.folder, Brew.temperature,
            Brew.extra, Brew.tools, Brew.notes, Brew.hot, Brew.cold, Brew.verbose, Brew.quiet,
            Brew.wait, Brew.water,
        ]
        func value<Value>(_ option: Option<Value>) -> String {
            "\(option.row.name) \(arguments.isGiven(option)) \(arguments[option])"
        }
        func open(_ option: any OptionDeclaring) -> String {
            switch option {
            case let option as Option<Int>: return value(option)
            case let option as Option<Int?>: return value(option)
            case let option as Option<Int64?>: return value(option)
            case let option as Option<Double>: return value(option)
            case let option as Option<Double?>: return value(option)
            case let option as Option<String?>: return value(option)
            case let option as Option<[String]>: return value(option)
            case let option as Option<[KeyValue]>: return value(option)
            case let option as Option<Bool>: return value(option)
            case let option as Option<Speed>: return value(option)
            default: preconditionFailure("\(option.row.name) is of a type that is not compared")
            }
        }
        return (options.map(open) + ["\(arguments.operands)"]).joined(separator: "\n")
    }

    private func reading(_ text: String) throws -> Arguments {
        let file = try ScratchFile(name: "printed.toml", text)
        defer { file.remove() }
        return try Brew.command.parse(["--config", file.path])
    }

    /// Texts that are hard to write down.
    private static let texts = [
        "a", "1", "-1", "1.0", "0.1", "1e3", "1e+20", "007", "+4", "inf", "nan", "0x10", "true",
        "a b",
        "\"", "\\", "'", "'''", "\"\"\"", "#", "=", "[x]", "é\u{301}", "映画 🎬", "\n", "\r\n", "\t",
        "\u{1}\u{7F}\u{9B}", "\u{202E}", "\u{EF80}.mp4", " ", ",", "a=b", "1_0", "1979-05-27",
    ]

    private static func words(_ random: inout Xorshift) -> [String] {
        func text() -> String { pick(texts, &random) }
        var words: [String] = []
        for _ in 0..<random.below(10) {
            switch random.below(14) {
            case 0: words += ["--cups", "\(1 + random.below(12))"]
            case 1: words += ["--strength", pick(["0", "1", "0.5", "1e-1", "0.30"], &random)]
            case 2: words += ["--speed", pick(["slow", "medium", "fast"], &random)]
            case 3: words.append("--coffee=\(text())")
            case 4: words.append("--cellar=\(text())")
            case 5, 6: words.append("--note=\(text())")
            case 7: words += ["--temperature", "\(random.below(100) - 20)"]
            case 8, 9: words.append("--extra=k\(text())=\(text())")
            case 10: words.append(pick(["-v", "-q", "-vv", "-c1"], &random))
            case 11: words += ["--tools", pick(["filter", "kettle,grinder"], &random)]
            case 12: words += ["--wait", pick(["90", "1:30.5", "2m", "0.5"], &random)]
            default: words += ["--water", pick(["700M", "123", "1.5GB"], &random)]
            }
        }
        if random.below(3) == 0 { words.append(pick(["--hot", "--cold"], &random)) }
        return words + ["--"] + (0...random.below(3)).map { _ in text() }
    }

    private static func pick(_ texts: [String], _ random: inout Xorshift) -> String {
        texts[random.below(texts.count)]
    }

    @Test("What is printed reads back as the same arguments, for random command lines")
    func law() throws {
        var random = Xorshift(state: 0x2545_F491_4F6C_DD1D)
        for _ in 0..<300 {
            let words = Self.words(&random)
            let arguments = try Brew.command.parse(words)
            let printed = arguments.configuration
            let again = try reading(printed)
            #expect(meaning(again) == meaning(arguments), "\(words)\n\(printed)")
            #expect(again.configuration == printed)
        }
    }

    @Test("Defaults stand there as comments that, uncommented, change no value")
    func defaults() throws {
        let arguments = try Brew.command.parse(["pot"])
        #expect(
            arguments.configuration == """
                # brew
                pot = "pot"

                # Options
                # cups = 2
                # strength = 0.5
                # speed = "medium"
                """)
        let uncommented = arguments.configuration.split(separator: "\n").map { line in
            line.contains("=") && line.hasPrefix("# ") ? line.dropFirst(2) : line
        }.joined(separator: "\n")
        let again = try reading(uncommented)
        #expect(again.isGiven(Brew.cups) && again[Brew.cups] == arguments[Brew.cups])
        #expect(again[Brew.strength] == 0.5 && again[Brew.speed] == .medium)
    }

    @Test("--print-config prints instead of running, with the file's part in it")
    func run() throws {
        let file = try ScratchFile(name: "brew.toml", "speed = 'fast'\ncups = 3\nextra = {a = 1}")
        defer { file.remove() }
        var output = ""
        let sink = RecordingSink()
        func run(_ words: String...) -> ExitCode {
            output = ""
            return Brew.program.run(
                ["brew", "--config", file.path] + words, output: { output += $0 + "\n" },
                errors: sink.console(isInteractive: false))
        }
        #expect(run("--print-config", "--cups", "4", "-v", "--beans=5", "--hot") == .success)
        #expect(
            output == """
                # kitchen brew

                # Options
                cups = 4
                # strength = 0.5
                speed = "fast"
                beans = 5
                extra = ["a=1"]
                hot = true
                verbose = 1

                """)
        // The pot is broken, but nobody uses it.
        #expect(run("--print-config", "broken") == .success)
        #expect(run("broken") == .inputOutput)
        #expect(run() == .usage && sink.text.contains("POT is missing"))
    }
}
