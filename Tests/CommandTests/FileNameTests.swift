// Names of files that are no UTF-8: old discs and cameras are full of them.
import TestSupport
import Testing

@Suite("Names of files")
struct FileNameTests {
    @Test("A name in Latin-1 is read, and its output has the same bytes in its name")
    func latin1() throws {
        let place = try Workplace()
        place.clip()
        let folder = place.folder.path
        // "café" and "Übung" with single bytes for the accented letters.
        let names = ["caf\\351", "\\334bung"]
        for name in names {
            let result = shell(
                "cd '\(folder)' && cp clip.mp4 \"$(printf '\(name).mp4')\" && '\(place.mwgan.path)'"
                    + " enhance --model '\(place.model)' -q \"$(printf '\(name).mp4')\" 2> errors"
                    + " && test -s \"$(printf '\(name).enhanced.mp4')\"")
            #expect(
                result.status == 0,
                "\(String(decoding: readBytes(folder + "/errors"), as: UTF8.self))")
        }
        // As inputs of a folder, and as a folder for outputs.
        let many = shell(
            "cd '\(folder)' && mkdir \"$(printf 'in\\351')\" && cp clip.mp4 \"$(printf"
                + " 'in\\351/\(names[0]).mp4')\" && '\(place.mwgan.path)' enhance --model '\(place.model)'"
                + " -q \"$(printf 'in\\351')\" -o \"$(printf 'out\\374')/\" 2> errors && test -s"
                + " \"$(printf 'out\\374/\(names[0]).enhanced.mp4')\"")
        #expect(many.status == 0)
        // Pictures go through other libraries.
        let picture = shell(
            "cd '\(folder)' && ffmpeg -v error -i clip.mp4 -frames:v 1 p.png && mv p.png \"$(printf"
                + " '\(names[0]).png')\" && '\(place.mwgan.path)' enhance --model '\(place.model)' -q"
                + " \"$(printf '\(names[0]).png')\" -o \"$(printf '\(names[1]).jpg')\" 2> errors"
                + " && test -s \"$(printf '\(names[1]).jpg')\"")
        #expect(picture.status == 0)
        // What cannot be read is named so that a terminal can show it.
        let missing = shell(
            "'\(place.mwgan.path)' enhance --strength 0 \"$(printf '/none/caf\\351.mp4')\" 2>&1")
        #expect(missing.status == 66)
        #expect(String(decoding: missing.output, as: UTF8.self).contains("caf\\xe9.mp4"))
        let left = shell("ls -1 '\(folder)' | grep -c part").output
        #expect(String(decoding: left, as: UTF8.self) == "0\n")
        _ = shell("rm -rf '\(folder)'/*")
    }
}
