// The page does in a browser what it says, and asks nobody for anything.
import Batch
import Terminal
import TestSupport
import Testing

// Skipped where no Chromium is installed: nothing else can say what a browser makes of the page.
@Suite("The report in a browser", .serialized, .enabled(if: ReportBrowser.program != nil))
struct ReportPageTests {
    private let sample = ReportSample()

    /// Opens the sample, works on it, and checks that it asked for nothing but what lies in its folder.
    private func open(
        inlined: Int = 16_000_000, changed: (String) -> String = { $0 },
        _ work: (ReportBrowser) throws -> Void
    ) throws {
        writeBytes(changed(try sample.text(inlined: inlined)).utf8, to: sample.page)
        let browser = ReportBrowser(sample.page)
        try work(browser)
        #expect(browser.close() == [])
        #expect(browser.complaints == [])
        let folder = "file://\(sample.folder)/"
        #expect(browser.requests.first == folder + "index.html")
        #expect(browser.requests.allSatisfy { $0.hasPrefix(folder) || $0.hasPrefix("data:") })
    }

    /// Opens the first row by its button, and waits for its pictures.
    private func openRow(_ browser: ReportBrowser) {
        browser.value(of: "document.querySelector('#j0 button').focus()")
        browser.press("Enter", 13, typing: "\r")
        #expect(browser.becomesTrue("document.querySelector('#j0 .after').naturalWidth > 0"))
    }

    @Test("The slider moves the border between the pictures, by keys and by dragging the picture")
    func slider() throws {
        try open { browser in
            openRow(browser)
            // Which picture is seen at tenths of the width.
            let look = """
                (() => {
                  const box = document.querySelector(".stack").getBoundingClientRect();
                  return [1, 3, 5, 7, 9].map(tenth => document.elementFromPoint(
                    box.left + box.width * tenth / 10, box.top + box.height / 2).className).join(" ");
                })()
                """
            let set = "slider.dispatchEvent(new Event('input', {bubbles: true}))"
            browser.value(of: "var slider = document.querySelector('#j0 input')")
            browser.value(of: "slider.value = 20; \(set)")
            #expect(browser.text(look) == "before after after after after")
            let clip = "getComputedStyle(document.querySelector('#j0 .after')).clipPath"
            #expect(browser.text(clip) == "inset(0px 0px 0px 20%)")
            browser.value(of: "slider.value = 79; \(set); slider.focus()")
            browser.press("ArrowRight", 39)
            #expect(browser.text("slider.value") == "80")
            #expect(browser.text(clip) == "inset(0px 0px 0px 80%)")
            #expect(browser.text(look) == "before before before before after")

            let box = browser.value(
                of: "document.querySelector('.stack').getBoundingClientRect().toJSON()")
            let left = try #require(box?["left"]?.double),
                width = try #require(box?["width"]?.double)
            let top = try #require(box?["top"]?.double)
            #expect(width >= 64)
            browser.drag(from: left + 0.8 * width, to: left + 0.4 * width, y: top + 10)
            #expect(browser.text("slider.value") == "40")
            #expect(browser.text(look) == "before before after after after")
        }
    }

    @Test("A header sorts: numbers as numbers, names as people count, backwards the second time")
    func sorts() throws {
        try open { browser in
            func names(_ column: Int, _ key: String, _ code: Int, _ typed: String) -> String? {
                browser.value(of: "document.querySelectorAll('thead button')[\(column)].focus()")
                browser.press(key, code, typing: typed)
                return browser.text(
                    "[...document.querySelectorAll('.job button')].map(b => b.textContent.slice(0, 6)).join(' ')"
                )
            }
            #expect(names(0, "Enter", 13, "\r") == "clip2. clip10 odd \">")
            #expect(names(0, " ", 32, " ") == "odd \"> clip10 clip2.")
            let sorted = "[...document.querySelectorAll('[aria-sort]')].map(h => h.ariaSort).join()"
            #expect(browser.text(sorted) == "descending")
            // 9.5 before 10.25, and the job without a figure last both ways.
            #expect(names(5, " ", 32, " ") == "clip10 clip2. odd \">")
            #expect(names(5, "Enter", 13, "\r") == "clip2. clip10 odd \">")
            #expect(browser.text(sorted) == "descending")
            // Of equals, here in state, the order stays.
            #expect(names(1, " ", 32, " ") == "clip2. clip10 odd \">")
        }
    }

