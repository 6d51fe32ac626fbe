// What becomes of every stream of the input, decided before any work.
import CFFmpeg

/// For each stream of an input: copied, converted, carried otherwise, or left out with a warning.
public struct StreamPlan {
    /// What becomes of one stream.
    public enum Action: Equatable, Sendable {
        /// The video that is enhanced.
        case enhance
        /// Packet by packet.
        case copy
        /// Text subtitles in another format, by its name.
        case convert(to: String)
        /// A cover picture that becomes an attached file.
        case attach
        /// Its content travels in another way: chapters, time code.
        case carried(by: String)
        /// Left out, and why.
        case leaveOut(String)
    }

    /// One stream and what becomes of it.
    public struct Entry: Equatable, Sendable {
        /// Index in the input.
        public let index: Int
        /// "stream 2 (audio, aac, eng)".
        public let description: String
        /// What becomes of it.
        public let action: Action
    }

    /// In the input's order.
    public let entries: [Entry]
    /// Where the streams go; nil: to where nothing but pictures has a place.
    public let container: Container?
    /// The opened input.
    public let source: SourceStreams
    /// One line for each stream that is left out.
    public var warnings: [String] {
        leftOut.map { entry in
            guard case .leaveOut(let reason) = entry.action else { return entry.description }
            return "\(entry.description) is left out: \(reason)"
        }
    }
    /// The streams that are left out.
    public var leftOut: [Entry] {
        entries.filter { if case .leaveOut = $0.action { true } else { false } }
    }
    /// Bits a second of each stream, counted; empty: as declared.
    package var countedBitrates: [Int64] = []
    /// Whether a damaged packet of a copied stream ends the job; else it is left out.
    package var stopsAtDamage = false
    /// Bits a second of all copied streams, where counted or declared.
    public var otherBitrate: Int64 {
        entries.filter { $0.action == .copy }.compactMap {
            $0.index < countedBitrates.count
                ? countedBitrates[$0.index] : source.bitrate($0.index)
        }.reduce(0, +)
    }

    /// Plans the way of every stream of `source` into `container`.
    ///
    /// - Parameters:
    ///   - isStrict: whether a stream that must be left out stops the job.
    ///   - path: the output, for errors.
    /// - Throws: ``OutputError/streamDoesNotFit(path:stream:container:advice:)`` where audio or
    ///   subtitles that FFmpeg can decode would be lost.
    public init(
        _ source: SourceStreams, into container: Container, isStrict: Bool = false, path: String
    ) throws {
        self.source = source
        self.container = container
        var entries: [Entry] = []
        for index in 0..<source.count {
            let action = Self.action(index, source, container)
            let entry = Entry(index: index, description: source.describe(index), action: action)
            if case .leaveOut(let reason) = action,
                isStrict || Self.mustNotBeLost(index, source)
            {
                throw OutputError.streamDoesNotFit(
                    path: path, stream: entry.description, container: container.fileExtension,
                    advice: Self.advice(index, source, container, reason))
            }
            entries.append(entry)
        }
        self.entries = entries
    }

    /// Leaves out every stream of `source` but the pictures, with one line each.
    ///
    /// - Parameters:
    ///   - kind: what is written: yuv4mpeg, numbered pictures, one picture.
    ///   - isStrict: whether a stream that must be left out stops the job.
    ///   - path: the output, for errors.
    /// - Throws: ``OutputError/streamDoesNotFit(path:stream:container:advice:)``.
    public init(
        picturesOf source: SourceStreams, into kind: OutputKind, isStrict: Bool = false,
        path: String
    ) throws {
        self.source = source
        container = nil
        let reason = "\(kind.name) has no place for it"
        entries = (0..<source.count).map { index in
            Entry(
                index: index, description: source.describe(index),
                action: index == source.videoIndex ? .enhance : .leaveOut(reason))
        }
        guard isStrict, let first = leftOut.first else { return }
        throw OutputError.streamDoesNotFit(
            path: path, stream: first.description, container: kind.name,
            advice: Self.advice(first.index, source, nil, reason))
    }

