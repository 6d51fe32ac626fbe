// Placeholder of the kinds of pictures; see StillWriter.
public enum StillFormat: String, Sendable {
    case png, jpeg
    public init?(path: String) {
        switch fileExtension(of: path) {
        case "png": self = .png
        case "jpg", "jpeg", "jpe": self = .jpeg
        default: return nil
        }
    }
}
public struct SequencePattern {
    init?(_ p: String) { guard p.utf8.contains(37) else { return nil } }
}