    @Test("The field leaves the rows whose name or state has its text")
    func filters() throws {
        try open { browser in
            func left(_ text: String) -> String? {
                browser.text(
                    """
                    (() => {
                      const field = document.querySelector("input[type=search]");
                      field.value = "\(text)";
                      field.dispatchEvent(new Event("input"));
                      return document.querySelectorAll("tbody[id]:not([hidden])").length + ": "
                        + document.querySelector("[role=status]").textContent;
                    })()
                    """)
            }
            #expect(left("CLIP") == "2: 2 of 3")
            #expect(left("failed") == "1: 1 of 3")
            #expect(left("") == "3: ")
        }
    }

    @Test("Pictures are loaded when their row opens, whatever their files are called")
    func pictures() throws {
        try open { browser in
            let widths = """
                [...document.querySelectorAll("#j0 .details img")].map(p => p.naturalWidth).join(" ")
                """
            #expect(
                browser.becomesTrue("document.querySelector('#j0 .job img').naturalWidth == 64"))
            #expect(!browser.requests.contains { $0.contains("/frames/") })
            openRow(browser)
            #expect(browser.becomesTrue(widths + " === '64 64 64'"))
            #expect(
                browser.text("document.querySelector('#j0 button').getAttribute('aria-expanded')")
                    == "true")
            #expect(browser.requests.filter { $0.contains("/frames/") }.count == 3)
        }
    }

    @Test("Small pictures that have no room in the page are loaded from beside it")
    func beside() throws {
        try open(inlined: 100) { browser in
            let picture = "document.querySelector('#j0 .job img')"
            #expect(browser.text(picture + ".getAttribute('src')") == "thumbnails/1.jpg")
            #expect(browser.becomesTrue(picture + ".naturalWidth == 64"))
        }
    }

    @Test("A name can be no markup, and no address leaves the folder of the page")
    func names() throws {
        try open { browser in
            #expect(browser.text("document.title") == "Batch report")
            let name = "odd \"><script>document.title='broken'</script>\\n\\xff.mp4"
            #expect(browser.text("document.querySelector('#j1 button').textContent") == name)
            let failure = "document.querySelector('.failures li').textContent.trim()"
            #expect(browser.text(failure) == name + ": no frames in <it>")
            let outside = """
                [...document.querySelectorAll("[src], [href]")].map(element => element.src ?? element.href)
                  .filter(address => !address.startsWith(new URL(".", location).href)
                    && !address.startsWith("data:")).join()
                """
            #expect(browser.text(outside) == "")
            browser.value(of: "location.hash = 'j1'")
            #expect(browser.becomesTrue("document.querySelector('#j1 details').open"))
        }
    }

    @Test("Without its script the page is still complete")
    func withoutScript() throws {
        let end = "</script>\n<main>"
        try open(changed: {
            $0.replacing("<script>", with: "<template>").replacing(end, with: "</template>\n<main>")
        }
        ) { browser in
            browser.value(of: "document.querySelector('#j0 summary').focus()")
            browser.press("Enter", 13, typing: "\r")
            #expect(browser.becomesTrue("document.querySelector('#j0 .after').naturalWidth == 64"))
            #expect(browser.value(of: "document.querySelectorAll('button').length")?.integer == 0)
            let seen =
                "[...document.querySelectorAll('input')].filter(e => e.checkVisibility()).length"
            #expect(browser.value(of: seen)?.integer == 0)
        }
    }

    @Test("What would leave the folder is seen, and the policy of the page stops it")
    func policy() throws {
        let text = try sample.text()
        let stray =
            "<img src=\"http://pictures.invalid/a.png\">"
            + "<script>document.title = 'x'</script><main>"
        let start = try #require(text.firstRange(of: "<meta http-equiv="))
        let rest = text[start.lowerBound...]
        let policy = String(rest[..<rest.firstIndex(of: "\n")!])

        func open(_ text: String) -> (network: [String]?, title: String?, complaints: Int) {
            writeBytes(text.replacing("<main>", with: stray).utf8, to: sample.page)
            let browser = ReportBrowser(sample.page)
            let title = browser.text("document.title")
            return (browser.close(), title, browser.complaints.count)
        }
        let stopped = open(text)
        #expect(stopped.network == [])
        #expect(stopped.title == "Batch report")
        #expect(stopped.complaints == 2)
        let free = open(text.replacing(policy, with: ""))
        #expect(free.network == ["http://pictures.invalid/a.png"])
        #expect(free.title == "x")
    }
}
