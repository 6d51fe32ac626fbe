// A browser that opens a page, is worked by keys and mouse, and tells what it asked for.
import Glibc
import Terminal
import TestSupport

/// Chromium without a window, told what to do over a pipe.
///
/// - SeeAlso: Chrome DevTools Protocol, with `--remote-debugging-pipe`: JSON, and a zero after each.
final class ReportBrowser {
    /// The first browser that is installed; nil where there is none.
    static let program: String? = ["chromium", "chromium-browser", "google-chrome"].first {
        shell("command -v \($0) >/dev/null").status == 0
    }

    /// What has gone wrong in the page: errors of its script, and what its policy refused.
    private(set) var complaints: [String] = []
    /// Addresses that the page asked for, files and all.
    private(set) var requests: [String] = []
    private let place = TemporaryFolder()
    private var scratch: String { place.path }
    private let commands: UnsafeMutablePointer<FILE>
    private let answers: UnsafeMutablePointer<FILE>
    private var session: String?
    private var count = 0
    private var hasLoaded = false

    /// A browser with a page open.
    init(_ page: String) {
        let scratch = place.path
        // No name is ever looked up; what would have been asked for is in the log all the same.
        let flags = [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-extensions", "--disable-sync", "--disable-default-apps",
            "--host-resolver-rules='MAP * ~NOTFOUND'", "--user-data-dir='\(scratch)/profile'",
            "--log-net-log='\(scratch)/log.json'", "--window-size=1280,900",
            // Without a window nothing would be lazy otherwise.
            "--blink-settings=lazyLoadEnabled=true", "--remote-debugging-pipe",
            "about:blank",
        ]
        let command = "exec timeout 120 \(Self.program!) \(flags.joined(separator: " "))"
        shell("mkfifo '\(scratch)/in' '\(scratch)/out'")
        // Opening the pipes waits for this process, which waits for the end of the shell's output: given up first.
        shell("(exec >/dev/null 2>&1; \(command) 3<'\(scratch)/in' 4>'\(scratch)/out') &")
        commands = fopen(scratch + "/in", "w")
        answers = fopen(scratch + "/out", "r")
        let target = send("Target.createTarget", [("url", .string("about:blank"))])?["targetId"]
        session =
            send(
                "Target.attachToTarget", [("targetId", target ?? .null), ("flatten", .bool(true))])?[
                "sessionId"]?.text
        for part in ["Page", "Network", "Runtime", "Log"] { send(part + ".enable") }
        send("Page.navigate", [("url", .string("file://" + page))])
        while !hasLoaded, receive() != nil {}
    }

    deinit {
        fclose(commands)
        fclose(answers)
    }

    /// The value of an expression in the page, when it has one.
    @discardableResult
    func value(of expression: String) -> JSONValue? {
        let parameters: [(String, JSONValue)] = [
            ("expression", .string(expression)), ("awaitPromise", .bool(true)),
            ("returnByValue", .bool(true)),
        ]
        return send("Runtime.evaluate", parameters)?["result"]?["value"]
    }

    /// The value of an expression that is a text.
    func text(_ expression: String) -> String? { value(of: expression)?.text }

    /// Whether an expression becomes true within some seconds.
    func becomesTrue(_ expression: String) -> Bool {
        for _ in 0..<100 {
            if value(of: expression)?.boolean == true { return true }
            usleep(50_000)
        }
        return false
    }

    /// Presses a key: its name, its code, and what it types.
    func press(_ key: String, _ code: Int, typing text: String = "") {
        for type in ["keyDown", "keyUp"] {
            send(
                "Input.dispatchKeyEvent",
                [
                    ("type", .string(type)), ("key", .string(key)),
                    ("windowsVirtualKeyCode", .int(code)),
                    ("text", .string(type == "keyDown" ? text : "")),
                ])
        }
    }

    /// Presses the mouse at one point, drags it along the row to another, and releases it.
    func drag(from x: Double, to end: Double, y: Double) {
        let steps = [("mousePressed", x), ("mouseMoved", (x + end) / 2), ("mouseMoved", end)]
        for (type, x) in steps + [("mouseReleased", end)] {
            send(
                "Input.dispatchMouseEvent",
                [
                    ("type", .string(type)), ("x", .number(x)), ("y", .number(y)),
                    ("button", .string("left")), ("clickCount", .int(1)),
                    ("buttons", .int(type == "mouseReleased" ? 0 : 1)),
                ])
        }
    }

    /// Ends the browser.
    ///
    /// - Returns: Addresses on a network that the page asked for; nil where there is no log of them.
    func close() -> [String]? {
        send("Browser.close")
        while receive() != nil {}
        return Self.requests(in: readBytes(scratch + "/log.json"))
    }

    @discardableResult
    private func send(_ method: String, _ parameters: [(String, JSONValue)] = []) -> JSONValue? {
        count += 1
        var message: [(String, JSONValue)] = [
            ("id", .int(count)), ("method", .string(method)), ("params", .object(parameters)),
        ]
        if let session { message.append(("sessionId", .string(session))) }
        fputs(JSONValue.object(message).compact, commands)
        fputc(0, commands)
        fflush(commands)
        while let answer = receive() {
            if answer["id"]?.integer == count { return answer["result"] }
        }
        return nil
    }

    /// The next message, having noted what it tells; nil where the browser has ended.
    private func receive() -> JSONValue? {
        var line: UnsafeMutablePointer<CChar>?
        var size = 0
        defer { free(line) }
        guard getdelim(&line, &size, 0, answers) > 0,
            let message = try? JSONValue(parsing: String(cString: line!))
        else { return nil }
        let parameters = message["params"]
        switch message["method"]?.text {
        case "Page.loadEventFired": hasLoaded = true
        case "Network.requestWillBeSent":
            if let url = parameters?["request"]?["url"]?.text { requests.append(url) }
        case "Runtime.exceptionThrown":
            complaints.append(parameters?["exceptionDetails"]?.compact ?? "exception")
        case "Log.entryAdded":
            complaints.append(parameters?["entry"]?["text"]?.text ?? "entry")
        default: break
        }
        return message
    }

    /// What pages asked for, in a network log; nil where it is none.
    ///
    /// A browser asks its maker for this and that on its own; such requests have no origin.
    private static func requests(in log: [UInt8]) -> [String]? {
        guard let root = try? JSONValue(parsing: log), let events = root["events"]?.elements,
            !events.isEmpty
        else { return nil }
        return events.compactMap { event in
            guard let parameters = event["params"], let url = parameters["url"]?.text else {
                return nil
            }
            let origin = parameters["initiator"]?.text ?? "not an origin"
            return origin != "not an origin" ? url : nil
        }
    }
}
