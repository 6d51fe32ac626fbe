import Terminal
import Testing

@Suite struct ConfigurationFileTests {
    /// Reads `words` with a configuration file of this text.
    private func parse(
        _ text: String, _ words: String..., name: String = "brew.toml"
    ) throws -> Arguments {
        let file = try ScratchFile(name: name, text)
        defer { file.remove() }
        return try Brew.command.parse(["--config", file.path] + words, path: "kitchen brew")
    }

    /// The one line about a file that makes no sense, without the file's folder.
    private func complaint(
        _ text: String, _ words: String..., name: String = "brew.toml"
    ) throws -> String? {
        let file = try ScratchFile(name: name, text)
        defer { file.remove() }
        do {
            _ = try Brew.command.parse(["--config=\(file.path)"] + words)
            return nil
        } catch { return "\(error)".replacing(file.folder + "/", with: "") }
    }

    @Test("A file gives what the command line would")
    func types() throws {
        let toml = """
            pot = "big pot"
            guest = ["ann", 7]
            cups = 0x4
            strength = 0.25
            speed = "fast"
            beans = "some/beans"
            wait = 90
            water = "1.5G"
            hot = true
            cold = false
            verbose = 3
            temperature = -5
            tools = ["filter", "kettle"]
            note = "only one"
            [extra]
            a = 1
            b = "x=y"
            c = true
            """
        let arguments = try parse(toml)
        #expect(arguments[Brew.pot] == ["big pot"] && arguments[Brew.guests] == ["ann", "7"])
        #expect(arguments[Brew.cups] == 4 && arguments[Brew.strength] == 0.25)
        #expect(arguments[Brew.speed] == .fast && arguments[Brew.beans] == "some/beans")
        #expect(arguments[Brew.wait] == 90 && arguments[Brew.water] == 1_500_000_000)
        #expect(arguments[Brew.hot] && !arguments[Brew.cold] && !arguments.isGiven(Brew.cold))
        #expect(arguments[Brew.verbose] == 3 && arguments[Brew.temperature] == -5)
        #expect(arguments[Brew.tools] == ["filter", "kettle"])
        #expect(arguments[Brew.notes] == ["only one"])
        let pairs = arguments[Brew.extra].map { "\($0.key)=\($0.value)" }
        #expect(pairs == ["a=1", "b=x=y", "c=true"])
        #expect(!arguments.isGiven(Brew.quiet))
    }

    @Test("JSON says the same, whatever the case of its ending")
    func json() throws {
        let text = #"{"pot":"p","cups":4,"extra":["a=1","b=2"],"hot":true,"tools":"filter,kettle"}"#
        let arguments = try parse(text, name: "brew.JSON")
        #expect(arguments[Brew.cups] == 4 && arguments[Brew.hot])
        #expect(arguments[Brew.extra].map(\.key) == ["a", "b"])
        #expect(arguments[Brew.tools] == ["filter", "kettle"])
    }

    @Test("The command line wins, over its own options and over those that exclude them")
    func precedence() throws {
        let text = "pot = 'p'\nguest = 'ann'\ncups = 3\nhot = true\nverbose = 2\nextra = ['a=1']"
        let arguments = try parse(
            text, "--cups", "5", "--cold", "-v", "--extra", "b=2", "mine")
        #expect(arguments[Brew.cups] == 5 && arguments[Brew.verbose] == 1)
        #expect(arguments[Brew.cold] && !arguments[Brew.hot] && !arguments.isGiven(Brew.hot))
        #expect(arguments[Brew.extra].map(\.key) == ["b"])
        #expect(arguments[Brew.pot] == ["mine"] && arguments[Brew.guests] == ["ann"])
        let all = try parse(text, "mine", "bob", "eve")
        #expect(all[Brew.guests] == ["bob", "eve"] && all[Brew.hot])
    }

