// A media file opened for reading, with the doors to every other file and protocol shut.
import CFFmpeg
import FileNames
import Glibc

/// What a reader may do and how far it may go.
public struct ReadOptions: Sendable {
    /// Largest picture that is decoded, in pixels: of a video, and of a still.
    public var maximumPixels: Int, maximumStillPixels: Int
    /// Decoder threads; 0 leaves the choice to FFmpeg.
    public var threads: Int
    /// Whether motion vectors are exported with the frames.
    public var exportsMotion: Bool
    /// Whether a damaged frame is an error instead of being concealed and counted.
    public var isStrict: Bool
    /// Whether input that ends too early gives what can be read, instead of being an error.
    public var isLenient: Bool
    /// Pixels that the longer side of a JPEG must keep: where it has twice as many or more, it is read at a half, a
    /// quarter or an eighth of its size; nil reads all of it.
    public var enoughPixels: Int?
    /// What is done about parts that were never decoded.
    public var losses = LossHandling.none
    /// Whether only key frames of a video are decoded.
    public var onlyKeyFrames = false
    /// Whether pictures of a video that no other one is made of are left out where the codec says which those are, and
    /// whether its loop filter is: for whoever looks at some of the pictures, and at a small size.
    public var skipsUnreferenced = false, skipsLoopFilter = false

    /// Limits of the project: 8192 x 8192 pixels of video, 178 megapixels of a still.
    public init(
        maximumPixels: Int = 8192 * 8192, maximumStillPixels: Int = 178_000_000, threads: Int = 0,
        exportsMotion: Bool = false, isStrict: Bool = false, isLenient: Bool = false
    ) {
        self.maximumPixels = maximumPixels
        self.maximumStillPixels = maximumStillPixels
        self.isLenient = isLenient
        self.threads = threads
        self.exportsMotion = exportsMotion
        self.isStrict = isStrict
    }
}

/// Silences FFmpeg's own log once: what matters is thrown or counted.
let quietLibrary: Void = av_log_set_level(AV_LOG_QUIET)

/// An opened file: demuxer and what it declares. Use it from one thread at a time.
public final class MediaSource: @unchecked Sendable {
    /// The path as given.
    public let path: String
    /// What the file declares.
    public let info: MediaInfo
    let context: UnsafeMutablePointer<AVFormatContext>
    private var bytes: UnsafeMutablePointer<AVIOContext>?

    /// Opens `path` and reads its headers.
    ///
    /// Only this one file is read: formats that name other files are refused before their demuxer
    /// sees a byte, and the demuxer's own way of opening files is closed.
    /// - Throws: ``MediaError`` with exit status 66 (missing, unreadable), 65 (not media, refused).
    public init(path: String, options: ReadOptions = ReadOptions()) throws {
        _ = quietLibrary
        self.path = path
        let byteCount = try MediaSource.checkRegularFile(path)
        var bytes: UnsafeMutablePointer<AVIOContext>?
        let opened = avio_open2(&bytes, ("file:" + path).fileName, AVIO_FLAG_READ, nil, nil)
        guard opened >= 0 else {
            throw MediaError.unreadableInput(path: path, reason: errorText(opened))
        }
        var context: UnsafeMutablePointer<AVFormatContext>? = nil
        do {
            let format = try MediaSource.recognise(bytes, path: path)
            context = try MediaSource.open(bytes, format, path: path, options: options)
            info = MediaInfo(context!, path: path, byteCount: byteCount)
            try MediaSource.checkSizes(info, limit: options.maximumPixels)
        } catch {
            avformat_close_input(&context)
            avio_closep(&bytes)
            throw error
        }
        self.context = context!
        self.bytes = bytes
    }

    deinit {
        var context: UnsafeMutablePointer<AVFormatContext>? = context
        avformat_close_input(&context)
        avio_closep(&bytes)
    }

