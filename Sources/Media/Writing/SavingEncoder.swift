// The encoder for a limited number of bits.

extension Encoder {
    /// AV1, where the size is limited by the source's and nobody said how to encode; nil otherwise.
    ///
    /// At twice the bits of the H.264 or HEVC file that was enhanced, another H.264 or HEVC encoding
    /// loses about as much as enhancement gained: none of them finds again what the first encoder
    /// knew. AV1 keeps most of it.
    static func savingBits(
        _ video: VideoDescription, settings: EncoderSettings, container: Container
    ) -> Encoder? {
        guard settings.size == .auto, let bitrate = video.sourceBitrate, bitrate > 0,
            settings.leavesEncodingOpen, [.mp4, .matroska, .webm].contains(container),
            video.fieldOrder == .progressive, !video.isHighDynamicRange,
            svtAV1.pixelFormat(video.format) != nil,
            svtAV1.takes(width: video.width, height: video.height)
        else { return nil }
        return .svtAV1
    }
}

extension EncoderSettings {
    /// Whether the person named neither an encoder nor anything in the words of one; SVT-AV1's presets
    /// are numbers, those of x264 and x265 are words.
    fileprivate var leavesEncodingOpen: Bool {
        encoder == nil && crf == nil && tune == nil && options.isEmpty
            && (preset.map { Int($0) != nil } ?? true)
    }
}

extension VideoDescription {
    /// Whether light is coded for more than ordinary screens: x265 is told all that is known of it.
    fileprivate var isHighDynamicRange: Bool {
        // Transfers 16 (PQ) and 18 (HLG) of ITU-T H.273.
        hdr.map { $0 != HDRInfo() } ?? false || colour.transfer == 16 || colour.transfer == 18
    }
}
