// What a file's name says of its content.

/// Endings by which pictures and videos are told from other files.
public enum MediaName {
    /// Whether a name is that of a single PNG or JPEG.
    public static func isPicture(_ path: String) -> Bool {
        !path.contains("%") && pictures.contains(ending(of: path))
    }

    /// Whether a name is that of a video.
    public static func isVideo(_ path: String) -> Bool { videos.contains(ending(of: path)) }

    /// Whether a name is that of a single picture that only FFmpeg reads.
    public static func isOtherPicture(_ path: String) -> Bool {
        otherPictures.contains(ending(of: path))
    }

    private static let pictures: Set<String> = ["png", "jpg", "jpeg", "jpe"]
    private static let otherPictures: Set<String> = ["webp", "bmp", "tif", "tiff"]
    private static let videos: Set<String> = [
        "mp4", "m4v", "mov", "qt", "mkv", "webm", "avi", "wmv", "asf", "flv", "gif", "ts", "m2ts",
        "mts", "mpg", "mpeg", "m2v", "vob", "3gp", "3g2", "ogv", "ogg", "mxf", "dv", "y4m", "h264",
        "264", "h265", "265", "hevc", "ivf", "nut", "rm", "rmvb",
    ]

    /// Letters behind the last point, in lower case; empty where there is none.
    private static func ending(of path: String) -> String {
        guard let dot = path.lastIndex(of: "."), !path[dot...].contains("/") else { return "" }
        return path[path.index(after: dot)...].lowercased()
    }
}