    /// Size of the file; throws where it is missing, unreadable, empty or no plain file.
    static func checkRegularFile(_ path: String) throws -> Int64 {
        var status = stat()
        guard stat(path.fileName, &status) == 0 else {
            let code = errno
            guard code != ENOENT && code != ENOTDIR else {
                throw MediaError.missingInput(path: path)
            }
            throw MediaError.unreadableInput(path: path, reason: String(cString: strerror(code)))
        }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw MediaError.notVideo(path: path, reason: "it is a folder")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw MediaError.notVideo(path: path, reason: "it is no regular file")
        }
        guard status.st_size > 0 else {
            throw MediaError.notVideo(path: path, reason: "the file is empty")
        }
        guard access(path.fileName, R_OK) == 0 else {
            let reason = String(cString: strerror(errno))
            throw MediaError.unreadableInput(path: path, reason: reason)
        }
        return Int64(status.st_size)
    }

    /// Formats that name other files, or that make a "video" out of any text.
    private static let refusedFormats: [String: String] = [
        "hls": "playlist (HLS)", "dash": "playlist (DASH)", "concat": "playlist (concat)",
        "imf": "playlist (IMF)", "webm_dash_manifest": "playlist (WebM DASH)",
        "sdp": "session description (SDP)", "rtsp": "network stream", "rtp": "network stream",
        "image2": "file pattern", "lavfi": "filter graph", "vobsub": "subtitle index",
        "svg_pipe": "drawing (SVG)", "mlv": "multi-file recording (MLV)",
    ]
    private static let textFormats: Set<String> = [
        "tty", "bin", "xbin", "adf", "idf", "ffmetadata", "rawvideo",
    ]

    private static func recognise(_ bytes: UnsafeMutablePointer<AVIOContext>?, path: String) throws
        -> UnsafePointer<AVInputFormat>
    {
        var format: UnsafePointer<AVInputFormat>?
        let score = av_probe_input_buffer2(bytes, &format, ("file:" + path).fileName, nil, 0, 0)
        guard score >= 0, let format else {
            throw MediaError.notVideo(path: path, reason: "no known format")
        }
        let name = String(cString: format.pointee.name)
        for part in name.split(separator: ",") {
            if let words = refusedFormats[String(part)] {
                throw MediaError.forbiddenFormat(path: path, format: words)
            }
            if textFormats.contains(String(part)) {
                throw MediaError.notVideo(path: path, reason: "no known format")
            }
        }
        return format
    }

    private static func open(
        _ bytes: UnsafeMutablePointer<AVIOContext>?, _ format: UnsafePointer<AVInputFormat>,
        path: String, options: ReadOptions
    ) throws -> UnsafeMutablePointer<AVFormatContext> {
        var context: UnsafeMutablePointer<AVFormatContext>? = try allocated(
            avformat_alloc_context())
        context!.pointee.pb = bytes
        context!.pointee.io_open = { _, pointer, _, _, _ in
            pointer?.pointee = nil
            return percept_averror(EPERM)
        }
        var settings: OpaquePointer?
        defer { av_dict_free(&settings) }
        av_dict_set(&settings, "protocol_whitelist", "file", 0)
        av_dict_set(&settings, "probesize", "20000000", 0)
        av_dict_set(&settings, "max_pixels", String(options.maximumPixels), 0)
        let opened = avformat_open_input(&context, ("file:" + path).fileName, format, &settings)
        guard opened >= 0, let context else {
            throw MediaError.notVideo(
                path: path, reason: openingReason(opened, String(cString: format.pointee.name)))
        }
        do {
            try examine(context, path: path, options: options)
        } catch {
            var context: UnsafeMutablePointer<AVFormatContext>? = context
            avformat_close_input(&context)
            throw error
        }
        return context
    }

    private static func openingReason(_ code: Int32, _ format: String) -> String {
        let isMP4 = format.hasPrefix("mov,")
        return isMP4 && code == percept_averror_invalid_data
            ? "its index (moov) is missing: the recording was cut short or never finished"
            : "\(format): \(errorText(code))"
    }

    /// Lets FFmpeg look at the streams, with the pixel limit in force for its own trial decoding.
    private static func examine(
        _ context: UnsafeMutablePointer<AVFormatContext>, path: String, options: ReadOptions
    ) throws {
        let count = Int(context.pointee.nb_streams)
        for index in 0..<count {
            try checkSize(
                context.pointee.streams[index]!.pointee.codecpar.pointee,
                limit: options.maximumPixels, path: path)
        }
        var settings = [OpaquePointer?](repeating: nil, count: max(count, 1))
        for index in 0..<count {
            av_dict_set(&settings[index], "max_pixels", String(options.maximumPixels), 0)
        }
        defer {
            for index in settings.indices { av_dict_free(&settings[index]) }
        }
        let found = avformat_find_stream_info(context, &settings)
        guard found >= 0 else {
            throw MediaError.notVideo(path: path, reason: errorText(found))
        }
    }

    private static func checkSize(_ parameters: AVCodecParameters, limit: Int, path: String) throws
    {
        guard parameters.codec_type == AVMEDIA_TYPE_VIDEO else { return }
        let (width, height) = (Int(parameters.width), Int(parameters.height))
        guard width > 0, height > 0 else { return }
        let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
        guard !overflow, pixels <= limit else {
            throw MediaError.tooManyPixels(path: path, width: width, height: height, limit: limit)
        }
    }

    private static func checkSizes(_ info: MediaInfo, limit: Int) throws {
        guard let video = info.video?.video else { return }
        let (pixels, overflow) = video.width.multipliedReportingOverflow(by: video.height)
        guard !overflow, pixels <= limit else {
            throw MediaError.tooManyPixels(
                path: info.path, width: video.width, height: video.height, limit: limit)
        }
    }
}
