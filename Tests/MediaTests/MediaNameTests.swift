import Media
import Testing

@Suite("Names of media")
struct MediaNameTests {
    @Test("Endings tell pictures from videos from everything else, in any case")
    func endings() {
        #expect(MediaName.isPicture("a/b.JPG") && !MediaName.isVideo("a/b.JPG"))
        #expect(MediaName.isVideo("x.y.Mp4") && !MediaName.isPicture("x.y.Mp4"))
        #expect(MediaName.isOtherPicture("scan.tiff") && !MediaName.isPicture("scan.tiff"))
        for name in ["notes.txt", "jpg", "folder.jpg/file", "a."] {
            #expect(!MediaName.isPicture(name) && !MediaName.isVideo(name))
        }
    }

    @Test("A pattern of numbered pictures is not one picture")
    func pattern() { #expect(!MediaName.isPicture("frame%06d.png")) }
}