    /// The first of the usual containers into which everything of `source` fits that must not be
    /// lost: the extension's own first, then `.mov`, `.mkv`.
    public static func container(for source: SourceStreams, preferring wanted: Container)
        -> Container
    {
        for candidate in [wanted, .mov, .matroska]
        where (try? StreamPlan(source, into: candidate, path: "")) != nil { return candidate }
        return wanted
    }

    private static func action(
        _ index: Int, _ source: SourceStreams, _ container: Container
    ) -> Action {
        if index == source.videoIndex { return .enhance }
        let stream = source.stream(index)
        let kind = stream.pointee.codecpar.pointee.codec_type
        if stream.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC != 0 {
            if container == .matroska { return .attach }
            return Muxer.holds(stream, in: container) && container != .threeGP
                ? .copy : .leaveOut("\(container.fileExtension) has no place for a cover picture")
        }
        if kind == AVMEDIA_TYPE_SUBTITLE, let carried = subtitle(index, source, container) {
            return carried
        }
        if kind == AVMEDIA_TYPE_DATA {
            let tag = source.tagName(index)
            if tag == "tmcd", source.metadata(index)["timecode"] != nil {
                return container == .mov || container == .mp4 || container == .matroska
                    ? .carried(by: "time code")
                    : .leaveOut("\(container.fileExtension) has no place for a time code")
            }
            if tag == "text", source.context.pointee.nb_chapters > 0 {
                return .carried(by: "chapters")
            }
        }
        if Muxer.holds(stream, in: container) { return .copy }
        return .leaveOut("\(container.fileExtension) has no place for it")
    }

    private static func subtitle(
        _ index: Int, _ source: SourceStreams, _ container: Container
    ) -> Action? {
        let stream = source.stream(index)
        if Muxer.holds(stream, in: container) { return .copy }
        guard isText(stream.pointee.codecpar.pointee.codec_id), let target = container.textSubtitle,
            avcodec_find_decoder(stream.pointee.codecpar.pointee.codec_id) != nil,
            avcodec_find_encoder(target) != nil
        else { return nil }
        return .convert(to: String(cString: avcodec_get_name(target)))
    }

    static func isText(_ codec: AVCodecID) -> Bool {
        guard let descriptor = avcodec_descriptor_get(codec) else { return false }
        return descriptor.pointee.props & AV_CODEC_PROP_TEXT_SUB != 0
    }

    /// Audio and subtitles that this FFmpeg can decode, and other video.
    private static func mustNotBeLost(_ index: Int, _ source: SourceStreams) -> Bool {
        let stream = source.stream(index)
        let parameters = stream.pointee.codecpar!
        let isPicture = stream.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC != 0
        switch parameters.pointee.codec_type {
        // Of sound so damaged that not even its rate can be found, nothing is lost.
        case AVMEDIA_TYPE_AUDIO where parameters.pointee.sample_rate <= 0: return false
        case AVMEDIA_TYPE_AUDIO, AVMEDIA_TYPE_SUBTITLE:
            return avcodec_find_decoder(parameters.pointee.codec_id) != nil
        case AVMEDIA_TYPE_VIDEO:
            return !isPicture && avcodec_find_decoder(parameters.pointee.codec_id) != nil
        default: return false
        }
    }

    private static func advice(
        _ index: Int, _ source: SourceStreams, _ container: Container?, _ reason: String
    ) -> String {
        for other in [Container.matroska, .mov, .mp4, .mpegTS] where other != container {
            if case .leaveOut = action(index, source, other) { continue }
            return "\(other.fileExtension) would hold it (-o NAME\(other.fileExtension))"
        }
        return "no container of Percept's holds it (\(reason))"
    }
}