    @Test("Complaints name the file and the key")
    func complaints() throws {
        let expected: [(String, String)] = [
            ("cpus = 3", "unknown key 'cpus'; did you mean cups?"),
            ("coffee = 'x'", "unknown key 'coffee'"),
            ("configs = 'x'", "unknown key 'configs'"),
            ("gest = 'x'", "unknown key 'gest'; did you mean guest?"),
            ("milk = 'x'", "milk: there is no milk in this house; drink it black"),
            ("config = 'x'", "'config' belongs on the command line, not in a file"),
            ("print-config = true", "'print-config' belongs on the command line, not in a file"),
            ("help = true", "'help' belongs on the command line, not in a file"),
            ("cups = 13", "cups wants a whole number from 1 to 12, not '13'"),
            ("cups = 2.0", "cups wants a whole number from 1 to 12, not '2.0'"),
            ("cups = [2]", "cups wants a whole number from 1 to 12, not '[2]'"),
            ("cups = true", "cups wants a whole number from 1 to 12, not 'true'"),
            ("strength = nan", "strength wants a number from 0 to 1, not 'nan'"),
            ("speed = 'fats'", "speed wants slow, medium or fast, not 'fats'; did you mean fast?"),
            ("beans = ''", "beans wants a path that is not empty, not ''"),
            (#"beans = "a\u0000b""#, #"beans wants a path that is not empty, not 'a\x00b'"#),
            ("hot = 'yes'", "hot wants true or false, not 'yes'"),
            ("verbose = -1", "verbose wants true, false or how often (0 to 1000), not '-1'"),
            ("verbose = 9223372036854775807", "not '9223372036854775807'"),
            ("extra = {'a=b' = 1}", #"extra wants a pair such as key=value, not '{"a=b":1}'"#),
            ("extra = {'' = 1}", "extra wants a pair such as key=value, not '=1'"),
            ("extra = {a = []}", #"extra wants a pair such as key=value, not '{"a":[]}'"#),
            ("note = {a = 1}", #"note wants a text that is not empty, not '{"a":1}'"#),
            (
                "tools = ['filter', 'pan']",
                "separated by commas, not 'filter,pan'; did you mean filter?"
            ),
            ("pot = ['p']", #"pot wants a text, not '["p"]'"#),
            ("hot = true\ncold = true", "hot and cold exclude each other; give one of them"),
            ("cups = 3\n\ncups = 4", "not TOML at line 3: 'cups' is defined twice"),
            ("'\u{1B}[2J' = 1", "not TOML at line 1: control character in a string"),
            ("\"\\u001b[2J\" = 1", #"unknown key '\x1b[2J'"#),
        ]
        for (text, line) in expected {
            let said = try #require(try complaint(text, "pot"))
            #expect(said.hasSuffix(line), "\(said)")
            #expect(said.contains("brew.toml: "), "\(said)")
        }
        let long = "note = [" + String(repeating: "'x',", count: 1001) + "]"
        #expect(
            try complaint(long, "pot") == "brew.toml: note wants at most 1000 values, not '1001'")
        #expect(try complaint("cups = 3") == "POT is missing")
    }

    @Test("A value from the file is checked even where the command line has its own")
    func everythingIsChecked() throws {
        #expect(try complaint("cups = 99", "--cups", "3", "pot")?.contains("not '99'") == true)
    }

    @Test("Files that cannot be read say why, with the status that fits")
    func unreadable() throws {
        func status(_ body: () throws -> Void) -> Int32? {
            do { try body() } catch { return (error as? any ExitCodeProviding)?.exitCode }
            return nil
        }
        #expect(status { _ = try parse("a = b", "pot") } == 65)
        #expect(status { _ = try parse("[1]", "pot", name: "b.json") } == 65)
        #expect(status { _ = try parse("{", "pot", name: "b.json") } == 65)
        #expect(status { _ = try parse("cpus = 1", "pot") } == 64)
        #expect(status { _ = try Brew.command.parse(["--config", "/nonexistent", "p"]) } == 66)
        #expect(status { _ = try Brew.command.parse(["--config", "/", "p"]) } == 66)
        #expect(
            try complaint("[1]", "pot", name: "b.json")
                == "configuration file b.json: holds no object of options at its top")
    }

    @Test("Help comes before the file is looked at")
    func help() throws {
        #expect(try Brew.command.parse(["--config", "/nonexistent", "--help"]).wantsHelp)
    }
}
