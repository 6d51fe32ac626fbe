import Terminal
import Testing

@Suite struct TableTests {
    @Test("Columns are aligned by what is shown, without spaces at the end")
    func alignment() {
        var table = Table([("clip", .left), ("fps", .right), ("note", .left)])
        table.append(["a.mp4", "30.5", "good"])
        table.append(["映画.mp4", "7", ""])
        #expect(
            table.lines() == [
                "clip       fps  note", "a.mp4     30.5  good", "映画.mp4     7",
            ])
        #expect(table.lines(style: Style(isEnabled: true))[0].hasPrefix("\u{1B}[1mclip"))
    }
}
